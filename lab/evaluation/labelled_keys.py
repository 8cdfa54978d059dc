"""Pieces with a printed key, and whether an answer agrees with it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from musicassist.errors import MidiImportError
from musicassist.learning.music_files import MusicFile, archived_files
from musicassist.midi import read_song_bytes
from musicassist.score.evidence import KeyEvidence, joined
from musicassist.score.song import Notes, Song
from musicassist.score.theory import Key

# Keys are heard, not learned note by note, so sets that no shipped model may see serve here as well.
LICENCES = ("permissive", "mit_underlying_copyright", "gpl3", "sharealike", "permissive_synthetic")
WHOLE = 0  # bars: the whole piece, as far as its first key holds
_MIN_MINOR_SHARE = 0.02  # LIMIT: a set with fewer minor keys prints signatures and calls them all major


@dataclass(frozen=True)
class LabelledKey:
    """A stretch of a piece, and the key that is printed over it.

    Attributes:
        dataset, split: Where it comes from.
        bars: From the bar of its first note on, beside a pickup of half a bar or less; ``WHOLE`` for the piece.
        key: The printed key.
        names_tonic: Whether the set tells minor from major; else only the signature counts.
        parts: The notes of each track with pitches.
    """

    dataset: str
    split: str
    bars: int
    key: Key
    names_tonic: bool
    parts: tuple[Notes, ...]

    @property
    def evidence(self) -> KeyEvidence | None:
        """What its notes say."""
        return joined(notes.key_evidence for notes in self.parts)

    def is_right(self, answer: Key | None) -> bool:
        """Whether an answer has the printed tonic and its third; of a mode a signature says no more."""
        return answer is not None and answer.tonic == self.key.tonic and is_minor(answer) == is_minor(self.key)

    def is_right_or_relative(self, answer: Key | None) -> bool:
        """Whether it is right, or has the printed seven tones with another of them as its tonic."""
        if answer is None:
            return False
        shares = answer.signature_fifths % 12 == self.key.signature_fifths % 12
        return shares or (self.names_tonic and self.is_right(answer))


def is_minor(key: Key) -> bool:
    """Whether its third is minor."""
    return (key.tonic + 3) % 12 in key.pitch_classes and (key.tonic + 4) % 12 not in key.pitch_classes


def contradicts(answer: Key, evidence: KeyEvidence) -> bool:
    """Whether the scale brings a degree that the notes have only in another form, as F sharp where they have F.

    Both forms of the sixth and seventh belong to minor.
    """
    heard = evidence.strokes > 0
    variable = {(answer.tonic + step) % 12 for step in (8, 9, 10, 11)} if answer.scale == "minor" else set()
    scale = answer.pitch_classes | variable
    unheard = [pc for pc in answer.pitch_classes - variable if not heard[pc]]
    return any(heard[other] and other not in scale for pc in unheard for other in ((pc + 1) % 12, (pc - 1) % 12))


def labelled_keys(folders: Sequence[Path], splits: Sequence[str], lengths: Sequence[int]) -> list[LabelledKey]:
    """All stretches of some lengths of the pieces with a key.

    Args:
        folders: Archive folders with a ``split.csv``.
        splits: Sides of the split.
        lengths: Bars of each stretch, or ``WHOLE``. One in which the key changes is left out.
    """
    by_set: dict[str, list[LabelledKey]] = defaultdict(list)
    for file in _files(folders, splits):
        by_set[file.dataset] += _stretches(file, lengths)
    named = {}
    for dataset, rows in by_set.items():
        minors = sum(is_minor(row.key) for row in rows)
        named[dataset] = minors >= max(1, _MIN_MINOR_SHARE * len(rows))
    return [replace(row, names_tonic=named[name]) for name in sorted(by_set) for row in by_set[name]]


def _files(folders: Sequence[Path], splits: Sequence[str]) -> Iterator[MusicFile]:
    for folder in folders:
        if (folder / "split.csv").exists():
            yield from archived_files(folder / "split.csv", LICENCES, splits, Counter())


def _stretches(file: MusicFile, lengths: Sequence[int]) -> Iterator[LabelledKey]:
    try:
        song = read_song_bytes(file.data, file.name).song
    except MidiImportError:
        return
    played = [track.notes for track in song.tracks if len(track.notes) and not track.is_drums]
    if not song.key_changes or not played:
        return
    key = song.key_changes[0].key
    until = next((c.tick for c in song.key_changes if c.key != key), song.end_tick + 1)
    for bars in lengths:
        from_tick, to_tick = _span(song, played, bars)
        if bars != WHOLE and to_tick > until:
            continue
        parts = tuple(_cut(notes, from_tick, min(to_tick, until)) for notes in played)
        parts = tuple(notes for notes in parts if len(notes))
        if parts:
            yield LabelledKey(file.dataset, file.split, bars, key, True, parts)  # noqa: FBT003  # settled for the set


def _span(song: Song, played: Sequence[Notes], bars: int) -> tuple[int, int]:
    if bars == WHOLE:
        return 0, song.end_tick + 1
    lines, first_tick = song.time_map, min(int(notes.start_tick[0]) for notes in played)
    first, start = lines.bar_at(first_tick), lines.bar_start_tick(lines.bar_at(first_tick))
    has_pickup = 2 * (first_tick - start) >= lines.bar_start_tick(first + 1) - start
    return start, lines.bar_start_tick(first + bars + has_pickup)


def _cut(notes: Notes, from_tick: int, to_tick: int) -> Notes:
    inside = notes.where(notes.starting_between(from_tick, to_tick))
    return replace(inside, duration_ticks=np.minimum(inside.duration_ticks, to_tick - inside.start_tick))
