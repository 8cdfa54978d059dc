"""``musicassist continue``: the phrase of a file and what may follow it."""

from __future__ import annotations

import argparse
from pathlib import Path

from musicassist.cli.composing import (
    add_musical_options,
    answer,
    check_output,
    make_takes,
    models_folder,
    request_of,
    write_takes,
)
from musicassist.errors import UsageError
from musicassist.generation.span import continuation_span, default_track_index
from musicassist.midi.files import read_song
from musicassist.score.song import Song

DEFAULT_BARS = 4


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``continue``."""
    parser.add_argument("input", type=Path, metavar="IN", help="a MIDI file with the phrase")
    add_musical_options(parser, bars=DEFAULT_BARS)
    parser.add_argument(
        "--track",
        metavar="NAME",
        help="name or number (from 1) of the track to continue; default: MELODY, else the pitched one with most notes",
    )


def run(args: argparse.Namespace) -> int:
    """Continues the phrase and writes one file a take; every other track stays as it is."""
    check_output(args.output)
    song = read_song(args.input).song
    track_index = default_track_index(song) if args.track is None else track_named(song, args.track)
    request = request_of(args, "continue", song, track_index)
    continuation_span(song, track_index, bars=args.bars)  # says what is wrong with the seed before a model is loaded
    takes = make_takes(request, models_folder(args.model))
    answer(request, write_takes(request, takes, args.output), as_json=args.json)
    return 0


def track_named(song: Song, words: str) -> int:
    """Index of the track of that name (in any case) or of that number, counted from 1.

    Raises:
        UsageError: There is none.
    """
    names = [track.name.strip().casefold() for track in song.tracks]
    if words.strip().casefold() in names:
        return names.index(words.strip().casefold())
    if words.isdecimal() and 1 <= int(words) <= len(names):
        return int(words) - 1
    known = ", ".join(f"{number} {track.name!r}" for number, track in enumerate(song.tracks, start=1)) or "none"
    raise UsageError("There is no track {name!r}. The file has: {known}.", name=words, known=known)
