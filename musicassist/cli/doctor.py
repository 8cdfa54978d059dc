"""``musicassist doctor`` and ``ports``: what works on this machine, and how to mend what does not.

Ports and audio drivers are asked for in a child process: the libraries of sound systems print as they like, and crash.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from musicassist.child_process import start_module
from musicassist.errors import MusicAssistError
from musicassist.resources import checkpoints_folder, resources_folder
from musicassist.settings import load_settings, state_folder, user_folder
from musicassist.terminal import Progress, counted, missing_display, print_json, say
from musicassist.values import value_of

DEFAULT_MODEL = "lstm-form"
STRIP_REMEDY = "click on the sound at the bottom of the window and choose another"
TIMEOUT_SECONDS = 30.0  # LIMIT: four drivers at 2 s each, the players, and the imports
NO_ANSWER = "The sound systems of this machine did not answer."
AUDIO_REMEDY = "Audio files can be written all the same, with 'musicassist render'."
MIDI_REMEDY = "Plug in a keyboard or start a MIDI system. All else works without."
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
    """Neither has options of its own."""


def run(args: argparse.Namespace) -> int:
    """Looks at everything, or lists the ports."""
    if args.word == "ports":
        _list_ports(as_json=args.json)
    else:
        _examine(as_json=args.json)
    return 0


def _examine(*, as_json: bool) -> None:
    """Looks at everything; finding something broken is a success of the doctor."""
    progress = Progress()
    findings: dict[str, Finding] = {}
    for name, look in LOOKS.items():
        progress.say(f"Looking at: {name} ...")
        findings[name] = look()
    progress.close()
    if as_json:
        checks = [{"name": name, "works": found.remedy is None, **asdict(found)} for name, found in findings.items()]
        print_json({"works": all(check["works"] for check in checks), "checks": checks})
        return
    width = max(map(len, findings))
    for name, found in findings.items():
        say(f"{'ok     ' if found.remedy is None else 'MISSING'}  {name:<{width}}  {found.says}")
        if found.remedy is not None:
            say(f"{'':<{width + 11}}-> {found.remedy}")


def _list_ports(*, as_json: bool) -> None:
    """Having none is no error."""
    found = ask_sound_systems()
    problems = [problem for problem in (found.midi_problem, found.audio_problem) if problem]
    if as_json:
        drivers = {"audio_drivers": found.drivers, "audio_driver": found.driver}
        print_json({"inputs": found.inputs, "outputs": found.outputs, **drivers, "problems": problems})
        return
    say(f"MIDI inputs: {', '.join(found.inputs) or 'none'}")
    say(f"MIDI outputs: {', '.join(found.outputs) or 'none'}")
    say(f"Audio driver: {found.driver or 'none works'} (tried: {', '.join(found.drivers)})")
    for problem in problems:
        say(problem)


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
    from musicassist.families.registry import FAMILIES, make_engine

    cards = FAMILIES.installed(checkpoints_folder())
    if importlib.util.find_spec("torch") is None:
        return Finding(f"{counted(len(cards), 'model', 'models')}, none can run.", SETUP)
    try:
        make_engine().load(DEFAULT_MODEL)
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


@dataclass(frozen=True)
class SoundSystems:
    """MIDI ports and audio drivers.

    Attributes:
        inputs, outputs: Names of MIDI ports.
        midi_problem: Why there can be no ports, in words; None where there could be.
        drivers: The audio drivers that FluidSynth was tried with.
        driver: What plays: one of them, or the built-in synth; None if nothing does.
        audio_problem: Why none of them works, in words.
    """

    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    midi_problem: str | None = None
    drivers: tuple[str, ...] = ()
    driver: str | None = None
    audio_problem: str | None = None


def ask_sound_systems() -> SoundSystems:
    """Asks; takes some seconds where drivers are slow to answer."""
    try:
        with start_module("musicassist.cli.doctor", stdout=subprocess.PIPE) as child:
            try:
                said, _ = child.communicate(timeout=TIMEOUT_SECONDS)
            finally:
                child.kill()
        return value_of(SoundSystems, json.loads(said))
    except (subprocess.TimeoutExpired, OSError, ValueError):
        return SoundSystems(midi_problem=NO_ANSWER, audio_problem=NO_ANSWER)


def _look() -> SoundSystems:
    from musicassist.sound.messages import SILENT_DRIVER, SoundSettings
    from musicassist.sound.outputs import drivers_in_order, open_output
    from musicassist.sound.ports import list_ports

    ports, output = list_ports(), open_output(SoundSettings())
    output.synth.close()
    driver = None if output.status.driver == SILENT_DRIVER else output.status.driver
    problem = None if output.status.problem is None else str(output.status.problem)
    return SoundSystems(ports.inputs, ports.outputs, ports.problem, drivers_in_order(), driver, problem)


def _answer_alone_on_stdout() -> None:
    """Writes the answer to stdout, and nothing that C libraries print now or at their end."""
    stdout, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.write(stdout, json.dumps(asdict(_look())).encode())
    os._exit(0)


if __name__ == "__main__":
    _answer_alone_on_stdout()
