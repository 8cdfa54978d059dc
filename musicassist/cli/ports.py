"""``musicassist ports``: the MIDI ports and audio drivers of this machine.

They are asked for in a child process: the sound systems' libraries print as they like, and may crash.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from typing import Any

from musicassist.cli.output import print_json
from musicassist.terminal import say

TIMEOUT_SECONDS = 30.0  # LIMIT: four drivers at 2 s each, the players, and the imports
NO_ANSWER = "The sound systems of this machine did not answer."
AUDIO_REMEDY = "Audio files can be written all the same, with 'musicassist render'."
MIDI_REMEDY = "Plug in a keyboard or start a MIDI system. All else works without."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``ports`` has no options of its own."""


def run(args: argparse.Namespace) -> int:
    """Lists the ports and drivers; having none is no error."""
    found = ask_sound_systems()
    problems = [problem for problem in (found.midi_problem, found.audio_problem) if problem]
    if args.json:
        print_json(
            {
                "inputs": list(found.inputs),
                "outputs": list(found.outputs),
                "audio_drivers": list(found.drivers),
                "audio_driver": found.driver,
                "problems": problems,
            }
        )
        return 0
    say(f"MIDI inputs: {', '.join(found.inputs) or 'none'}")
    say(f"MIDI outputs: {', '.join(found.outputs) or 'none'}")
    say(f"Audio driver: {found.driver or 'none works'} (tried: {', '.join(found.drivers)})")
    for problem in problems:
        say(problem)
    return 0


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
    # A question about JACK must not start its server.
    environment = {**os.environ, "JACK_NO_START_SERVER": "1"}
    command = [sys.executable, "-m", "musicassist.cli.ports"]
    try:
        answer = subprocess.run(command, env=environment, capture_output=True, timeout=TIMEOUT_SECONDS, check=True)
        found: dict[str, Any] = json.loads(answer.stdout)
    except (subprocess.SubprocessError, OSError, ValueError):
        return SoundSystems(midi_problem=NO_ANSWER, audio_problem=NO_ANSWER)
    values: dict[str, Any] = {n: tuple(value) if isinstance(value, list) else value for n, value in found.items()}
    return SoundSystems(**values)


def _look() -> SoundSystems:
    from musicassist.sound.messages import SILENT_DRIVER, SoundSettings
    from musicassist.sound.outputs import drivers_in_order, open_output
    from musicassist.sound.ports import list_ports

    ports, output = list_ports(), open_output(SoundSettings())
    output.synth.close()
    driver = None if output.status.driver == SILENT_DRIVER else output.status.driver
    return SoundSystems(ports.inputs, ports.outputs, ports.problem, drivers_in_order(), driver, output.status.problem)


def _answer_alone_on_stdout() -> None:
    """Writes the answer to stdout, and nothing that C libraries print now or at their end."""
    stdout, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.write(stdout, json.dumps(asdict(_look())).encode())
    os._exit(0)


if __name__ == "__main__":
    _answer_alone_on_stdout()
