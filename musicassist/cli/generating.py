"""``musicassist generate``: a phrase from nothing."""

from __future__ import annotations

import argparse

from musicassist.cli.composing import (
    add_bars_option,
    add_musical_options,
    add_takes_option,
    answer,
    check_takes_places,
    make_takes,
    request_of,
    write_takes,
)
from musicassist.score.song import KeyChange, Song, Track
from musicassist.score.theory import Key
from musicassist.score.timing import DEFAULT_MICROSECONDS_PER_BEAT, MeterChange, TempoChange

DEFAULT_BARS = 8


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``generate``."""
    add_bars_option(parser, default=DEFAULT_BARS)
    add_takes_option(parser)
    add_musical_options(parser)


def run(args: argparse.Namespace) -> int:
    """Makes phrases and writes one file a take."""
    check_takes_places(args.output, args.takes)
    request = request_of(args, "generate", empty_song(args.scale), bars=args.bars, takes=args.takes)
    takes = make_takes(request, args.model)
    answer(request, write_takes(request, takes, args.output), as_json=args.json)
    return 0


def empty_song(key: Key | None) -> Song:
    """One empty melody track in 4/4 at 120 beats a minute, and in the key where there is one."""
    changes = (KeyChange.of(0, key),) if key is not None else ()
    return Song(
        tracks=(Track(name="MELODY"),),
        tempo_changes=(TempoChange(0, DEFAULT_MICROSECONDS_PER_BEAT),),
        meter_changes=(MeterChange(0, 4, 4),),
        key_changes=changes,
    )
