"""Words for the ear and the status strip."""

from __future__ import annotations

import pytest

from musicassist.score.song import Note, Notes
from musicassist.score.theory import Key
from musicassist.score.timing import TimeMap
from musicassist.ui.piano_roll.mouse import length_words, note_words, notes_words


@pytest.mark.parametrize(
    ("beats", "words"),
    [(1, "quarter"), (0.97, "quarter"), (0.5, "eighth"), (1 / 3, "triplet eighth"), (1.5, "dotted quarter"),
     (5, "5 beats"), (2.25, "2.25 beats")],
)  # fmt: skip
def test_lengths_have_musicians_names(beats: float, words: str) -> None:
    assert length_words(beats) == words


def test_a_note_is_told_by_name_place_length_and_velocity() -> None:
    note = Note(1920 + 480, 61, 480, 80)
    assert note_words(note, TimeMap(480), None) == "C#4, bar 2 beat 2, quarter, velocity 80"
    assert note_words(note, TimeMap(480), Key(1)).startswith("Db4")


def test_many_notes_are_counted() -> None:
    assert notes_words(Notes.of([Note(0, 60, 1), Note(0, 64, 1)]), TimeMap(480), None) == "2 notes"
