"""Pieces whose padding is cut off."""

from __future__ import annotations

from pathlib import Path

from corpora import write_archive_folder
from lab.evaluation.pickups import cut_piece, pickup_figures
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.score.timing import MeterChange


def waltz(first_tick: int) -> Song:
    """Eight bars of 3/4: a long note on each bar line, a short one before it, from a place on."""
    notes = [Note(bar * 1440, 60 + bar % 5, 960) for bar in range(1, 9)]
    notes += [Note(bar * 1440 + 960, 67, 480) for bar in range(8)]
    return Song(
        (Track(notes=Notes.of(note for note in notes if note.start_tick >= first_tick)),),
        meter_changes=(MeterChange(0, 3, 4),),
    )


def test_a_piece_is_cut_to_its_first_note_and_its_pickup_is_known() -> None:
    piece = cut_piece(waltz(0))
    assert piece is not None
    assert piece.pickup_ticks == 480
    assert int(piece.song.tracks[0].notes.start_tick[0]) == 0
    whole = cut_piece(Song((Track(notes=Notes.of([Note(0, 60, 480)])),)))
    assert whole is not None
    assert whole.pickup_ticks == 0
    assert cut_piece(Song((Track(notes=Notes.of([Note(1920, 60, 480)])),))) is None
    assert cut_piece(Song((Track(notes=Notes.of([Note(100, 60, 480)])),))) is None


def test_figures_say_how_many_pickups_are_offered(tmp_path: Path) -> None:
    rows = [
        {"dataset": "made", "file": f"{n}.mid", "split": "test", "style": "folk", "licence_class": "permissive"}
        for n in range(2)
    ]
    folder = write_archive_folder(tmp_path / "music", rows, {"made/0.mid": waltz(0), "made/1.mid": waltz(0)})
    figures = pickup_figures([folder], split="test", seed=1)
    assert [(row.value, row.n) for row in figures] == [(1.0, 2), (1.0, 2)]
