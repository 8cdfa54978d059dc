"""``musicassist infill``: other notes for some bars, which go on from what stands before and lead to what follows."""

from __future__ import annotations

import argparse
from pathlib import Path

from musicassist.cli.composing import (
    add_musical_options,
    add_takes_option,
    answer,
    check_output,
    make_takes,
    models_folder,
    remark,
    request_of,
    write_takes,
)
from musicassist.cli.phrases import add_bar_options, add_track_option, bar_count, bar_span, track_of
from musicassist.generation.span import span_of
from musicassist.midi.files import read_song


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``infill``."""
    parser.add_argument("input", type=Path, metavar="IN", help="a MIDI file with notes around the bars")
    add_bar_options(parser, required=True)
    add_takes_option(parser)
    add_track_option(parser)
    add_musical_options(parser)


def run(args: argparse.Namespace) -> int:
    """Fills the bars and writes one file a take; everything else stays as it is."""
    check_output(args.output)
    song = read_song(args.input).song
    track_index = track_of(song, args.track)
    span = bar_span(song, track_index, args.from_bar, args.to_bar)
    bars = bar_count(song, span)
    request = request_of(
        args, "infill", song, track_index, bars=bars, takes=args.takes, from_tick=span[0], to_tick=span[1]
    )
    span_of(request)  # says what stands in the way before a model is loaded
    folder = models_folder(args.model)
    takes = make_takes(request, folder)
    answer(request, write_takes(request, takes, args.output), as_json=args.json, remark=remark(request, folder))
    return 0
