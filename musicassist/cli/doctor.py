"""``musicassist doctor``: what works on this machine, and how to mend what does not."""

from __future__ import annotations

import argparse
import importlib.util
import platform
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from musicassist.cli.output import counted, missing_display, print_json
from musicassist.cli.ports import AUDIO_REMEDY, MIDI_REMEDY, NO_ANSWER, SoundSystems, ask_sound_systems
from musicassist.errors import MusicAssistError
from musicassist.resources import checkpoints_folder, resources_folder
from musicassist.settings import load_settings, state_folder, user_folder
from musicassist.terminal import Progress, say

DEFAULT_MODEL = "lstm"
STRIP_REMEDY = "click on the sound at the bottom of the window and choose another"
SETUP = "Run 'make setup' in the checkout, or install musicassist again."


@dataclass(frozen=True)
class Finding:
    """What was found when one thing was looked at.

    Attributes:
        says: What is the case.
        remedy: What to do; None where all is well.
    """

    says: str
    remedy: str | None = None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``doctor`` has no options of its own."""


def run(args: argparse.Namespace) -> int:
    """Looks at everything; finding something broken is a success of the doctor."""
    progress = Progress()
    findings: dict[str, Finding] = {}
    for name, look in LOOKS.items():
        progress.say(f"Looking at: {name} ...")
        findings[name] = look()
    progress.close()
    if args.json:
        checks = [{"name": name, "works": found.remedy is None, **asdict(found)} for name, found in findings.items()]
        print_json({"works": all(check["works"] for check in checks), "checks": checks})
        return 0
    width = max(map(len, findings))
    for name, found in findings.items():
        say(f"{'ok     ' if found.remedy is None else 'MISSING'}  {name:<{width}}  {found.says}")
        if found.remedy is not None:
            say(f"{'':<{width + 11}}-> {found.remedy}")
    return 0


def _look_at_program() -> Finding:
    try:
        ours = version("musicassist")
    except PackageNotFoundError:
        ours = "from source"
    return Finding(f"musicassist {ours}, Python {platform.python_version()}, {platform.system()} {platform.machine()}")


def _look_at_window() -> Finding:
    """Qt is looked for, not loaded."""
    if importlib.util.find_spec("PySide6") is None:
        return Finding("Qt for Python is not installed.", SETUP)
    says = f"Qt for Python {version('PySide6-Essentials')}"
    problem = missing_display()
    if problem is not None:
        return Finding(f"{says}, but there is no display", "Use the command line, or start it on a desktop.")
    return Finding(says)


def _look_at_torch() -> Finding:
    if importlib.util.find_spec("torch") is None:
        return Finding("PyTorch is not installed, so no model can run.", SETUP)
    return Finding(f"PyTorch {version('torch')}")


def _look_at_models() -> Finding:
    """Loads the default model, which reads its file as a whole."""
    from musicassist.families.registry import FAMILIES

    cards = FAMILIES.installed(checkpoints_folder())
    if importlib.util.find_spec("torch") is None:
        return Finding(f"{counted(len(cards), 'model', 'models')}, none can run.", SETUP)
    try:
        from musicassist.composing.engine import Engine

        Engine(checkpoints_folder(), FAMILIES).load(DEFAULT_MODEL)
    except MusicAssistError as error:
        return Finding(str(error), "Install musicassist again, or choose another model with --model.")
    return Finding(f"{', '.join(card.name for card in cards)}; {DEFAULT_MODEL} loads")


def _look_at_fluidsynth() -> Finding:
    from musicassist.sound.fluid_library import is_fluidsynth_here

    if is_fluidsynth_here():
        return Finding("libfluidsynth is installed")
    return Finding("libfluidsynth was not found; the built-in synth plays where it can", _library_remedy())


def _library_remedy() -> str:
    if sys.platform == "darwin":
        return "brew install fluid-synth"
    if sys.platform == "win32":
        return "choco install fluidsynth"
    return "sudo apt-get install libfluidsynth3 (Fedora: fluidsynth-libs, Arch: fluidsynth)"


def _look_at_soundfont() -> Finding:
    from musicassist.sound.soundfonts import find_soundfont

    chosen = load_settings().settings.soundfont
    try:
        return Finding(str(find_soundfont(Path(chosen) if chosen else None)))
    except MusicAssistError as error:
        return Finding(str(error), "Choose an SF2 or SF3 file: click on the sound at the bottom of the window.")


def _look_at_audio() -> Finding:
    from musicassist.sound.messages import SILENT_DRIVER
    from musicassist.sound.outputs import NO_AUDIO_REMEDY

    found, settings = _sound_systems(), load_settings().settings
    if settings.output_port is not None and settings.output_port not in found.outputs:
        says = f"The chosen MIDI port {settings.output_port} is not connected; the built-in synth plays."
        return Finding(says, f"Plug it in again, or {STRIP_REMEDY}.")
    if settings.output_port is not None:
        return Finding(f"plays through the MIDI port {settings.output_port}")
    if settings.sound_driver == SILENT_DRIVER:
        return Finding("silent, as it was chosen", f"To hear something, {STRIP_REMEDY}.")
    if found.driver is None:
        return Finding(found.audio_problem or NO_ANSWER, f"{NO_AUDIO_REMEDY} {AUDIO_REMEDY}")
    return Finding(f"plays through {found.driver}")


def _look_at_audio_files() -> Finding:
    from musicassist.sound.render import load_soundfile

    try:
        return Finding(f"WAV and FLAC, with libsndfile {load_soundfile().__libsndfile_version__}")
    except MusicAssistError as error:
        return Finding(str(error), SETUP)


def _look_at_timing() -> Finding:
    """Asks for the priority in a thread of its own, which ends at once."""
    from musicassist.sound.clocks import SENDER_PRIORITY, ask_realtime_priority

    granted: list[bool] = []
    thread = threading.Thread(target=lambda: granted.append(ask_realtime_priority(SENDER_PRIORITY)))
    thread.start()
    thread.join()
    if granted == [True]:
        return Finding("notes to MIDI ports are sent with real-time priority")
    how = " (Linux grants one to the members of a group such as audio)" if sys.platform == "linux" else ""
    return Finding(f"notes to MIDI ports are sent without real-time priority{how}")


def _look_at_midi() -> Finding:
    found = _sound_systems()
    if found.midi_problem is not None:
        return Finding(found.midi_problem, MIDI_REMEDY)
    inputs, outputs = len(found.inputs), len(found.outputs)
    return Finding(f"{counted(inputs, 'input', 'inputs')}, {counted(outputs, 'output', 'outputs')}")


@cache
def _sound_systems() -> SoundSystems:
    """One look for audio and MIDI."""
    return ask_sound_systems()


def _look_at_settings() -> Finding:
    warning = load_settings().warning
    if warning is not None:
        return Finding(warning, "The next change in the window writes them anew.")
    return Finding(f"settings in {user_folder()}, recovery in {state_folder()}")


def _look_at_resources() -> Finding:
    if (resources_folder() / "icons").is_dir():
        return Finding(str(resources_folder()))
    return Finding(f"{resources_folder()} is missing.", SETUP)


LOOKS: dict[str, Callable[[], Finding]] = {
    "program": _look_at_program,
    "window": _look_at_window,
    "PyTorch": _look_at_torch,
    "models": _look_at_models,
    "FluidSynth": _look_at_fluidsynth,
    "SoundFont": _look_at_soundfont,
    "audio": _look_at_audio,
    "audio files": _look_at_audio_files,
    "MIDI": _look_at_midi,
    "timing": _look_at_timing,
    "settings": _look_at_settings,
    "resources": _look_at_resources,
}
