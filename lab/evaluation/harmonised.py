"""Chords found for melodies beside those they have: ``python -m lab.evaluation.harmonised DATA [--pieces N]``.

Of N pieces of each set, 16 bars from where the melody has begun: chords a bar, which share of the melody's time on
beats is chord tones, the share of chord tones outside the key, and the share of time with chords of four tones.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.training.progressions import SETS, progressions
from musicassist.harmony.harmonising import STYLES, harmonise, outside_share
from musicassist.harmony.progressions import chord_of
from musicassist.score.chord_track import ChordSpan, chord_at
from musicassist.score.song import Notes
from musicassist.score.theory import Key

BARS = 16
TRUE = "true chords"


@dataclass
class Sums:
    """Over stretches of so many bars."""

    bars: int = 0
    chords: int = 0
    tone_ticks: float = 0.0
    beat_ticks: float = 0.0
    outside_bars: float = 0.0
    full_ticks: float = 0.0
    ticks: float = 0.0

    def add(self, spans: Sequence[ChordSpan], melody: Notes, key: Key, ticks_per_beat: int, bars: int) -> None:
        """One more stretch."""
        self.bars, self.chords = self.bars + bars, self.chords + len(spans)
        for note in melody.where(melody.start_tick % ticks_per_beat == 0):
            span = chord_at(spans, note.start_tick)
            if span is not None:
                self.beat_ticks += note.duration_ticks
                self.tone_ticks += note.duration_ticks * (note.pitch % 12 in span.chord.pitch_classes)
        self.outside_bars += bars * outside_share(spans, key)
        for span in spans:
            self.ticks += span.to_tick - span.from_tick
            self.full_ticks += (span.to_tick - span.from_tick) * (len(span.chord.pitch_classes) > 3)

    def words(self) -> str:
        """In a line."""
        tones, outside = self.tone_ticks / self.beat_ticks, self.outside_bars / self.bars
        return (
            f"{self.chords / self.bars:.2f} chords a bar, {tones:.0%} chord tones on beats, {outside:.1%} outside the"
            f" key, {self.full_ticks / self.ticks:.0%} of the time four tones"
        )


def main() -> None:
    """Measures and prints."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("data", type=Path)
    words.add_argument("--split", default="valid")
    words.add_argument("--pieces", type=int, default=12, metavar="N")
    words.add_argument("--seed", type=int, default=1)
    given = words.parse_args()
    sums = {(dataset, name): Sums() for dataset in SETS for name in (TRUE, *STYLES)}
    left = dict.fromkeys(SETS, given.pieces)
    for dataset, song, grounds, placed in progressions(given.data, (given.split,)):
        if left[dataset] <= 0:
            continue
        left[dataset] -= 1
        bars, key = song.time_map, grounds[0].key
        melody = next(track.notes for track in song.tracks if track.name == "MELODY")
        first = bars.bar_at(int(melody.start_tick[0])) + 1
        from_tick, to_tick = bars.bar_start_tick(first), bars.bar_start_tick(first + BARS)
        part = melody.where((melody.start_tick >= from_tick) & (melody.start_tick < to_tick))
        if not len(part):
            continue
        true = [ChordSpan(a, b, chord_of(state)) for a, b, state in placed if from_tick <= a < to_tick]
        sums[dataset, TRUE].add(true, part, key, song.ticks_per_beat, BARS)
        for style in STYLES:
            found = harmonise(song, melody, from_tick, to_tick, style=style, count=1, seed=given.seed)
            sums[dataset, style].add(found[0].spans, part, key, song.ticks_per_beat, BARS)
    for (dataset, name), row in sums.items():
        print(f"{dataset:10} {name:12} {row.words()}", flush=True)


if __name__ == "__main__":
    main()
