"""``musicassist ports``: the MIDI ports and audio drivers of this machine."""

from __future__ import annotations

import argparse

from musicassist.cli.hearing import hear
from musicassist.cli.output import print_json
from musicassist.terminal import say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``ports`` has no options of its own."""


def run(args: argparse.Namespace) -> int:
    """Lists the ports and drivers; having none is no error."""
    heard = hear()
    problems = [problem for problem in (heard.midi_problem, heard.audio_problem) if problem]
    if args.json:
        print_json(
            {
                "inputs": list(heard.inputs),
                "outputs": list(heard.outputs),
                "audio_drivers": list(heard.drivers),
                "audio_driver": heard.driver,
                "problems": problems,
            }
        )
        return 0
    say(f"MIDI inputs: {', '.join(heard.inputs) or 'none'}")
    say(f"MIDI outputs: {', '.join(heard.outputs) or 'none'}")
    say(f"Audio driver: {heard.driver or 'none works'} (tried: {', '.join(heard.drivers)})")
    for problem in problems:
        say(problem)
    return 0
