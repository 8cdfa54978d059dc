"""Are pickups found whose padding was cut off, and is nothing offered for other pieces?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from musicassist.errors import MidiImportError
from musicassist.evaluation.figures import Figure
from musicassist.learning.music_files import archived_files
from musicassist.midi.reading import read_song_bytes
from musicassist.score.pickup import suspected_pickup_ticks
from musicassist.score.song import Notes, Song

_LICENCES = ("permissive", "mit_underlying_copyright", "sharealike", "gpl3")
_UNTOLD = frozenset({"pop909"})  # laid on a grid from recordings: where the first note falls tells of no pickup


@dataclass(frozen=True)
class CutPiece:
    """A piece that begins with its first note.

    Attributes:
        song: It, without the silence before that note.
        pickup_ticks: How long its pickup is; 0 where it begins with a whole bar.
    """

    song: Song
    pickup_ticks: int


def cut_piece(song: Song) -> CutPiece | None:
    """The piece without its padding; None for one that is silent for a bar or begins off its eighths."""
    starts = [int(track.notes.start_tick[0]) for track in song.tracks if len(track.notes)]
    bar_ticks = song.time_map.bar_ticks_at(0)
    first = min(starts, default=bar_ticks)
    if first >= bar_ticks or first % max(1, song.ticks_per_beat // 2):
        return None
    tracks = tuple(replace(track, notes=_earlier(track.notes, first), events=()) for track in song.tracks)
    meters = tuple(replace(change, tick=max(0, change.tick - first)) for change in song.meter_changes)
    return CutPiece(replace(song, tracks=tracks, meter_changes=meters), (bar_ticks - first) % bar_ticks)


def _earlier(notes: Notes, ticks: int) -> Notes:
    return Notes.from_columns(notes.start_tick - ticks, notes.pitch, notes.duration_ticks, notes.velocity)


def cut_pieces(folders: Sequence[Path], split: str) -> Iterator[CutPiece]:
    """The pieces of one side of archive folders."""
    for folder in folders:
        for file in archived_files(folder / "split.csv", _LICENCES, (split,), Counter()):
            if file.dataset in _UNTOLD:
                continue
            try:
                piece = cut_piece(read_song_bytes(file.data, file.name).song)
            except MidiImportError:
                continue
            if piece is not None:
                yield piece


def pickup_figures(folders: Sequence[Path], *, split: str, seed: int) -> list[Figure]:
    """Share of pickup pieces for which it is offered, and rightly, and of others."""
    pieces = list(cut_pieces(folders, split))
    found = [(piece.pickup_ticks, suspected_pickup_ticks(piece.song)) for piece in pieces]
    pickups = [(truth, offer) for truth, offer in found if truth]
    others = [offer for truth, offer in found if not truth]
    rows = (
        ("pickups offered, of pieces that have one", [offer is not None for _, offer in pickups]),
        ("pickups offered at the right place", [offer == truth for truth, offer in pickups]),
        ("pickups offered, of pieces that have none", [offer is not None for offer in others]),
    )
    return [Figure(name, "", float(np.mean(flags)), "", len(flags), seed, split) for name, flags in rows if flags]
