"""Harmonising in the window."""

from __future__ import annotations

from dataclasses import replace

from pytestqt.qtbot import QtBot

from harmony.test_harmonising import SONG
from musicassist.score.chord_track import ChordSpan, written_chords
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
    actions["assistant.accompany_block"].trigger()
    assert stage.document.song.tracks[-1].name == "Chords"


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
