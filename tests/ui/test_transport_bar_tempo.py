"""The tempo is read and typed in the beats that are felt."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from builders import phrase
from musicassist.midi import ImportedSong
from musicassist.score.song import Song, Track
from musicassist.score.timing import MeterChange, TempoChange, tempo_change
from musicassist.ui.piano_roll.geometry import lines_between
from window_doubles import Stage
from window_hands import press


def test_escape_in_the_tempo_field_restores_it(stage: Stage) -> None:
    tempo = stage.window.transport_bar.tempo
    tempo.setFocus()
    tempo.selectAll()
    QTest.keyClicks(tempo, "90")
    press(stage, Qt.Key.Key_Escape)

    assert stage.document.song.time_map.tempo_bpm_at(0) == pytest.approx(112, abs=0.01)
    assert tempo.value() == 112


SIX_EIGHT = MeterChange(0, 6, 8)


def song_in(micros: int, *meters: MeterChange) -> Song:
    return Song((Track("Melody"),), 480, (TempoChange(0, micros),), meters)


@pytest.mark.parametrize(
    ("micros", "shown"),
    [
        *((500_000, "♩ 120"), (666_666, "♩ 90"), (60_060, "♩ 999"), (15_000_000, "♩ 4"), (648_649, "♩ 92.5")),
        *((100_000, "♩ 600"), (7_500_000, "♩ 8"), (50_000, "♩ 1200"), (0xFFFFFF, "♩ 3.58")),
    ],
)
def test_the_tempo_field_shows_what_the_file_says_and_changes_nothing_by_that(
    stage: Stage, micros: int, shown: str
) -> None:
    song = song_in(micros)
    stage.document.replace_song(song, None)
    tempo = stage.window.transport_bar.tempo
    assert tempo.text() == shown
    assert tempo.fontMetrics().horizontalAdvance(shown) <= tempo.lineEdit().width() - 12
    tempo.setFocus()
    press(stage, Qt.Key.Key_Return)
    stage.window.workspace.focus_roll()
    assert stage.document.song is song


@pytest.mark.parametrize(
    ("typed", "micros"), [("4", 15_000_000), ("999", 60_060), ("92.25", 650_407), ("600", 100_000)]
)
def test_tempos_from_4_to_999_can_be_typed(stage: Stage, typed: str, micros: int) -> None:
    type_tempo(stage, typed)
    assert stage.document.song.tempo_changes[0].microseconds_per_beat == micros


def type_tempo(stage: Stage, typed: str) -> None:
    tempo = stage.window.transport_bar.tempo
    tempo.setFocus()
    tempo.selectAll()
    QTest.keyClicks(tempo, typed)
    QTest.keyClick(tempo, Qt.Key.Key_Return)


def test_in_six_eight_the_tempo_is_read_and_typed_in_dotted_quarters(stage: Stage) -> None:
    stage.document.replace_song(song_in(500_000, SIX_EIGHT), None)
    assert stage.window.transport_bar.tempo.text() == "♩. 80"
    assert stage.window.roll.ruler.changes() == [(0, "6/8   ♩. 80")]
    type_tempo(stage, "60")
    assert stage.document.song.tempo_changes[0].tempo_bpm == pytest.approx(90, abs=0.001)
    assert stage.window.transport_bar.tempo.text() == "♩. 60"
    type_tempo(stage, "666")
    assert stage.document.song.tempo_changes[0].tempo_bpm == pytest.approx(999, abs=0.02)


def test_in_six_eight_the_position_and_the_lines_count_dotted_quarters(stage: Stage) -> None:
    stage.document.replace_song(song_in(500_000, SIX_EIGHT), None)
    stage.session.transport.seek(720)
    stage.window.heartbeat.beat()
    assert stage.window.transport_bar.position.text() == "1.2.000"
    lines = lines_between(stage.window.roll.scene.grid, 0, 2880, 0.5)
    assert lines.beat_ticks.tolist()[:2] == [720, 2160]


def test_a_tempo_that_is_being_typed_is_none_of_the_song_that_is_opened_meanwhile(stage: Stage) -> None:
    field = stage.window.transport_bar.tempo
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "77")
    song = Song((Track("Tune", phrase(60, 62)),), tempo_changes=(tempo_change(0, 90),))
    stage.session.open(ImportedSong(song, (), 1, 2), None)
    stage.window.roll.setFocus()
    assert stage.document.song == song
    assert not stage.document.is_modified
    assert field.value() == 90
