"""``musicassist originality``: what a melody has in common with the music that the models learned from, and where."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from musicassist.cli import arguments
from musicassist.composing.originality import Evidence
from musicassist.composing.training_music import TrainingMusic, training_music_in
from musicassist.document.opening import read_file
from musicassist.errors import CheckpointError
from musicassist.resources import checkpoints_folder
from musicassist.score.song import Notes, Song
from musicassist.terminal import print_json, print_table, say
from musicassist.tokens.codec import encode
from musicassist.tokens.vocabulary import STEPS_PER_BEAT

STRETCH_BARS = 8  # a long piece is also looked at in stretches of so many bars


@dataclass(frozen=True)
class Stretch:
    """Some bars, and what was found of them.

    Attributes:
        from_bar, to_bar: As people count.
        notes: What begins in them.
        evidence: What these have in common with the training music.
    """

    from_bar: int
    to_bar: int
    notes: Notes
    evidence: Evidence

    def own_bars(self, song: Song, run: int) -> tuple[int, int]:
        """The bars of the file that hold one of the runs."""
        shared = self.evidence.runs[run]
        onset = encode(self.notes, STEPS_PER_BEAT).onset_step  # in ticks
        bars = song.time_map
        first, last = (int(onset[note]) for note in (shared.from_note, shared.from_note + shared.notes - 1))
        return bars.bar_number(bars.bar_at(first)), bars.bar_number(bars.bar_at(last))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What is looked at."""
    parser.add_argument("input", type=Path, metavar="IN", help="a MIDI file or a project")
    arguments.add_track_option(parser)
    arguments.add_bar_options(parser, required=False)


def run(args: argparse.Namespace) -> int:
    """Says for the bars as a whole, and for each eight of them, what stands in the training music."""
    music = training_music_in(checkpoints_folder())
    if music is None:
        raise CheckpointError("The index of the training music is missing. Install musicassist again.")
    song = arguments.with_pickup(read_file(args.input).song, args.pickup)
    track_index = arguments.track_of(song, args.track)
    span = arguments.bar_span(song, track_index, args.from_bar, args.to_bar)
    whole, *parts = _stretches(music, song, track_index, span)
    if args.json:
        track = song.tracks[track_index]
        head = {"track": track.name, "track_number": track_index + 1}
        print_json({**head, **_page(whole, song), "stretches": [_page(part, song) for part in parts]})
        return 0
    words = whole.evidence.in_english()
    say(f"Bars {whole.from_bar} to {whole.to_bar}: {words}.")
    rows = list(_rows(whole, song))
    if rows:
        print_table(rows, header=_HEADER)
    above = [f"{part.from_bar} to {part.to_bar}" for part in parts if part.evidence.is_above]
    if above:
        say(f"More than is usual in bars {', '.join(above)}.")
    return 0


_HEADER = ("bars", "notes running", "as in", "bars there", "in all")


def _stretches(music: TrainingMusic, song: Song, track_index: int, span: tuple[int, int]) -> Iterator[Stretch]:
    """All bars, and where they are many each eight of them."""
    bars, notes = song.time_map, song.tracks[track_index].notes
    first, stop = bars.bar_at(span[0]), bars.bar_at(span[1])
    pieces = [(first, stop)]
    if stop - first > STRETCH_BARS:
        pieces += [(bar, min(bar + STRETCH_BARS, stop)) for bar in range(first, stop, STRETCH_BARS)]
    for begin, end in pieces:
        is_in = (notes.start_tick >= bars.bar_start_tick(begin)) & (notes.start_tick < bars.bar_start_tick(end))
        own = notes.where(is_in)
        yield Stretch(bars.bar_number(begin), bars.bar_number(end - 1), own, music.evidence_of(own))


def _rows(stretch: Stretch, song: Song) -> Iterator[tuple[str, int, str, str, int]]:
    for number, shared in enumerate(stretch.evidence.runs):
        own, there = stretch.own_bars(song, number), (shared.from_bar, shared.to_bar)
        yield _range(own), shared.notes, shared.name, _range(there), shared.aligned_notes


def _range(bars: tuple[int, int]) -> str:
    return str(bars[0]) if bars[0] == bars[1] else f"{bars[0]}-{bars[1]}"


def _page(stretch: Stretch, song: Song) -> dict[str, object]:
    """One stretch in JSON."""
    page = stretch.evidence.as_json()
    shared = page["shared"]
    assert isinstance(shared, list)
    for number, one in enumerate(shared):
        one["own_from_bar"], one["own_to_bar"] = stretch.own_bars(song, number)
    return {"from_bar": stretch.from_bar, "to_bar": stretch.to_bar, **page}
