"""``musicassist vary``: the phrase of a file, a little or quite different."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from musicassist.cli.composing import (
    add_musical_options,
    add_takes_option,
    answer,
    check_output,
    make_takes,
    models_folder,
    number,
    request_of,
    write_takes,
)
from musicassist.cli.phrases import add_bar_options, add_track_option, bar_count, bar_span, track_of
from musicassist.generation.span import span_of
from musicassist.midi.files import read_song

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
    check_output(args.output)
    song = read_song(args.input).song
    track_index = track_of(song, args.track)
    span = bar_span(song, track_index, args.from_bar, args.to_bar)
    bars = bar_count(song, span)
    request = request_of(
        args, "vary", song, track_index, bars=bars, takes=args.takes, from_tick=span[0], to_tick=span[1]
    )
    request = replace(request, amount=args.amount)
    span_of(request)  # says what stands in the way before a model is loaded
    takes = make_takes(request, models_folder(args.model))
    answer(request, write_takes(request, takes, args.output), as_json=args.json)
    return 0
