"""The window as its user meets it: real keys and clicks, quiet doubles behind."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPoint, QPointF, QRect, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from builders import phrase, save_as
from musicassist.document import saving
from musicassist.document.journal_file import Entry, read_journal
from musicassist.errors import CheckpointError, ConstraintError
from musicassist.midi import ImportedSong, read_song, write_song
from musicassist.resources import demo_song
from musicassist.score.song import Song, Track
from musicassist.score.timing import MeterChange, TempoChange, tempo_change
from musicassist.sound.messages import EngineDied, PortsChanged, SoundSettings, StatusChanged
from musicassist.ui.continue_button import COMPOSING, NOTHING, READY, WAITING
from musicassist.ui.notices import WARNING, Notice
from musicassist.ui.piano_roll.geometry import lines_between
from musicassist.ui.status_strip import GOOD, KEYBOARD, MISSING, MODEL, SOUND, TROUBLED
from musicassist.ui.theme import DARK, LIGHT, theme_now
from window_doubles import Stage

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
NONE = Qt.KeyboardModifier.NoModifier


def press(stage: Stage, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
    """A key for whatever has the keyboard."""
    QTest.keyClick(QApplication.focusWidget() or stage.window, key, modifiers)


def offer_takes(stage: Stage, qtbot: QtBot) -> None:
    """Ctrl+Return, and the takes are there."""
    stage.window.model_status.load()
    qtbot.waitUntil(lambda: stage.window.generator.is_ready)
    press(stage, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: stage.session.takes.phase == "offered")


def pitches(stage: Stage) -> list[int]:
    return stage.document.track.notes.pitch.tolist()


# Files and title


def test_title_names_the_file_and_marks_what_is_unsaved(stage: Stage, tmp_path: Path) -> None:
    assert stage.window.windowTitle() == "Untitled[*] – musicassist"  # noqa: RUF001
    save_as(stage.session, tmp_path / "story.mid")
    assert stage.window.windowTitle() == "story.mid[*] – musicassist"  # noqa: RUF001
    assert not stage.window.isWindowModified()
    press(stage, Qt.Key.Key_A, CTRL)
    press(stage, Qt.Key.Key_Up)
    assert stage.window.isWindowModified()


def test_an_opened_file_has_its_first_notes_selected_and_the_roll_the_keyboard(
    stage: Stage, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "other.mid"
    path.write_bytes(write_song(stage.document.song))
    stage.window.files.open_path(path)
    qtbot.waitUntil(lambda: stage.document.path == path)

    assert stage.document.track.name == "Melody"
    assert QApplication.focusWidget() is stage.window.roll.view
    assert stage.saved_settings == [] and stage.window.preferences.now.recent_files == (str(path),)


def test_a_broken_file_is_told_above_the_roll_and_the_song_stays(stage: Stage, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "broken.mid"
    path.write_bytes(b"this is no music at all")
    before = stage.document.song
    stage.window.files.open_path(path)
    qtbot.waitUntil(lambda: bool(stage.window.notices.texts))

    assert "broken.mid" in stage.window.notices.texts[0]
    assert stage.document.song is before


def test_a_damaged_file_opens_as_far_as_it_makes_sense(stage: Stage, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "cut.mid"
    path.write_bytes(write_song(stage.document.song)[:-12])
    stage.window.files.open_path(path)
    qtbot.waitUntil(lambda: stage.document.path == path)
    assert stage.window.notices.texts[0].startswith("cut.mid: ")


def test_audio_is_rendered_in_the_background(
    stage: Stage, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[str] = []

    def render(_song: Song, path: Path, **_options: object) -> None:
        threads.append(threading.current_thread().name)
        path.write_bytes(b"RIFF")

    monkeypatch.setattr("musicassist.ui.filing.render_audio", render)
    stage.window.files.render(tmp_path / "song.wav")
    assert stage.window.notices.texts == ("Rendering song.wav…",)
    qtbot.waitUntil(lambda: stage.window.strip.message == "Exported song.wav.")
    assert threads == ["files"]
    assert stage.window.notices.texts == ()


def test_recent_files_stand_in_the_menu(stage: Stage, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "mine.mid"
    save_as(stage.session, path)
    stage.window.files.read(path)
    qtbot.waitUntil(lambda: stage.window.preferences.now.recent_files == (str(path),))
    menu = QMenu()
    qtbot.addWidget(menu)
    stage.window.files.fill_recent(menu)
    assert [action.text() for action in menu.actions()] == ["mine.mid"]


def test_what_a_save_would_lose_is_said_before(
    stage: Stage, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mine.mid"
    save_as(stage.session, path)
    monkeypatch.setattr(saving, "lost_on_save", lambda _song: ("A chunk of another program.",))
    press(stage, Qt.Key.Key_A, CTRL)
    press(stage, Qt.Key.Key_Up)
    press(stage, Qt.Key.Key_S, CTRL)
    lost = "Saving over mine.mid would lose: A chunk of another program."
    qtbot.waitUntil(lambda: stage.window.notices.texts == (lost,))
    assert stage.document.is_modified
    stage.window.notices.press("overwrite", "Save anyway")
    qtbot.waitUntil(lambda: not stage.document.is_modified)


def test_a_dropped_file_opens(stage: Stage, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "dropped.mid"
    path.write_bytes(write_song(stage.document.song))
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    no_button = Qt.MouseButton.NoButton
    event = QDropEvent(QPointF(600, 300), Qt.DropAction.CopyAction, data, no_button, NONE)
    stage.window.dropEvent(event)
    qtbot.waitUntil(lambda: stage.document.path == path)


def test_opening_over_unsaved_work_asks_in_the_strip(stage: Stage, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "other.mid"
    path.write_bytes(write_song(stage.document.song))
    press(stage, Qt.Key.Key_A, CTRL)
    press(stage, Qt.Key.Key_Delete)
    stage.window.files.open_path(path)

    assert stage.window.notices.texts == ("There is work that is not saved.",)
    stage.window.notices.press("unsaved", "Open without saving")
    qtbot.waitUntil(lambda: stage.document.path == path)


def test_ctrl_s_saves_where_the_file_came_from(stage: Stage, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "mine.mid"
    save_as(stage.session, path)
    press(stage, Qt.Key.Key_A, CTRL)
    press(stage, Qt.Key.Key_Up)
    press(stage, Qt.Key.Key_S, CTRL)
    qtbot.waitUntil(lambda: stage.window.strip.message == "Saved mine.mid.")
    assert read_song(path).song.tracks[0].notes.pitch.tolist() == [63, 67, 70, 72]


def test_a_save_that_fails_is_told_and_loses_nothing(stage: Stage, qtbot: QtBot, tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    save_as(stage.session, folder / "mine.mid")
    (folder / "mine.mid").unlink()
    folder.rmdir()
    press(stage, Qt.Key.Key_A, CTRL)
    press(stage, Qt.Key.Key_Up)
    press(stage, Qt.Key.Key_S, CTRL)
    qtbot.waitUntil(lambda: len(stage.window.notices.texts) == 1)
    assert stage.document.is_modified


def test_a_change_by_another_program_is_told(stage: Stage, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "shared.mid"
    save_as(stage.session, path)
    stage.window.files._watch.watch(path)
    song = stage.document.song
    path.write_bytes(write_song(song.with_track(0, song.tracks[0].with_notes(song.tracks[1].notes))))
    qtbot.waitUntil(lambda: stage.window.notices.texts == ("shared.mid was changed by another program.",))
    stage.window.notices.press("disk", "Open the new version")
    qtbot.waitUntil(lambda: pitches(stage) == [38, 45])


def test_closing_with_unsaved_work_asks_and_then_goes(stage: Stage, qtbot: QtBot) -> None:
    press(stage, Qt.Key.Key_A, CTRL)
    press(stage, Qt.Key.Key_Delete)
    assert not stage.window.close()
    assert stage.window.notices.texts == ("There is work that is not saved.",)
    stage.window.notices.press("unsaved", "Quit without saving")
    qtbot.waitUntil(lambda: not stage.window.isVisible())
    assert ("close",) in stage.sound.said
    assert stage.journal.recoveries() == []


def test_return_saves_first_and_escape_stays(stage: Stage, qtbot: QtBot, tmp_path: Path) -> None:
    save_as(stage.session, tmp_path / "mine.mid")
    press(stage, Qt.Key.Key_A, CTRL)
    press(stage, Qt.Key.Key_Up)
    press(stage, Qt.Key.Key_Q, CTRL)
    press(stage, Qt.Key.Key_Escape)
    assert stage.window.notices.texts == ()
    assert stage.window.isVisible()
    assert QApplication.focusWidget() is stage.window.roll.view
    press(stage, Qt.Key.Key_Q, CTRL)
    press(stage, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not stage.window.isVisible())
    assert read_song(tmp_path / "mine.mid").song.tracks[0].notes.pitch.tolist() == [63, 67, 70, 72]


def test_each_edit_is_recorded_at_once_until_it_is_saved(stage: Stage, qtbot: QtBot, tmp_path: Path) -> None:
    def recorded() -> Entry:
        (path,) = (tmp_path / "recovery").glob("*.journal")
        stage.journal.flush()
        return read_journal(path)

    press(stage, Qt.Key.Key_A, CTRL)
    press(stage, Qt.Key.Key_Up)
    assert recorded().is_unsaved and recorded().song == stage.document.song
    save_as(stage.session, tmp_path / "mine.mid")
    assert not recorded().is_unsaved and recorded().path == tmp_path / "mine.mid"


def test_work_is_kept_for_recovery_and_taken_back(stage: Stage, qtbot: QtBot, tmp_path: Path) -> None:
    press(stage, Qt.Key.Key_A, CTRL)
    press(stage, Qt.Key.Key_Up)
    stage.window.shut_down(keep_recovery=True)
    from window_doubles import raise_stage

    after = raise_stage(tmp_path / "recovery")
    after.window.show()
    after.window.recovering.offer()
    qtbot.waitUntil(lambda: bool(after.window.notices.texts))
    after.window.notices.press("recovery_offer", "Take it back")
    qtbot.waitUntil(lambda: pitches(after) == [63, 67, 70, 72])
    assert after.document.is_modified
    after.window.shut_down(keep_recovery=False)


def test_what_a_killed_save_left_beside_recent_songs_is_swept_at_the_next_start(
    stage: Stage, qtbot: QtBot, tmp_path: Path
) -> None:
    stray = tmp_path / "songs" / ".musicassist-0123456789abcdef.tmp"
    stray.parent.mkdir()
    stray.write_bytes(b"half a song")
    stage.window.preferences.change(recent_files=(str(stray.with_name("story.mid")),))
    stage.window.recovering.offer()
    qtbot.waitUntil(lambda: not stray.exists())


def test_a_damaged_record_is_told_once(stage: Stage, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "recovery" / "1-aa.journal").write_bytes(b"noise")
    stage.window.recovering.offer()
    told = "The recovery copy 1-aa.journal is damaged and was set aside."
    qtbot.waitUntil(lambda: stage.window.notices.texts == (told,))
    stage.window.notices.dismiss("recovery_damaged")
    stage.window.recovering.offer()
    qtbot.waitUntil(lambda: not stage.window.recovering._tasks.is_busy)
    assert stage.window.notices.texts == ()


def test_taking_work_back_asks_before_it_replaces_unsaved_work(stage: Stage, qtbot: QtBot, tmp_path: Path) -> None:
    press(stage, Qt.Key.Key_A, CTRL)
    press(stage, Qt.Key.Key_Up)
    stage.window.shut_down(keep_recovery=True)
    from window_doubles import raise_stage

    after = raise_stage(tmp_path / "recovery")
    after.window.show()
    after.window.recovering.offer()
    qtbot.waitUntil(lambda: bool(after.window.notices.texts))
    after.window.files.show_demo()
    press(after, Qt.Key.Key_A, CTRL)
    press(after, Qt.Key.Key_Down)
    written = pitches(after)
    assert written != [63, 67, 70, 72]
    after.window.notices.press("recovery_offer", "Take it back")
    qtbot.waitUntil(lambda: "There is work that is not saved." in after.window.notices.texts)
    assert pitches(after) == written
    after.window.notices.press("unsaved", "Take it back without saving")
    assert pitches(after) == [63, 67, 70, 72]
    after.window.shut_down(keep_recovery=False)


def test_what_was_said_about_a_file_goes_with_it(stage: Stage, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "cut.mid"
    path.write_bytes(write_song(stage.document.song)[:-12])
    stage.window.files.open_path(path)
    qtbot.waitUntil(lambda: stage.document.path == path)
    assert stage.window.notices.texts
    press(stage, Qt.Key.Key_N, CTRL)
    assert stage.window.notices.texts == ()


# Editing


def test_arrows_delete_and_undo_act_on_the_selection(stage: Stage) -> None:
    press(stage, Qt.Key.Key_A, CTRL)
    press(stage, Qt.Key.Key_Up)
    press(stage, Qt.Key.Key_Up, SHIFT)
    assert pitches(stage) == [75, 79, 82, 84]
    press(stage, Qt.Key.Key_Delete)
    assert pitches(stage) == []
    press(stage, Qt.Key.Key_Z, CTRL)
    press(stage, Qt.Key.Key_Z, CTRL)
    assert pitches(stage) == [62, 66, 69, 71]
    assert stage.window.actions_table["edit.undo"].text() == "Undo"


def test_undo_says_what_it_takes_back(stage: Stage) -> None:
    press(stage, Qt.Key.Key_A, CTRL)
    press(stage, Qt.Key.Key_Delete)
    assert stage.window.actions_table["edit.undo"].text() == "Undo: Delete notes"


def test_what_cannot_be_done_says_why(stage: Stage) -> None:
    action = stage.window.actions_table["edit.cut"]
    assert not action.isEnabled()
    assert "Select some notes first." in action.toolTip()


def test_letters_typed_into_a_field_are_no_commands(stage: Stage) -> None:
    tempo = stage.window.transport_bar.tempo
    tempo.setFocus()
    tempo.selectAll()
    QTest.keyClicks(tempo, "90")
    press(stage, Qt.Key.Key_M)
    press(stage, Qt.Key.Key_Return)

    assert stage.document.song.time_map.tempo_bpm_at(0) == pytest.approx(90, abs=0.01)
    assert not stage.document.track.muted
    assert not stage.sound.is_playing
    QApplication.processEvents()
    assert QApplication.focusWidget() is stage.window.roll.view


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
    stage.window.desk.focus_roll()
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


@pytest.mark.parametrize("is_playing", [False, True])
@pytest.mark.parametrize(("first_bar", "pitch"), [(0, 100), (0, 20), (40, 60), (40, 110)])
def test_selecting_a_track_scrolls_to_its_notes(stage: Stage, first_bar: int, pitch: int, *, is_playing: bool) -> None:
    here = Track("Here", phrase(60, 62, 64))
    there = Track("There", phrase(pitch, pitch + 1, from_tick=1920 * first_bar), channel=1)
    stage.document.replace_song(Song((here, there), 480), None)
    if is_playing:
        stage.session.transport.play()
    stage.session.tracks.select(1)
    viewport, notes = stage.window.roll.viewport, stage.document.track.notes
    if not (is_playing and first_bar):
        assert viewport.from_tick <= notes.start_tick[0] < viewport.to_tick
    assert all(0 <= viewport.pitches.to_y(note.pitch) < viewport.height_px for note in notes)
    stage.session.tracks.select(0)
    assert 0 <= viewport.pitches.to_y(62) < viewport.height_px
    assert viewport.from_tick <= 0 or is_playing


def test_selecting_a_track_whose_notes_are_in_view_moves_nothing(stage: Stage) -> None:
    tracks = (Track("Here", phrase(60, 62, 64)), Track("There", phrase(67, 69, 71, from_tick=480), channel=1))
    stage.document.replace_song(Song(tracks, 480), None)
    before = stage.window.roll.viewport.from_tick, stage.window.roll.viewport.pitches.scroll_px
    stage.session.tracks.select(1)
    assert (stage.window.roll.viewport.from_tick, stage.window.roll.viewport.pitches.scroll_px) == before


def test_tools_and_grid_are_shown_where_they_are_chosen(stage: Stage) -> None:
    press(stage, Qt.Key.Key_2)
    assert stage.window.roll.tool == "draw"
    assert stage.window.actions_table["edit.tool_draw"].isChecked()
    assert not stage.window.actions_table["edit.tool_edit"].isChecked()
    press(stage, Qt.Key.Key_B)
    assert stage.window.roll.tool == "edit"
    assert stage.window.roll.scene.grid.step_ticks == 120
    press(stage, Qt.Key.Key_N)
    assert stage.window.roll.scene.grid.step_ticks is None


def test_a_track_is_chosen_renamed_and_muted_in_the_list(stage: Stage) -> None:
    rows = stage.window.track_list.rows
    QTest.mouseClick(rows[1], Qt.MouseButton.LeftButton, pos=QPoint(60, 30))
    assert stage.document.selected_track == 1
    rows[1].start_renaming()
    QTest.keyClicks(rows[1].editor, "Low")
    QTest.keyClick(rows[1].editor, Qt.Key.Key_Return)
    assert stage.document.song.tracks[1].name.endswith("Low")
    rows[1].mute.click()
    assert stage.document.song.tracks[1].muted


def test_a_track_is_renamed_and_given_an_instrument_by_the_keyboard_alone(stage: Stage) -> None:
    press(stage, Qt.Key.Key_PageDown, CTRL)
    press(stage, Qt.Key.Key_F2)
    QTest.keyClicks(QApplication.focusWidget(), "Low")
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert stage.document.song.tracks[1].name == "Low"
    press(stage, Qt.Key.Key_F2, Qt.KeyboardModifier.ShiftModifier)
    families = QApplication.activePopupWidget()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Return):
        QTest.keyClick(QApplication.activePopupWidget() or families, key)
    assert stage.document.song.tracks[1].program == 1
    assert QApplication.activePopupWidget() is None


def test_the_tracks_unfold_to_be_renamed(stage: Stage) -> None:
    stage.window.actions_table.run("view.tracks_panel")
    stage.window.actions_table.run("view.rename_track")
    assert stage.window.track_list.isVisible()
    assert stage.window.actions_table["view.tracks_panel"].isChecked()


# Playing


def test_space_plays_and_stops_and_return_goes_back(stage: Stage) -> None:
    stage.session.transport.seek(480)
    press(stage, Qt.Key.Key_Space)
    assert stage.sound.is_playing
    stage.sound.position = 900
    stage.window.heartbeat.beat()
    assert stage.window.transport_bar.position.text() == "1.2.420"
    press(stage, Qt.Key.Key_Return)
    assert not stage.sound.is_playing
    assert stage.sound.position == 480


def test_space_plays_though_a_button_has_the_keyboard(stage: Stage) -> None:
    stage.window.transport_bar.continuing.button.setFocus()
    press(stage, Qt.Key.Key_Space)
    assert stage.sound.is_playing
    assert stage.session.takes.phase == "idle"


def test_musical_typing_plays_letters_and_no_commands(stage: Stage) -> None:
    press(stage, Qt.Key.Key_K, CTRL)
    press(stage, Qt.Key.Key_S)
    press(stage, Qt.Key.Key_K, CTRL)
    assert ("note_on", 62) in stage.sound.said and ("note_off", 62) in stage.sound.said
    assert not stage.document.track.soloed
    press(stage, Qt.Key.Key_S)
    assert stage.document.track.soloed


def test_letter_keys_are_recorded_where_no_keyboard_is(stage: Stage) -> None:
    press(stage, Qt.Key.Key_K, CTRL)
    stage.session.input.toggle_recording()
    assert stage.window.actions_table["play.record"].isChecked()
    QTest.keyPress(QApplication.focusWidget(), Qt.Key.Key_A)
    stage.sound.position = 480
    stage.window.heartbeat.beat()
    assert stage.window.roll.scene.recorded.pitch.tolist() == [60]
    QTest.keyRelease(QApplication.focusWidget(), Qt.Key.Key_A)
    stage.session.input.toggle_recording()
    press(stage, Qt.Key.Key_K, CTRL)
    assert stage.window.actions_table["edit.undo"].text() == "Undo: Record notes"
    assert sorted(pitches(stage)) == [60, 62, 66, 69, 71]
    stage.window.heartbeat.beat()
    assert len(stage.window.roll.scene.recorded) == 0


@pytest.mark.parametrize(
    ("wanted", "inputs", "sentence"),
    [
        (None, (), "no keyboard: plug one in"),
        (None, ("LPK25", "Keystation 49"), "several keyboards: choose one"),
        ("", ("LPK25",), "keyboard off"),
        ("LPK25", (), "LPK25 is not connected"),
        ("LPK25", ("LPK25",), "LPK25 does not open"),
    ],
)
def test_the_strip_speaks_of_the_keyboard_in_sentences_that_can_be_read_alone(
    stage: Stage, wanted: str | None, inputs: tuple[str, ...], sentence: str
) -> None:
    stage.window.desk.preferences.change(input_port=wanted)
    stage.sound.events = [PortsChanged(inputs, (), None, None)]
    stage.window.heartbeat.beat()
    item = stage.window.strip.items[KEYBOARD]
    assert item.text().strip() == item.accessibleName() == sentence


def test_a_keyboard_that_sends_mpe_is_said_once_and_in_its_tip_with_what_becomes_of_it(stage: Stage) -> None:
    stage.sound.events = [PortsChanged(("Seaboard",), (), "Seaboard", None, is_mpe=True)]
    stage.window.heartbeat.beat()
    tip = stage.window.strip.items[KEYBOARD].toolTip()
    assert "MPE" in tip
    assert "nearest" in tip
    assert stage.window.strip.message.startswith("Seaboard: It sends MPE.")
    stage.window.strip.say("something else")
    stage.sound.events = [PortsChanged(("Seaboard",), ("Synth",), "Seaboard", None, is_mpe=True)]
    stage.window.heartbeat.beat()
    assert stage.window.strip.message == "something else"


def test_recording_without_a_keyboard_says_what_to_do(stage: Stage) -> None:
    press(stage, Qt.Key.Key_R)
    assert stage.session.input.is_recording
    assert "Ctrl+K" in stage.window.strip.message
    stage.window.heartbeat.beat()
    press(stage, Qt.Key.Key_R)
    stage.window.heartbeat.beat()
    assert not stage.session.input.is_recording
    assert stage.window.strip.message == ""


# Status


def test_the_strip_says_what_sounds_and_what_is_missing(stage: Stage) -> None:
    items = stage.window.strip.items
    stage.window.heartbeat.beat()
    assert (items[SOUND].text().strip(), items[SOUND].state) == ("FluidSynth · TimGM6mb", GOOD)
    assert items[KEYBOARD].text().strip() == "no keyboard: plug one in"
    stage.sound.events = [
        StatusChanged("silent", "", "No audio device was found.", "Plug in a headset.", 0.0),
        PortsChanged(("Keystation 49",), (), "Keystation 49", None),
    ]
    stage.window.heartbeat.beat()
    assert (items[SOUND].text().strip(), items[SOUND].state) == ("no sound: No audio device was found", MISSING)
    assert (items[KEYBOARD].text().strip(), items[KEYBOARD].state) == ("Keystation 49", GOOD)
    menu = items[SOUND].menu()
    menu.aboutToShow.emit()
    choices = {action.text(): action for action in menu.actions()}
    assert {"Try again", "Go on silently", "Test tone", "Choose a SoundFont…"} <= set(choices)
    choices["Try again"].trigger()
    assert any(said[0] == "configure" for said in stage.sound.said)
    choices["Go on silently"].trigger()
    assert stage.sound.said[-1] == ("configure", SoundSettings(driver="silent"))


def test_a_wrong_choice_is_told_with_what_plays_meanwhile(stage: Stage) -> None:
    item = stage.window.strip.items[SOUND]
    stage.sound.events = [StatusChanged("alsa", "TimGM6mb.sf2", "bad.sf2 is damaged.", "Choose another SoundFont.")]
    stage.window.heartbeat.beat()
    assert (item.text().strip(), item.state) == ("bad.sf2 is damaged", TROUBLED)
    assert "Meanwhile FluidSynth · TimGM6mb plays." in item.toolTip()
    stage.sound.events = [
        StatusChanged("built-in synth, aplay", "", "Built-in synth: FluidSynth is missing.", "Install it.")
    ]
    stage.window.heartbeat.beat()
    assert item.text().strip() == "Built-in synth: FluidSynth is missing"


def test_the_song_is_sent_through_fluidsynth_a_port_or_both(stage: Stage) -> None:
    stage.sound.events = [
        PortsChanged((), ("Drum box",), None, None),
        StatusChanged("alsa", "A.sf2", ports=("Drum box",)),
    ]
    stage.window.heartbeat.beat()
    assert stage.window.strip.items[SOUND].text().strip() == "FluidSynth · A + Drum box"
    choose_in_sound_menu(stage, "Play through", "FluidSynth and Drum box")
    now = stage.window.preferences.now
    assert (now.output_port, now.with_fluidsynth, now.midi_clock) == ("Drum box", True, True)
    choose_in_sound_menu(stage, "Play through", "Drum box")
    choose_in_sound_menu(stage, "Play through", "Send MIDI clock")
    now = stage.window.preferences.now
    assert (now.output_port, now.with_fluidsynth, now.midi_clock) == ("Drum box", False, False)
    choose_in_sound_menu(stage, "Play through", "FluidSynth")
    assert stage.window.preferences.now.output_port is None


def choose_in_sound_menu(stage: Stage, *choices: str) -> None:
    menu = stage.window.strip.items[SOUND].menu()
    menu.aboutToShow.emit()
    *titles, choice = choices
    for title in titles:
        menu = next(action for action in menu.actions() if action.text() == title).menu()
    next(action for action in menu.actions() if action.text() == choice).trigger()


def test_reverb_and_loudness_are_chosen_and_told_to_the_engine(stage: Stage) -> None:
    choose_in_sound_menu(stage, "Room and loudness", "Reverb", "Hall")
    choose_in_sound_menu(stage, "Room and loudness", "Loudness", "75 %")
    settings = stage.sound.said[-1][1]
    assert isinstance(settings, SoundSettings)
    assert (settings.tone.reverb, settings.tone.gain) == ("hall", 0.75)


def test_a_track_is_played_through_a_port_of_its_own_and_a_missing_one_is_told(stage: Stage) -> None:
    stage.sound.events = [
        PortsChanged((), ("Drum box",), None, None),
        StatusChanged("alsa", "A.sf2", missing_ports=("Rack",)),
    ]
    stage.window.heartbeat.beat()
    item = stage.window.strip.items[SOUND]
    assert (item.text().strip(), item.state) == ("Rack is not connected", TROUBLED)
    row = stage.window.track_list.rows[0]
    assert row.outputs == ("Drum box",)
    row.output_chosen.emit(0, "Drum box")
    assert stage.document.song.tracks[0].output_port == "Drum box"
    assert "Drum box" in stage.window.track_list.rows[0].instrument.text()
    stage.document.undo()
    assert stage.document.song.tracks[0].output_port is None


def test_a_chosen_keyboard_that_is_away_or_does_not_open_is_named(stage: Stage) -> None:
    item = stage.window.strip.items[KEYBOARD]
    stage.window.preferences.change(input_port="Keystation 49")
    stage.sound.events = [PortsChanged(("LPK25",), (), None, None)]
    stage.window.heartbeat.beat()
    assert (item.text().strip(), item.state) == ("Keystation 49 is not connected", TROUBLED)
    assert "Plug it in again" in item.toolTip()
    stage.sound.events = [PortsChanged(("LPK25", "Keystation 49"), (), None, None)]
    stage.window.heartbeat.beat()
    assert (item.text().strip(), item.state) == ("Keystation 49 does not open", TROUBLED)
    assert "Another program may use it" in item.toolTip()


def test_the_menus_inside_a_menu_of_the_strip_go_when_it_opens_again(stage: Stage) -> None:
    for name in (SOUND, KEYBOARD):
        menu = stage.window.strip.items[name].menu()
        counts = []
        for _ in range(3):
            menu.aboutToShow.emit()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            counts.append(len(menu.findChildren(QMenu)))
        assert counts[0] == counts[1] == counts[2] > 0


def test_a_dead_engine_is_told_with_its_remedy(stage: Stage) -> None:
    stage.sound.events = [EngineDied("The sound engine stopped.", "Start it again.", restarted=False)]
    stage.window.heartbeat.beat()
    assert stage.window.notices.texts == ("The sound engine stopped. Start it again.",)
    stage.window.notices.press("sound", "Start sound again")
    assert any(said[0] == "configure" for said in stage.sound.said)


def test_the_model_is_told_ready_or_missing(stage: Stage, qtbot: QtBot) -> None:
    stage.window.model_status.load()
    qtbot.waitUntil(lambda: stage.window.strip.items[MODEL].text().strip() == "LSTM ready")
    stage.engine.problem = CheckpointError("There is no model named {name}.", name="vae")
    stage.window.model_status.choose("vae")
    qtbot.waitUntil(lambda: stage.window.strip.items[MODEL].state == MISSING)
    assert stage.window.notices.texts == ("There is no model named vae.",)


# The assistant


def test_ctrl_return_offers_takes_and_keys_belong_to_them(stage: Stage, qtbot: QtBot) -> None:
    offer_takes(stage, qtbot)
    assert stage.window.takes_panel.isVisible()
    assert len(stage.window.takes_panel.rows) == 4
    press(stage, Qt.Key.Key_3)
    assert stage.session.takes.auditioned == 3
    assert stage.window.roll.tool == "edit"
    press(stage, Qt.Key.Key_PageDown)
    press(stage, Qt.Key.Key_PageDown)
    assert stage.session.takes.auditioned == 1
    press(stage, Qt.Key.Key_PageUp)
    assert stage.session.takes.auditioned == 4
    playing = stage.sound.is_playing
    press(stage, Qt.Key.Key_Space)
    assert stage.sound.is_playing is not playing


def test_takes_are_brought_into_view(stage: Stage, qtbot: QtBot) -> None:
    viewport = stage.window.roll.viewport
    viewport.scroll_to(0, 0)  # the highest pitches, far above the phrase
    offer_takes(stage, qtbot)
    span = stage.session.takes.span
    assert span is not None
    assert viewport.from_tick <= span[0] and span[1] <= viewport.to_tick
    assert 0 <= viewport.pitches.to_y(66) < viewport.height_px


def test_enter_keeps_the_take_as_one_step(stage: Stage, qtbot: QtBot) -> None:
    before = stage.document.song
    offer_takes(stage, qtbot)
    press(stage, Qt.Key.Key_2)
    take = stage.session.takes.offer[1]
    press(stage, Qt.Key.Key_Return)

    assert stage.document.song.tracks[0].notes == before.tracks[0].notes.plus(take.notes)
    assert not stage.window.takes_panel.isVisible()
    press(stage, Qt.Key.Key_Z, CTRL)
    assert stage.document.song == before


def test_escape_dismisses_and_leaves_the_song(stage: Stage, qtbot: QtBot) -> None:
    before = stage.document.song
    offer_takes(stage, qtbot)
    press(stage, Qt.Key.Key_Escape)
    assert stage.session.takes.phase == "idle"
    assert stage.document.song is before
    assert not stage.window.takes_panel.isVisible()


def test_take_keys_are_heard_from_a_button_but_not_from_a_field(stage: Stage, qtbot: QtBot) -> None:
    offer_takes(stage, qtbot)
    stage.window.track_list._add.setFocus()
    press(stage, Qt.Key.Key_2)
    assert stage.session.takes.auditioned == 2
    bars = stage.window.takes_panel.controls._bars
    bars.setFocus()
    bars.selectAll()
    press(stage, Qt.Key.Key_3)
    assert stage.session.takes.auditioned == 2
    assert stage.session.takes.controls.bars == 3


def test_a_click_on_a_row_hears_it_and_the_button_keeps_it(stage: Stage, qtbot: QtBot) -> None:
    offer_takes(stage, qtbot)
    panel = stage.window.takes_panel
    QTest.mouseClick(panel.rows[2], Qt.MouseButton.LeftButton)
    assert stage.session.takes.auditioned == 3
    assert panel._keep.text() == "Keep take 3"
    QTest.mouseClick(panel._keep, Qt.MouseButton.LeftButton)
    assert stage.session.takes.phase == "idle"
    assert len(stage.document.track.notes) == 20


def test_notes_stream_in_and_escape_cancels_at_once(stage: Stage, qtbot: QtBot) -> None:
    stage.engine.may_end.clear()
    stage.window.model_status.load()
    qtbot.waitUntil(lambda: stage.window.generator.is_ready)
    press(stage, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: len(stage.session.takes.ghosts(1)) == 16)
    button = stage.window.transport_bar.continuing
    assert button.state == COMPOSING
    press(stage, Qt.Key.Key_Escape)
    assert button.state == READY
    assert stage.session.takes.phase == "idle"
    stage.engine.may_end.set()
    offer_takes(stage, qtbot)


def test_asking_while_the_model_loads_is_queued_and_said(stage: Stage, qtbot: QtBot) -> None:
    stage.engine.may_load.clear()
    stage.window.model_status.load()
    press(stage, Qt.Key.Key_Return, CTRL)
    assert stage.window.transport_bar.continuing.state == WAITING
    assert "still loading" in stage.window.strip.message
    stage.engine.may_load.set()
    qtbot.waitUntil(lambda: stage.session.takes.phase == "offered")


def test_asking_while_a_file_is_being_opened_is_queued_and_said(
    empty_stage: Stage, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_read = threading.Event()

    def read_slowly(path: Path, **_options: object) -> ImportedSong:
        assert may_read.wait(20)
        return read_song(path)

    monkeypatch.setattr("musicassist.ui.filing.read_song_in_child", read_slowly)
    path = tmp_path / "slow.mid"
    path.write_bytes(demo_song().read_bytes())
    empty_stage.window.model_status.load()
    qtbot.waitUntil(lambda: empty_stage.window.generator.is_ready)
    empty_stage.window.files.read(path)
    press(empty_stage, Qt.Key.Key_Return, CTRL)
    assert empty_stage.window.strip.message == "The phrase is continued as soon as slow.mid is open."
    may_read.set()
    qtbot.waitUntil(lambda: empty_stage.session.takes.phase == "offered")
    assert empty_stage.document.path == path


def test_a_file_that_cannot_be_opened_takes_its_queued_press_and_its_words_along(
    stage: Stage, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "broken.mid"
    path.write_bytes(b"this is no music at all")
    stage.window.files.read(path)
    press(stage, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: bool(stage.window.notices.texts))
    assert stage.session.takes.phase == "idle"
    assert stage.window.strip.message == ""


def test_the_button_says_why_there_is_nothing_to_continue(empty_stage: Stage) -> None:
    button = empty_stage.window.transport_bar.continuing
    assert button.state == NOTHING
    assert button.button.text().strip() == "There are no notes to continue"
    press(empty_stage, Qt.Key.Key_Return, CTRL)
    assert empty_stage.window.strip.message.startswith("There are no notes to continue.")


def test_a_refused_demand_is_said_beside_the_controls(stage: Stage, qtbot: QtBot) -> None:
    stage.window.model_status.load()
    qtbot.waitUntil(lambda: stage.window.generator.is_ready)
    stage.engine.problem = ConstraintError("No pitch of {key} lies in that range.", key="D major")
    press(stage, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: stage.window.takes_panel.controls._refusal.text() != "")
    assert stage.window.takes_panel.controls._refusal.text() == "No pitch of D major lies in that range."
    assert stage.session.takes.phase == "idle"


def test_controls_reach_the_request(stage: Stage, qtbot: QtBot) -> None:
    controls = stage.window.takes_panel.controls
    controls._bars.setValue(2)
    controls._heat.setValue(24)
    controls._scale.click()
    controls._seed.setText("77")
    controls._seed.editingFinished.emit()
    offer_takes(stage, qtbot)
    request = stage.engine.requests[0]
    assert (request.bars, request.temperature, request.constraints.key, request.seed) == (2, 1.2, None, 77)
    assert stage.window.preferences.now.take_bars == 2
    assert stage.window.transport_bar.continuing.controls.text().strip() == "2 bars"


def test_the_engine_works_in_its_own_thread(stage: Stage, qtbot: QtBot) -> None:
    offer_takes(stage, qtbot)
    assert len(stage.engine.threads) == 1 and stage.engine.threads != {"MainThread"}


# Looks


def colors_of(widget: QWidget) -> set[str]:
    picture = widget.grab(QRect(0, 0, 200, 100)).toImage()
    return {picture.pixelColor(x, y).name() for x in range(picture.width()) for y in range(picture.height())}


def test_the_roll_keeps_two_thirds_of_a_small_screen_with_takes_open(stage: Stage, qtbot: QtBot) -> None:
    offer_takes(stage, qtbot)
    QApplication.processEvents()
    roll, window = stage.window.roll, stage.window
    assert (window.width(), window.height()) == (1280, 720)
    assert roll.width() * roll.height() >= 2 / 3 * 1280 * 720


def test_light_and_dark(stage: Stage) -> None:
    """Icons and what is drawn by hand follow, wherever they are; nobody has to be told."""
    window = stage.window
    window.notices.show_notice(Notice("mend", "Mend this.", WARNING))
    button, notice = window.transport_bar.buttons["edit.tool_edit"], window.notices._rows["mend"]
    for theme in (LIGHT, DARK):
        window.actions_table["view.light"].trigger()
        assert window.preferences.now.theme == theme.name and theme_now() is theme
        assert window.actions_table["view.light"].isChecked() == (theme is LIGHT)
        assert colors_of(button) >= {theme.text}
        assert colors_of(notice._picture) >= {theme.warning}
        assert colors_of(window.track_list.rows[0]) >= {theme.note_color(0, 100, is_selected=True)}
        assert colors_of(window.roll.view) >= {theme.roll}


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


def test_a_name_that_is_being_typed_is_none_of_the_song_that_is_opened_meanwhile(stage: Stage) -> None:
    row = stage.window.track_list.rows[0]
    row.start_renaming()
    QTest.keyClicks(row.editor, "Other")
    song = Song((Track("Tune", phrase(60, 62)),))
    stage.session.open(ImportedSong(song, (), 1, 2), None)
    stage.window.roll.setFocus()
    assert stage.document.song == song
    assert not stage.document.is_modified


def test_the_grid_is_read_aloud_without_its_mark(stage: Stage) -> None:
    field = stage.window.transport_bar.grid
    assert field.text() == "1/16 ▾"
    assert field.accessibleName() == "Grid: 1/16"


def test_f6_moves_the_keyboard_from_panel_to_panel(stage: Stage) -> None:
    seen = []
    for _ in range(3):
        press(stage, Qt.Key.Key_F6)
        seen.append(QApplication.focusWidget())
    assert len(set(seen)) == 3 and seen[-1] is stage.window.roll.view


def test_f6_reaches_a_notice_while_one_stands(stage: Stage) -> None:
    stage.window.notices.show_notice(Notice("question", "There is a question.", remedies=(("Answer", lambda: None),)))
    seen = []
    for _ in range(4):
        press(stage, Qt.Key.Key_F6)
        seen.append(QApplication.focusWidget())
    assert any(stage.window.notices.isAncestorOf(widget) for widget in seen if widget is not None)
    assert seen[-1] is stage.window.roll.view
