"""How many notes on a beat are chord tones: ``python -m lab.evaluation.chord_tones DATA [--split test]``.

Pieces of pop909 and openewld with eight bars before and four to be written. The other tracks go on, the melody is
continued. Truth is what the track CHORDS strikes there, whatever was heard.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from lab.training.chord_detector import LICENCES
from musicassist.composing.engine import Engine
from musicassist.composing.request import Constraints, Place, Wish, request_of
from musicassist.families.registry import FAMILIES
from musicassist.learning.music_files import archived_files
from musicassist.midi import read_song_bytes
from musicassist.resources import checkpoints_folder
from musicassist.score.chord_track import is_chord_track, with_written_chords, written_chords
from musicassist.score.song import Notes, Song
from musicassist.score.theory import Chord

SEED_BARS, BARS = 8, 4
MIN_NOTES = 8  # of the seed, and of what is to be written


@dataclass(frozen=True)
class ChordedPhrase:
    """A place of a song where a melody goes on over chords.

    Attributes:
        song: With the melody's notes before the place only.
        track: The melody's.
        from_tick, to_tick: The bars to be written.
        real: What stands there.
        chords: The notes of the track CHORDS.
    """

    song: Song
    track: int
    from_tick: int
    to_tick: int
    real: Notes
    chords: Notes

    def moved(self, semitones: int) -> ChordedPhrase:
        """The same over chords that lie higher, as notes and as names, melody and truth where they are."""
        tracks = [
            t if i == self.track or self.song.is_drum_track(i) else replace(t, notes=_higher(t.notes, semitones))
            for i, t in enumerate(self.song.tracks)
        ]
        song = replace(self.song, tracks=tuple(tracks))
        marks = [replace(mark, chord=_moved(mark.chord, semitones)) for mark in written_chords(song)]
        return replace(self, song=with_written_chords(song, marks) if marks else song)

    def on_beat(self, notes: Notes) -> tuple[int, int]:
        """Of the notes on a beat of the bars, how many are tones of the chord there, and how many have one."""
        inside = notes.where(notes.starting_between(self.from_tick, self.to_tick))
        inside = inside.where(inside.start_tick % self.song.ticks_per_beat == 0)
        right = total = 0
        for note in inside:
            sounding = (self.chords.start_tick <= note.start_tick) & (self.chords.end_tick > note.start_tick)
            if sounding.any():
                total += 1
                right += note.pitch % 12 in set((self.chords.pitch[sounding] % 12).tolist())
        return right, total


def _moved(chord: Chord | None, semitones: int) -> Chord | None:
    if chord is None:
        return None
    bass = None if chord.bass is None else (chord.bass + semitones) % 12
    return replace(chord, root=(chord.root + semitones) % 12, bass=bass)


def _higher(notes: Notes, semitones: int) -> Notes:
    return Notes.from_columns(notes.start_tick, notes.pitch + semitones, notes.duration_ticks, notes.velocity)


def phrases(data: Path, split: str) -> Iterator[ChordedPhrase]:
    """One place a piece, at the eighth bar behind the first with a melody."""
    for file in archived_files(data / "split.csv", LICENCES, (split,), Counter()):
        if file.dataset not in ("pop909", "openewld"):
            continue
        song = read_song_bytes(file.data, file.name).song
        index = next((i for i, t in enumerate(song.tracks) if t.name == "MELODY" and len(t.notes)), None)
        chords = next((t.notes for t in song.tracks if is_chord_track(t)), Notes.of())
        if index is None or not len(chords):
            continue
        bars, melody = song.time_map, song.tracks[index].notes
        first = bars.bar_at(int(melody.start_tick[0]))
        start, end = bars.bar_start_tick(first + SEED_BARS), bars.bar_start_tick(first + SEED_BARS + BARS)
        seed = melody.where(melody.start_tick < start).without_span(start, end)
        real = melody.where(melody.starting_between(start, end))
        if len(seed) >= MIN_NOTES and len(real) >= MIN_NOTES and end <= song.end_tick:
            open_song = song.with_track(index, song.tracks[index].with_notes(seed))
            yield ChordedPhrase(open_song, index, start, end, real, chords)


def main() -> None:
    """Measures and prints."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("data", type=Path)
    words.add_argument("--split", default="valid")
    words.add_argument("--model", default="lstm")
    words.add_argument("--takes", type=int, default=4)
    words.add_argument("--seed", type=int, default=1)
    given = words.parse_args()
    engine = Engine(checkpoints_folder(), FAMILIES)
    places = list(phrases(given.data, given.split))
    sums: dict[str, Counter[str]] = {}
    for place in places:
        sums.setdefault("real", Counter()).update(_counts(place, [place.real]))
        takes = {}
        for name, own, strength in (
            ("off", place, "off"),
            ("heard", place, "heard"),
            ("heard a semitone too high", place.moved(1), "heard"),
            ("strong", place, "strong"),
            ("always", place, "always"),
        ):
            wish = Wish(
                model=given.model, takes=given.takes, bars=BARS, constraints=Constraints(chord_strength=strength)
            )
            asked = request_of(wish, Place(at_tick=own.from_tick), own.song, own.track, seed=given.seed)
            takes[name] = [take.notes for take in engine.generate(asked)]
            sums.setdefault(name, Counter()).update(_counts(place, takes[name]))
        pairs = zip(takes["heard"], takes["heard a semitone too high"], strict=True)
        sums["heard"]["differ"] += sum(one != other for one, other in pairs)
        sums["heard"]["takes"] += given.takes
    print(f"{len(places)} phrases, {given.split}, {given.model}, {given.takes} takes each, random number {given.seed}")
    for name, row in sums.items():
        print(f"{name:28} {row['right'] / row['total']:.3f} of {row['total']} notes on a beat are chord tones")
    print(
        f"{sums['heard']['differ'] / sums['heard']['takes']:.3f} of the takes have other notes where the chords differ"
    )


def _counts(place: ChordedPhrase, lines: list[Notes]) -> Counter[str]:
    counts = [place.on_beat(notes) for notes in lines]
    return Counter(right=sum(right for right, _ in counts), total=sum(total for _, total in counts))


if __name__ == "__main__":
    main()
