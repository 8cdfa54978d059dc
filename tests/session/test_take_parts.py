"""A take of several tracks is heard together, kept as one step, and can be taken track by track."""

from __future__ import annotations

from dataclasses import replace

import pytest

from builders import phrase
from ensemble_songs import BAR, band
from musicassist.composing.request import Constraints, Part, Take
from musicassist.document.song_edits import add_track, move_track, remove_track
from musicassist.errors import MusicAssistError
from musicassist.score.song import Notes, Track
from musicassist.session.offers import CONTINUE, CONTINUE_SONG, PARTS
from session_desk import Desk

SPAN = (4 * BAR, 8 * BAR)


@pytest.fixture
def desk() -> Desk:
    """A desk with one take of melody, bass and drums on offer."""
    desk = Desk(band())
    desk.session.takes.set_controls(replace(desk.session.takes.controls, models={PARTS: "ensemble"}))
    desk.session.takes.ask(CONTINUE_SONG)
    offer(desk)
    return desk


def offer(desk: Desk) -> Take:
    request = desk.generator.asked[-1]
    parts = (Part(2, new_notes(40)), Part(3, new_notes(36)))
    take = Take(
        new_notes(70), *SPAN, request.model, request.seed, 1, 1.0, 1.0, Constraints(), request.revision, parts=parts
    )
    desk.session.takes.on_takes(request, (take,))
    return take


def new_notes(pitch: int) -> Notes:
    return phrase(pitch, pitch + 2, step_ticks=480, from_tick=4 * BAR)


def added(desk: Desk) -> list[int]:
    """How many notes each track got."""
    return [len(track.notes.where(track.notes.start_tick >= 4 * BAR)) for track in desk.document.song.tracks]


def test_the_song_is_asked_for_as_a_whole_by_the_model_that_can(desk: Desk) -> None:
    request = desk.generator.asked[-1]
    assert request.all_parts and request.model == "ensemble"
    assert desk.session.takes.span == SPAN


def test_a_track_with_chords_is_continued_by_the_model_that_can(desk: Desk) -> None:
    desk.session.takes.ask(CONTINUE)
    assert desk.generator.asked[-1].model == "lstm"
    desk.session.tracks.select(1)
    desk.session.takes.ask(CONTINUE)
    assert desk.generator.asked[-1].model == "ensemble" and not desk.generator.asked[-1].has_parts
    controls = desk.session.takes.controls
    desk.session.takes.set_controls(replace(controls, constraints=Constraints(polyphony=1)))
    desk.session.takes.ask(CONTINUE)
    assert desk.generator.asked[-1].model == "lstm"


def test_all_parts_are_heard_together(desk: Desk) -> None:
    assert desk.sound.heard == new_notes(70)
    assert [(index, notes) for index, notes, _ in desk.sound.heard_parts] == [(2, new_notes(40)), (3, new_notes(36))]


def test_they_are_kept_and_taken_back_as_one_step(desk: Desk) -> None:
    before = desk.document.song
    desk.session.takes.accept()
    assert added(desk) == [2, 0, 2, 2]
    assert desk.document.undo_name == "Continue song"
    desk.document.undo()
    assert desk.document.song is before
    assert desk.session.takes.phase == "offered"


def test_compose_again_asks_for_the_song_again(desk: Desk) -> None:
    desk.session.takes.again()
    assert desk.generator.asked[-1].all_parts


@pytest.mark.parametrize(("track", "expected"), [(0, [2, 0, 0, 0]), (2, [0, 0, 2, 0]), (3, [0, 0, 0, 2])])
def test_tracks_can_be_taken_singly(desk: Desk, track: int, expected: list[int]) -> None:
    desk.session.tracks.select(track)
    desk.session.takes.accept(is_part=True)
    assert added(desk) == expected
    assert desk.document.selected_track == track
    assert desk.session.takes.phase == "idle"


def test_a_track_that_is_not_written_has_nothing_to_take(desk: Desk) -> None:
    desk.session.tracks.select(1)
    with pytest.raises(MusicAssistError, match="no notes for this track"):
        desk.session.takes.accept(is_part=True)
    assert desk.session.takes.phase == "offered"


def test_parts_go_where_their_tracks_went(desk: Desk) -> None:
    desk.document.apply("move", move_track(desk.document.song, 2, 0))
    desk.session.takes.accept()
    assert added(desk) == [2, 2, 0, 2]


def test_a_part_whose_track_is_gone_stops_the_take(desk: Desk) -> None:
    desk.document.apply("remove", remove_track(desk.document.song, 2))
    with pytest.raises(MusicAssistError, match="gone"):
        desk.session.takes.accept()


def test_new_notes_in_the_way_of_a_part_stop_the_take(desk: Desk) -> None:
    bass = desk.document.song.tracks[2]
    longer = replace(bass, notes=bass.notes.plus(new_notes(50)))
    desk.document.apply("edit", desk.document.song.with_track(2, longer))
    with pytest.raises(MusicAssistError, match="new notes"):
        desk.session.takes.accept()


def test_a_new_track_is_in_nobodys_way(desk: Desk) -> None:
    desk.document.apply("add", add_track(desk.document.song, Track("Flute"), 0))
    desk.session.takes.accept()
    assert added(desk) == [0, 2, 0, 2, 2]
