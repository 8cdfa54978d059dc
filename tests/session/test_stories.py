"""Bars that a take was kept in tell who composed them, and compose the same again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from musicassist.composing.accompaniment_takes import accompaniment_takes
from musicassist.composing.engine import Engine
from musicassist.document.entry import Entry
from musicassist.document.entry_bytes import pack_entry, unpack_entry
from musicassist.document.pages import Page
from musicassist.families.registry import FAMILIES
from musicassist.score.origins import Origin
from musicassist.score.song import Song
from musicassist.session import stories
from musicassist.session.comping import Comp
from musicassist.session.stories import FOLDER, Story, forgotten, story_at, story_of
from session_desk import Desk
from tiny_models import install_tiny_model

BAR = 1920


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("checkpoints")
    install_tiny_model(made)
    return made


@pytest.fixture
def desk(folder: Path) -> Desk:
    """Takes of a real model are on offer."""
    desk = Desk()
    takes = desk.session.takes
    takes.set_controls(replace(takes.controls, model="tiny", candidates=4, takes=3))
    takes.ask()
    takes.on_takes(takes.request, Engine(folder, FAMILIES).generate(takes.request))  # type: ignore[arg-type]
    return desk


def told(desk: Desk) -> list[tuple[Origin, Story]]:
    rows = []
    for origin in desk.document.track.origins:
        story = story_at(desk.document.pages, origin)
        assert story is not None
        rows.append((origin, story))
    return rows


def test_a_kept_take_tells_its_story_after_reload_and_gives_the_same_notes_again(desk: Desk, folder: Path) -> None:
    takes = desk.session.takes
    takes.audition(2)
    kept = takes.heard
    assert kept is not None
    takes.accept()
    ((origin, story),) = told(desk)
    assert (origin.from_tick, origin.to_tick) == (kept.from_tick, kept.to_tick)
    facts = story.facts
    assert (facts.model, facts.number, facts.offered, facts.chosen_from, facts.pieces) == ("tiny", 2, 3, 4, 1)
    assert facts.weights[0].name == "tiny" and "critic" in {own.name for own in facts.weights}
    assert story.composed == kept.notes and story.request.seed == 100
    document = desk.document
    entry = Entry(document.song, None, 0, undo=document.undo_list, pages=document.pages)
    read = unpack_entry(pack_entry(entry, None), None)
    again = story_at(read.pages, read.song.tracks[0].origins[0])
    assert again is not None and again.facts == facts
    made = Engine(folder, FAMILIES).generate(again.request)
    assert made[1].notes == kept.notes and made[1].composed[0].composed.weights == facts.weights


def test_undo_takes_the_bars_and_their_origin_back_and_redo_both(desk: Desk) -> None:
    desk.session.takes.accept()
    origins = desk.document.track.origins
    assert len(origins) == 1
    desk.document.undo()
    assert desk.document.track.origins == ()
    desk.document.redo()
    assert desk.document.track.origins == origins and told(desk)


def test_each_piece_of_a_mix_tells_its_own(desk: Desk) -> None:
    takes = desk.session.takes
    first = takes.offer[0]
    desk.session.mixing.mix(Comp.of(first.from_tick, first.to_tick, 1).swiped(3 * BAR, first.to_tick, 3))
    takes.accept()
    (one, of_one), (other, of_other) = told(desk)
    assert (of_one.facts.number, of_other.facts.number, of_one.facts.pieces) == (1, 3, 2)
    assert one.to_tick == other.from_tick and other.to_tick == first.to_tick
    assert of_one.written.plus(of_other.written) == desk.document.track.notes.where(
        desk.document.track.notes.start_tick >= first.from_tick
    )
    pages = [page for name, page in desk.document.pages.items() if name.startswith(FOLDER)]
    assert pages[0].songs[0] is pages[1].songs[0]


def test_notes_that_were_heard_in_part_tell_what_they_were_begun_from(desk: Desk) -> None:
    assert desk.session.takes.keep_until(2 * BAR + 10)
    ((origin, story),) = told(desk)
    assert origin.from_tick == BAR and origin.to_tick >= 2 * BAR
    assert len(story.composed) and (story.composed.start_tick < 2 * BAR + 10).all()


def test_damaged_pages_tell_nothing(desk: Desk) -> None:
    desk.session.takes.accept()
    (origin,) = desk.document.track.origins
    name = f"{FOLDER}/{origin.story}"
    page = desk.document.pages[name]
    for damaged in (
        Page("[]", page.notes, page.songs),
        Page(page.text.replace('"number":1', '"number":-1'), page.notes, page.songs),
        Page(page.text, (), page.songs),
        Page(page.text, page.notes, ()),
        Page(page.text, page.notes, (Song(),)),
        Page("{", page.notes, page.songs),
    ):
        assert damaged != page
        with pytest.raises(ValueError):
            story_of(damaged)
        assert story_at({name: damaged}, origin) is None
    assert story_at({}, origin) is None


def test_the_oldest_that_no_bar_comes_from_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stories, "MAX_STORIES", 2)
    pages = {f"{FOLDER}/{name}": Page() for name in "abcd"} | {"shelf/1": Page()}
    used = Desk().document.song
    used = used.with_track(0, replace(used.tracks[0], origins=(Origin(0, 1, "a"),)))
    assert forgotten(pages, used) == (f"{FOLDER}/b", f"{FOLDER}/c")


def test_an_accompaniment_tells_it_in_each_track_that_it_adds(desk: Desk) -> None:
    desk.session.takes.dismiss()
    desk.session.harmonising.accompany()
    request = desk.session.takes.request
    assert request is not None
    desk.session.takes.on_takes(request, accompaniment_takes(request, lambda: False))
    heard = desk.session.takes.heard
    assert heard is not None and heard.new_tracks
    desk.session.takes.accept()
    added = desk.document.song.tracks[-len(heard.new_tracks) :]
    for number, track in enumerate(added):
        (origin,) = track.origins
        story = story_at(desk.document.pages, origin)
        assert story is not None and story.written == track.notes
        assert (story.facts.part, story.facts.title, story.facts.model) == (-1 - number, heard.title, "")


def test_a_take_out_of_the_shelf_that_is_put_elsewhere_still_tells_it(desk: Desk) -> None:
    kept = desk.session.takes.heard
    assert kept is not None
    desk.session.takes.dismiss()
    document = desk.document
    entry = unpack_entry(pack_entry(Entry(document.song, None, 0, pages=document.pages), None), None)
    desk.session.open_project(entry, Path("x.musicassist"), is_kept=True)
    (name,) = desk.session.shelf.names()
    desk.session.shelf.put_at(name, kept.from_tick + 4 * BAR)
    desk.session.takes.accept()
    ((origin, story),) = told(desk)
    assert origin.shift_ticks == 4 * BAR and origin.from_tick == kept.from_tick + 4 * BAR
    assert story.composed == kept.notes and story.written == kept.notes
    assert (story.facts.from_tick, story.request.kind, story.facts.weights[0].name) == (
        kept.from_tick,
        "continue",
        "tiny",
    )


def test_the_oldest_are_forgotten_where_stories_hold_too_much(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.session.takes.accept()
    pages = dict(desk.document.pages)
    (name,) = [name for name in pages if name.startswith(FOLDER)]
    page = pages[name]
    pages |= {f"{FOLDER}/old": page, f"{FOLDER}/new": page}
    assert forgotten(pages, desk.document.song) == ()
    monkeypatch.setattr(stories, "MAX_HELD_BYTES", 1)
    assert forgotten(pages, desk.document.song) == (f"{FOLDER}/old", f"{FOLDER}/new")
