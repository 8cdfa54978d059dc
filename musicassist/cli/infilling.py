"""``musicassist infill``: other notes for some bars, which go on from what stands before and lead to what follows."""

from __future__ import annotations

import argparse
from pathlib import Path

from musicassist.cli.composing import (
    add_musical_options,
    add_takes_option,
    answer,
    check_takes_places,
    make_takes,
    models_folder,
    remark,
    write_takes,
)
from musicassist.cli.phrases import add_bar_options, add_track_option, bars_request


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``infill``."""
    parser.add_argument("input", type=Path, metavar="IN", help="a MIDI file with notes around the bars")
    add_bar_options(parser, required=True)
    add_takes_option(parser)
    add_track_option(parser)
    add_musical_options(parser)


def run(args: argparse.Namespace) -> int:
    """Fills the bars and writes one file a take; everything else stays as it is."""
    check_takes_places(args.output, args.takes)
    request = bars_request(args, "infill")
    takes = make_takes(request, args.model)
    answer(
        request,
        write_takes(request, takes, args.output),
        as_json=args.json,
        remark=remark(request, models_folder(args.model)),
    )
    return 0
