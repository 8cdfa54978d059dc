"""The undo list."""

from __future__ import annotations

import numpy as np

from builders import phrase
from musicassist.document.history import History, State, Step
from musicassist.score.song import Song, Track


def state(*pitches: int) -> State:
    return State(Song(tracks=(Track(notes=phrase(*pitches)),)), 0, np.zeros(len(pitches), dtype=np.bool_))


def names(steps: list[Step]) -> list[str]:
    return [step.name for step in steps]


def test_names_tell_what_undo_and_redo_do() -> None:
    history = History()
    history.push("Draw note", state(), state(60))
    history.push("Move notes", state(60), state(61))
    assert names(history.done) == ["Draw note", "Move notes"]
    history.undo()
    assert (names(history.done), names(history.undone)) == (["Draw note"], ["Move notes"])
    history.push("Delete notes", state(60), state())
    assert history.undone == []
    assert history.redo() is None


def test_merged_steps_go_back_to_before_the_first() -> None:
    history = History()
    first = state(60)
    history.push("Move notes", first, state(61), merge_key="drag")
    history.push("Move notes", state(61), state(62), merge_key="drag")
    assert history.undo() is first
    assert history.undo() is None


def test_the_oldest_steps_go_when_memory_is_short() -> None:
    bytes_of_one = 4 * 8
    history = History(max_bytes=10 * bytes_of_one)
    for pitch in range(60, 90):
        history.push(f"{pitch}", state(pitch), state(pitch + 1))
    assert names(history.done) == [f"{pitch}" for pitch in range(80, 90)]


def test_a_step_larger_than_the_memory_for_steps_can_be_undone() -> None:
    history = History(max_bytes=1)
    first = state(60)
    history.push("Paste", first, state(61))
    assert names(history.done) == ["Paste"]
    assert history.undo() is first
