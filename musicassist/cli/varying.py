"""``musicassist vary``: the phrase of a file, a little or quite different."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from musicassist.cli.composing import (
    add_musical_options,
    add_takes_option,
    answer,
    check_takes_places,
    make_takes,
    number,
    write_takes,
)
from musicassist.cli.phrases import add_bar_options, add_track_option, bars_request

DEFAULT_AMOUNT = 0.5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``vary``."""
    parser.add_argument("input", type=Path, metavar="IN", help="a MIDI file with the phrase")
    parser.add_argument(
        "--amount",
        type=number(0, 1, is_lowest_meant=True),
        default=DEFAULT_AMOUNT,
        metavar="X",
        help="how far from the phrase, 0 (near) to 1 (far); default %(default)s",
    )
    add_bar_options(parser, required=False)
    add_takes_option(parser)
    add_track_option(parser)
    add_musical_options(parser)


def run(args: argparse.Namespace) -> int:
    """Varies the phrase and writes one file a take; everything else stays as it is."""
    check_takes_places(args.output, args.takes)
    request = replace(bars_request(args, "vary"), amount=args.amount)
    takes = make_takes(request, args.model)
    answer(request, write_takes(request, takes, args.output), as_json=args.json)
    return 0
