"""What is done to a document at random: all of its kinds, and the same again for the same number."""

from __future__ import annotations

import random

from lab.window.project_acts import act, entry_now, is_same_work, reopened
from musicassist.document.document import Document


def worked_on(seed: int) -> Document:
    chance, document = random.Random(seed), Document()
    for _ in range(200):
        act(document, chance)
    return document


def test_the_same_number_gives_the_same_work_and_another_one_another() -> None:
    assert is_same_work(entry_now(worked_on(1)), entry_now(worked_on(1)))
    assert not is_same_work(entry_now(worked_on(1)), entry_now(worked_on(2)))


def test_notes_tracks_pages_and_steps_come_of_it() -> None:
    document = worked_on(3)
    assert document.song.note_count and len(document.song.tracks) > 1 and document.pages
    assert len({step.name for step in document.undo_list.done}) > 2


def test_reopening_keeps_what_can_be_undone() -> None:
    document = worked_on(4)
    again = reopened(entry_now(document))
    while document.undo_name is not None:
        document.undo()
        again.undo()
        assert again.song == document.song
    assert again.undo_name is None
