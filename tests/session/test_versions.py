"""Versions are kept, gone to, compared and merged, and nothing is lost on the way."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import phrase
from musicassist.document.entry import Entry
from musicassist.document.entry_bytes import pack_entry, unpack_entry
from musicassist.document.pages import Page
from musicassist.errors import MusicAssistError
from musicassist.score.song import Notes, Song, Track
from musicassist.session import versions
from musicassist.session.comping import Comp
from musicassist.session.versions import Version, as_tree, difference, versions_in
from session_desk import Desk

BAR = 1920


def edit(desk: Desk, semitones: int = 1) -> None:
    desk.session.notes.select_all()
    desk.session.notes.transpose(semitones)
    desk.document.select(desk.document.selection)


def reopened(desk: Desk) -> Desk:
    document = desk.document
    entry = Entry(document.song, None, 0, undo=document.undo_list, pages=document.pages)
    other = Desk()
    other.session.open_project(unpack_entry(pack_entry(entry, None), None), Path("x.musicassist"), is_kept=True)
    return other


def test_a_version_is_gone_to_as_a_step_and_what_was_there_is_kept_without_a_name() -> None:
    desk = Desk()
    own = desk.session.versions
    first = own.keep("Verse")
    edit(desk, 5)
    edited = desk.document.song
    own.go_to(first.name)
    assert desk.document.song == first.song and desk.document.undo_name == "Go to version"
    kept = own.all[-1]
    assert (kept.title, kept.parent, kept.song) == ("", first.name, edited)
    assert own.current == first.name
    desk.document.undo()
    assert desk.document.song is edited and own.current == kept.name
    desk.document.redo()
    assert own.current == first.name
    own.go_to(kept.name)
    assert len(own.all) == 2 and desk.document.song == edited  # nothing new was to be kept


def test_branches_are_a_tree_after_reload_too() -> None:
    desk = Desk()
    own = desk.session.versions
    root = own.keep("Verse")
    edit(desk, 1)
    own.keep("Higher")
    own.go_to(root.name)
    edit(desk, -2)
    own.keep("Lower")
    for session in (desk.session, reopened(desk).session):
        tree = as_tree(session.versions.all)
        assert [(depth, version.title) for depth, version in tree] == [(0, "Verse"), (1, "Higher"), (1, "Lower")]
        assert session.versions[session.versions.current].title == "Lower"
    own.throw_away(root.name)
    assert [(depth, version.title) for depth, version in as_tree(own.all)] == [(0, "Higher"), (0, "Lower")]


def test_a_version_sounds_in_the_songs_place_until_it_is_edited() -> None:
    desk = Desk()
    own = desk.session.versions
    first = own.keep("Verse")
    edit(desk, 5)
    own.hear(first.name)
    assert desk.sound.song == first.song
    own.hear(first.name)
    assert desk.sound.song == desk.document.song and own.heard is None
    own.hear(first.name)
    edit(desk, 1)
    assert own.heard is None and desk.sound.song == desk.document.song


def test_what_differs_is_seen_in_the_edited_track() -> None:
    desk = Desk()
    own = desk.session.versions
    first = own.keep("Verse")
    desk.select(0)
    desk.session.notes.transpose(2)
    own.see(first.name)
    found = own.difference()
    assert found is not None and (found.gone.pitch.tolist(), found.new.pitch.tolist(), found.count) == ([60], [62], 1)
    own.see(first.name)
    assert own.difference() is None
    other = Song((*first.song.tracks, Track("Bass", phrase(40))))
    assert difference(other, first.song, 1).new == phrase(40)


def test_bars_of_versions_are_takes_that_are_mixed_and_kept_as_one_step() -> None:
    desk = Desk(Song((Track("Melody", phrase(60, 62, 64, 65, 67, 69, 71, 72, step_ticks=480)),)))
    own = desk.session.versions
    first = own.keep("Verse")
    edit(desk, 12)
    high = desk.document.track.notes
    own.offer_bars(0, 2 * BAR, (first.name,))
    takes = desk.session.takes
    assert [take.notes for take in takes.offer] == [high, first.song.tracks[0].notes] and takes.auditioned == 2
    desk.session.mixing.mix(Comp.of(0, 2 * BAR, 1).swiped(BAR, 2 * BAR, 2))
    takes.accept()
    assert desk.document.track.notes.pitch.tolist() == [72, 74, 76, 77, 67, 69, 71, 72]
    desk.document.undo()
    assert desk.document.track.notes == high
    takes.dismiss()
    with pytest.raises(MusicAssistError, match="no notes in these bars"):
        own.offer_bars(5 * BAR, 6 * BAR, (first.name,))


def test_there_is_a_most_and_points_without_a_name_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "MAX_VERSIONS", 2)
    desk = Desk()
    own = desk.session.versions
    nameless = own.keep()
    own.keep("One")
    own.keep("Two")
    assert [version.title for version in own.all] == ["One", "Two"] and nameless.name not in desk.document.pages
    with pytest.raises(MusicAssistError, match="no more than 2 versions"):
        own.keep("Three")
    own.rename(own.all[0].name, "Uno")
    assert [version.title for version in own.all] == ["Uno", "Two"]


def test_damaged_pages_are_left_out_with_a_word() -> None:
    desk = Desk()
    kept = desk.session.versions.keep("Verse")
    good = desk.document.pages[f"versions/{kept.name}"]
    bad = {
        "versions/a": Page("{", songs=good.songs),
        "versions/b": Page(good.text),
        "versions/c": Page(good.text.replace('"track":0', '"track":-1'), songs=good.songs),
        "versions/d": Page(good.text.replace('"Verse"', f'"{"x" * 99}"'), songs=good.songs),
        "versions/e": Page("[]", songs=good.songs),
    }
    pages = dict(desk.document.pages) | bad
    assert versions_in(pages)[1] == 5
    desk.session.open_project(Entry(desk.document.song, None, 0, pages=pages), Path("x.musicassist"), is_kept=True)
    assert [version.title for version in desk.session.versions.all] == ["Verse"]
    said = [change for change in desk.changes if change.kind == "message"][-1]
    assert said.template.format(**said.values) == "Versions that were damaged were left out: 5."


@given(st.lists(st.integers(0, 9), max_size=8))
def test_a_tree_has_each_version_once_whatever_somebody_wrote_about_parents(parents: list[int]) -> None:
    made = tuple(Version(f"{i}", "", f"{parent}", float(i), 0, Song()) for i, parent in enumerate(parents))
    rows = as_tree(made)
    assert sorted(own.name for _, own in rows) == sorted(own.name for own in made)
    assert all(depth >= 0 for depth, _ in rows)


@settings(max_examples=25)
@given(st.lists(st.tuples(st.sampled_from(["keep", "edit", "go", "undo", "redo"]), st.integers(0, 9)), max_size=12))
def test_no_state_that_was_left_by_going_to_a_version_is_lost(steps: list[tuple[str, int]]) -> None:
    desk = Desk()
    own, left = desk.session.versions, []
    for kind, number in steps:
        if kind == "keep":
            own.keep(f"{number}")
        elif kind == "edit":
            edit(desk, number - 4)
        elif kind == "go" and own.all:
            left.append(desk.document.song)
            own.go_to(own.all[number % len(own.all)].name)
        elif kind in ("undo", "redo"):
            getattr(desk.document, kind)()
    assert all(any(song == version.song for version in own.all) for song in left)
    again = reopened(desk)
    assert [v.song for v in again.session.versions.all] == [v.song for v in own.all]


def test_a_version_with_fewer_tracks_is_gone_to() -> None:
    desk = Desk()
    first = desk.session.versions.keep("One track")
    desk.session.tracks.add("Bass")
    desk.session.versions.go_to(first.name)
    assert desk.document.selected_track == 0 and len(desk.document.song.tracks) == 1
    assert replace(first, title="x").page().songs == (first.song,)
    assert len(Notes.of()) == 0


def test_takes_of_a_step_that_a_version_goes_back_behind_stay_in_the_shelf() -> None:
    desk = Desk()
    first = desk.session.versions.keep("Verse")
    desk.session.takes.ask()
    desk.makes(2)
    desk.session.takes.accept()
    desk.session.versions.go_to(first.name)
    assert desk.session.takes.phase == "idle" and desk.document.song == first.song
