"""``musicassist continue``: the phrase of a file and what may follow it."""

from __future__ import annotations

import argparse
from pathlib import Path

from musicassist.cli.composing import (
    add_bars_option,
    add_musical_options,
    add_takes_option,
    answer,
    check_takes_places,
    make_takes,
    request_of,
    take_paths,
    whole_number,
    write_takes,
)
from musicassist.cli.phrases import LAST_BAR, add_pickup_option, add_track_option, bar_line, song_to_change, track_of
from musicassist.composing.span import span_of

DEFAULT_BARS = 4


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``continue``."""
    parser.add_argument("input", type=Path, metavar="IN", help="a MIDI file with the phrase")
    add_bars_option(parser, default=DEFAULT_BARS)
    parser.add_argument(
        "--from-bar",
        type=whole_number(1, LAST_BAR),
        metavar="A",
        help="go on with this bar, counted from 1, in place of what stands there (default: where the track ends)",
    )
    add_pickup_option(parser)
    add_takes_option(parser)
    add_track_option(parser)
    add_musical_options(parser)


def run(args: argparse.Namespace) -> int:
    """Continues the phrase and writes one file a take; every other track stays as it is."""
    check_takes_places(args.output, args.takes)
    song = song_to_change(args.input, take_paths(args.output, args.takes), args.pickup)
    at_tick = None if args.from_bar is None else bar_line(song, args.from_bar)
    request = request_of(
        args, "continue", song, track_of(song, args.track), bars=args.bars, takes=args.takes, at_tick=at_tick
    )
    span_of(request)  # says what is wrong with the seed before a model is loaded
    takes = make_takes(request, args.model)
    answer(request, write_takes(request, takes, args.output), as_json=args.json)
    return 0
