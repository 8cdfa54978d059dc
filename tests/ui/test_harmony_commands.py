"""Harmonising in the window."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from harmony.test_harmonising import SONG
from musicassist.document.song_edits import write_chords
from musicassist.score.chord_track import ChordSpan, written_chords
from musicassist.score.song import Song, Track
from musicassist.score.theory import Chord
from window_doubles import Stage


def test_chords_are_found_shown_in_the_lane_and_kept(stage: Stage, qtbot: QtBot) -> None:
    stage.document.replace_song(SONG, None)
    actions, lane = stage.window.actions_table, stage.window.roll.chord_lane
    assert not actions["assistant.keep_chords"].isEnabled()
    stage.window.roll.set_chord_lane_visible(visible=False)
    actions["assistant.harmonise_rich"].trigger()
    qtbot.waitUntil(lambda: bool(lane.proposed))
    assert not lane.isHidden()
    first = lane.proposed
    actions["assistant.next_chords"].trigger()
    assert lane.proposed != first and lane.proposed == stage.session.harmonising.shown
    kept = lane.proposed
    actions["assistant.keep_chords"].trigger()
    assert lane.proposed == ()
    assert [mark.chord for mark in written_chords(stage.document.song)][:-1] == [span.chord for span in kept]


def test_chords_on_offer_can_be_let_go(stage: Stage, qtbot: QtBot) -> None:
    stage.document.replace_song(SONG, None)
    stage.window.actions_table["assistant.harmonise"].trigger()
    qtbot.waitUntil(lambda: bool(stage.window.roll.chord_lane.proposed))
    stage.window.actions_table["assistant.dismiss_chords"].trigger()
    assert (stage.window.roll.chord_lane.proposed, stage.document.song) == ((), SONG)


def test_the_chords_of_the_take_that_sounds_are_ghosts(stage: Stage, qtbot: QtBot) -> None:
    takes, lane = stage.session.takes, stage.window.roll.chord_lane
    stage.window.actions_table["assistant.continue_phrase"].trigger()
    qtbot.waitUntil(lambda: takes.phase == "offered")
    assert lane.proposed == ()
    spans = (ChordSpan(1920, 3840, Chord(5), is_written=False),)
    made = tuple(replace(take, chords=spans if take.number == 2 else ()) for take in takes.offer)
    stage.engine.may_end.clear()
    takes.ask()
    assert takes.request is not None
    takes.on_takes(takes.request, made)
    stage.engine.may_end.set()
    takes.audition(2)
    assert lane.proposed == spans
    takes.audition(1)
    assert lane.proposed == ()


def row_names(stage: Stage) -> list[str]:
    return [row.accessibleName() for row in stage.window.assistant.panel.rows]


def test_accompaniments_are_takes_from_the_press_to_undo(stage: Stage, qtbot: QtBot) -> None:
    stage.document.replace_song(SONG, None)
    takes, roll = stage.session.takes, stage.window.roll
    qtbot.keyClick(stage.window, Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: takes.phase == "offered")
    assert row_names(stage) == ["Take 1, Held chords, heard now", "Take 2, Broken chords", "Take 3, Bass and chords"]
    assert stage.window.roll.chord_lane.proposed == takes.offer[0].chords
    assert stage.engine.requests == []  # no model is asked
    roll.setFocus()
    qtbot.keyClick(roll, Qt.Key.Key_3)
    assert row_names(stage)[2] == "Take 3, Bass and chords, heard now"
    assert roll.scene.offer is not None
    assert (roll.scene.offer.chosen, roll.scene.offer.others) == (takes.offer[2].ghosts, ())
    assert not roll.scene.offer.replaces
    assert [track.name for track in stage.sound.song.tracks] == ["Melody", "Chords", "Bass"]
    assert stage.sound.is_playing
    facts = stage.window.assistant.panel.rows[2].face.facts
    assert "new tracks: Chords, Bass" in facts and "seed" not in facts
    qtbot.keyClick(roll, Qt.Key.Key_Return)
    assert [track.name for track in stage.document.song.tracks] == ["Melody", "CHORDS", "Chords", "Bass"]
    assert (stage.document.undo_name, stage.document.selected_track) == ("Accompany", 0)
    qtbot.keyClick(stage.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert (stage.document.song, takes.phase) == (SONG, "offered")
    qtbot.keyClick(roll, Qt.Key.Key_Escape)
    assert (takes.phase, row_names(stage), stage.document.song) == ("idle", [], SONG)
    assert [track.name for track in stage.sound.song.tracks] == ["Melody"]


def test_what_cannot_be_accompanied_says_why_before_the_press(stage: Stage) -> None:
    action = stage.window.actions_table["assistant.accompany"]
    stage.document.replace_song(Song((Track("Melody"),)), None)
    assert not action.isEnabled()
    assert "write chords first" in action.toolTip()
    stage.document.replace_song(write_chords(Song((Track("Melody"),)), (ChordSpan(0, 1920, Chord(0)),)), None)
    assert action.isEnabled()
