"""``musicassist ports``: the MIDI ports and audio drivers of this machine."""

from __future__ import annotations

import argparse

from musicassist.cli.output import print_json
from musicassist.sound.drivers import probe
from musicassist.sound.ports import list_ports


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``ports`` has no options of its own."""


def run(args: argparse.Namespace) -> int:
    """Lists the ports and drivers; having none is no error."""
    ports, drivers = list_ports(), probe()
    if args.json:
        print_json(
            {
                "inputs": list(ports.inputs),
                "outputs": list(ports.outputs),
                "audio_drivers": list(drivers.known),
                "audio_driver": drivers.driver,
                "problems": [problem for problem in (ports.problem, drivers.problem) if problem],
            }
        )
        return 0
    for title, names in (("MIDI inputs", ports.inputs), ("MIDI outputs", ports.outputs), ("audio", drivers.known)):
        print(f"{title}: {', '.join(names) or 'none'}")
    for problem in (ports.problem, drivers.problem):
        if problem:
            print(problem)
    return 0
