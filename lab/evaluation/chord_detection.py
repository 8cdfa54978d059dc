"""How often the right chord is heard: ``python -m lab.evaluation.chord_detection DATA [--split test] [--music21 N]``.

Right is root and class of quality (major, minor, diminished, augmented, suspended), weighted by time, of the chords
that a track CHORDS strikes. POP909 is heard without that track; lead sheets by that track alone.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lab.training.chord_detector import LICENCES, Labels, labels_of, songs
from musicassist.harmony.detection import QUALITIES, chord_detector
from musicassist.score.chord_track import ChordSpan, chord_at, is_chord_track
from musicassist.score.song import Notes, Song
from musicassist.score.theory import Chord, chord_steps

_THIRDS = {"sus2": "sus", "sus4": "sus", "7sus4": "sus"}


def quality_class(quality: str) -> str:
    """The triad that a quality has."""
    steps = set(chord_steps(quality))
    if quality in _THIRDS or not steps & {3, 4}:
        return "sus"
    third = "m" if 3 in steps else ""
    fifth = "dim" if 6 in steps and 3 in steps else "aug" if 8 in steps and 4 in steps else ""
    return fifth or third


def right_share(
    labels: Labels, heard: Sequence[ChordSpan], step_ticks: int, *, is_exact: bool = False
) -> tuple[float, float]:
    """Ticks that are right, and all ticks with a label."""
    right = total = 0
    for from_tick, to_tick, root, quality in labels:
        for tick in range(from_tick, to_tick, step_ticks):
            lap = min(to_tick, tick + step_ticks) - tick
            found = chord_at(heard, tick + lap / 2)
            name = QUALITIES[quality]
            is_right = found is not None and found.chord.root == root
            if is_right and found is not None:
                is_right = (
                    found.chord.quality == name
                    if is_exact
                    else quality_class(found.chord.quality) == quality_class(name)
                )
            right, total = right + lap * is_right, total + lap
    return right, total


def heard_by_us(parts: Sequence[Notes], song: Song) -> tuple[ChordSpan, ...]:
    """What the detector says."""
    return chord_detector().spans(parts, song.time_map, 0, song.end_tick)


def heard_by_music21(parts: Sequence[Notes], song: Song) -> tuple[ChordSpan, ...]:
    """What music21 says: ``chordify`` over the beats, then root and quality of what sounds together on each.

    ``roman.romanNumeralFromChord`` names the same root and quality by degree; it adds nothing to them.
    """
    from music21 import chord

    spans = []
    for tick in range(0, song.end_tick, song.ticks_per_beat):
        on = [p.where((p.start_tick < tick + song.ticks_per_beat) & (p.end_tick > tick)) for p in parts]
        pitches = np.unique(np.concatenate([part.pitch for part in on]))
        if len(pitches):
            found = chord.Chord(pitches.tolist())
            quality = {"minor": "m", "diminished": "dim", "augmented": "aug"}.get(found.quality, "")
            spans.append(ChordSpan(tick, tick + song.ticks_per_beat, Chord(found.root().pitchClass, quality)))
    return tuple(spans)


def main() -> None:
    """Measures and prints."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("data", type=Path)
    words.add_argument("--split", default="valid")
    words.add_argument(
        "--music21", type=int, default=0, metavar="N", help="also what music21 hears in N pieces of pop909"
    )
    given = words.parse_args()
    sums: dict[str, list[float]] = {}
    compared: dict[str, list[float]] = {}
    for dataset, song in songs(given.data, (given.split,), (*LICENCES, "gpl3")):
        own = [track.notes for track in song.tracks if is_chord_track(track)]
        others = [track.notes for track in song.tracks if not is_chord_track(track) and len(track.notes)]
        parts, labels, step = others if dataset == "pop909" else own, labels_of(song), song.ticks_per_beat // 4
        heard = heard_by_us(parts, song)
        for name, is_exact in ((dataset, False), (f"{dataset}, all qualities", True)):
            row = sums.setdefault(name, [0.0, 0.0, 0.0])
            right, total = right_share(labels, heard, step, is_exact=is_exact)
            row[0], row[1], row[2] = row[0] + right, row[1] + total, row[2] + 1
        if dataset == "pop909" and sums[dataset][2] <= given.music21:
            for name, spans in (("musicassist", heard), ("music21", heard_by_music21(parts, song))):
                right, total = right_share(labels, spans, step)
                row = compared.setdefault(name, [0.0, 0.0])
                row[0], row[1] = row[0] + right, row[1] + total
    for name, (right, total, pieces) in sorted(sums.items()):
        print(f"{name:34} {100 * right / total:5.1f} %  of the time, {pieces:.0f} pieces, {given.split}")
    for name, (right, total) in compared.items():
        print(f"{name:34} {100 * right / total:5.1f} %  the first {given.music21} pieces of pop909")


if __name__ == "__main__":
    main()
