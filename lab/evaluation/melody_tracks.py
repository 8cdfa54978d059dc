"""How often the melody is found among the parts of a piece when nobody has named them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from musicassist.errors import MidiImportError
from musicassist.evaluation.figures import Figure
from musicassist.learning.corpus import SHIPPED_LICENCES
from musicassist.learning.music_files import MusicFile, archived_files
from musicassist.midi import read_song_bytes
from musicassist.score.melody_part import melody_track
from musicassist.score.song import Song

MODEL = "the part with the most melodic notes"
MAX_NOTES_MODEL = "the part with most notes"


def melody_track_figures(folders: Sequence[Path], split: str) -> list[Figure]:
    """For each set with labelled melodies, the share of pieces where it is found with all names blanked.

    Args:
        folders: Archive folders with a ``split.csv``.
        split: The side that is measured on; the weights were chosen on the training side.
    """
    found: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for file in _files(folders, split):
        labelled = _labelled(file)
        if labelled is not None:
            song, melody = labelled
            found[file.dataset].append((melody_track(_unnamed(song)) == melody, _fullest(song) == melody))
    return [
        Figure(f"melody track found, {dataset}", model, sum(hits) / len(hits), "share", len(hits), split=split)
        for dataset, rows in sorted(found.items())
        for model, hits in zip((MODEL, MAX_NOTES_MODEL), zip(*rows, strict=True), strict=True)
    ]


def _files(folders: Iterable[Path], split: str) -> Iterator[MusicFile]:
    for folder in folders:
        table = folder / "split.csv"
        if table.exists():
            yield from archived_files(table, SHIPPED_LICENCES, (split,), Counter())


def _labelled(file: MusicFile) -> tuple[Song, int] | None:
    """A piece of several parts of which one is called MELODY, and which."""
    try:
        song = read_song_bytes(file.data, file.name).song
    except MidiImportError:
        return None
    played = [i for i, track in enumerate(song.tracks) if len(track.notes)]
    named = [i for i in played if song.tracks[i].name.upper().startswith("MELODY")]
    return (song, named[0]) if len(named) == 1 and len(played) > 1 else None


def _unnamed(song: Song) -> Song:
    return replace(song, tracks=tuple(replace(track, name="") for track in song.tracks))


def _fullest(song: Song) -> int:
    return max(range(len(song.tracks)), key=lambda i: len(song.tracks[i].notes))
