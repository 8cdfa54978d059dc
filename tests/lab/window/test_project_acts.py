"""What is done to a document at random: all of its kinds, and the same again for the same number."""

from __future__ import annotations

import random
from dataclasses import replace

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


def test_work_is_another_one_where_a_step_a_page_or_a_track_is_another_one() -> None:
    document = worked_on(3)
    work = entry_now(document)
    steps = work.undo.done
    pages = {**work.pages}
    name, page = next((name, page) for name, page in pages.items() if page.songs)
    muted = work.song.with_track(0, replace(work.song.tracks[0], muted=True))
    before = replace(steps[0], before=replace(steps[0].before, song=muted))
    for other in (
        replace(work, song=muted),
        replace(work, undo=replace(work.undo, done=(before, *steps[1:]))),
        replace(work, undo=replace(work.undo, done=steps[1:])),
        replace(work, pages={**pages, name: replace(page, songs=(muted, *page.songs[1:]))}),
        replace(work, pages=dict(reversed(pages.items()))),
    ):
        assert not is_same_work(work, other)
    assert is_same_work(work, replace(work, song=replace(work.song)))


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
