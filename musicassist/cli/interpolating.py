"""``musicassist interpolate``: phrases on the way from one to another, in a row."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from musicassist.cli.composing import (
    WrittenTake,
    add_musical_options,
    answer,
    make_takes,
    request_of,
    whole_number,
)
from musicassist.cli.phrases import (
    add_pickup_option,
    add_track_option,
    bar_count,
    bar_span,
    song_to_change,
    track_of,
    with_pickup,
)
from musicassist.composing.request import GenerationRequest, Take
from musicassist.composing.span import span_of
from musicassist.disk import check_place
from musicassist.midi.files import save_song
from musicassist.score.song import Notes, Song
from musicassist.score.timing import MeterChange, tempo_change

DEFAULT_STEPS = 4
MOST_STEPS = 32  # LIMIT: they are made as one batch


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``interpolate``."""
    parser.add_argument("first", type=Path, metavar="A", help="a MIDI file with the phrase to start from")
    parser.add_argument("second", type=Path, metavar="B", help="a MIDI file with the phrase to go to")
    parser.add_argument(
        "--steps",
        type=whole_number(1, MOST_STEPS),
        default=DEFAULT_STEPS,
        metavar="N",
        help="how many phrases (default %(default)s)",
    )
    add_pickup_option(parser)
    add_track_option(parser, of="track in A")
    add_track_option(parser, "--other-track", of="track in B")
    add_musical_options(parser)


def run(args: argparse.Namespace) -> int:
    """Writes one file: the phrases in a row, each from a bar line, in the meter and tempo of A."""
    check_place(args.output)
    song, other = (song_to_change(path, [args.output]) for path in (args.first, args.second))
    song = with_pickup(song, args.pickup)
    track_index, other_track = track_of(song, args.track), track_of(other, args.other_track)
    span = bar_span(song, track_index, None, None)
    bars = bar_count(song, span)
    request = request_of(
        args, "interpolate", song, track_index, bars=bars, takes=args.steps, from_tick=span[0], to_tick=span[1]
    )
    request = replace(request, other=other, other_track=other_track)
    second = replace(request, song=other, track_index=other_track, from_tick=0, to_tick=max(1, other.end_tick))
    for phrase in (request, second):
        span_of(phrase)  # says what stands in the way before a model is loaded
    takes = in_a_row(make_takes(request, args.model), song)
    row = song_of_row(request, takes)
    save_song(row, args.output)
    written = [WrittenTake(args.output, take) for take in takes]
    answer(request, written, as_json=args.json, time_map=row.time_map)
    return 0


def in_a_row(takes: Sequence[Take], song: Song) -> list[Take]:
    """The takes one after the other from the start, in bars of the meter that each has where it was made."""
    moved: list[Take] = []
    start_tick = 0
    for take in takes:
        ticks = start_tick - take.from_tick
        moved.append(_moved(take, ticks))
        bar_ticks = song.time_map.meter_at(take.from_tick).bar_ticks(song.ticks_per_beat)
        start_tick += -(-(take.to_tick - take.from_tick) // bar_ticks) * bar_ticks
    return moved


def _moved(take: Take, ticks: int) -> Take:
    notes = take.notes
    later = Notes.from_columns(notes.start_tick + ticks, notes.pitch, notes.duration_ticks, notes.velocity)
    return replace(take, notes=later, from_tick=take.from_tick + ticks, to_tick=take.to_tick + ticks)


def song_of_row(request: GenerationRequest, takes: Sequence[Take]) -> Song:
    """A song of one track that holds the takes, with the meter, tempo and key that hold where A begins."""
    song, place = request.song, request.from_tick
    notes = Notes.of(note for take in takes for note in take.notes)
    meter = song.time_map.meter_at(place)
    keys = [change for change in song.key_changes if change.tick <= place][-1:]
    return Song(
        tracks=(replace(song.tracks[request.track_index], notes=notes, events=()),),
        ticks_per_beat=song.ticks_per_beat,
        tempo_changes=(tempo_change(0, song.time_map.tempo_bpm_at(place)),),
        meter_changes=(MeterChange(0, meter.numerator, meter.denominator),),
        key_changes=tuple(replace(key, tick=0) for key in keys),
    )
