"""Takes in the roll."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from harmony.test_detection import block
from harmony.test_harmonising import BAR, SONG
from musicassist.score.song import Song, Track
from window_doubles import Stage


def test_a_take_like_the_song_veils_only_what_it_replaces(stage: Stage, qtbot: QtBot) -> None:
    stage.document.replace_song(Song((SONG.tracks[0], Track("Piano", block("C F"), channel=1))), None)
    roll, takes = stage.window.roll, stage.session.takes
    stage.window.actions_table["assistant.accompany"].trigger()
    qtbot.waitUntil(lambda: takes.phase == "offered")
    roll.setFocus()
    qtbot.keyClick(roll, Qt.Key.Key_4)
    assert takes.auditioned == 4
    assert roll.scene.offer is not None and not roll.scene.offer.replaces
    stage.document.select_track(1)
    assert roll.scene.offer.replaces
    qtbot.keyClick(roll, Qt.Key.Key_Return)
    assert [track.name for track in stage.document.song.tracks] == ["Melody", "Piano"]
    stage.document.undo()
    assert stage.document.song.tracks[1].end_tick == 2 * BAR


def test_an_accompaniment_comes_into_view_and_the_bars_stay(stage: Stage, qtbot: QtBot) -> None:
    stage.document.replace_song(SONG, None)
    viewport = stage.window.roll.viewport
    viewport.show_span(2 * BAR, 5 * BAR)
    viewport.center_pitch(100)
    before = viewport.from_tick, viewport.ticks.pixels_per_tick
    stage.window.actions_table["assistant.accompany"].trigger()
    qtbot.waitUntil(lambda: stage.session.takes.phase == "offered")
    assert (viewport.from_tick, viewport.ticks.pixels_per_tick) == before
    pitches = stage.session.takes.ghosts(1).pitch
    assert 0 <= viewport.pitches.to_y(int(pitches.max())) < viewport.height_px
    assert 0 <= viewport.pitches.to_y(int(pitches.min())) < viewport.height_px
