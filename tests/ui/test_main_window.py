"""The window as its user meets it: real keys and clicks, quiet doubles behind."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QRect, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from builders import save_as
from musicassist.document import saving
from musicassist.errors import Words
from musicassist.midi import ImportedSong, read_song, write_song
from musicassist.resources import demo_song
from musicassist.score.song import Song
from musicassist.ui.continue_button import COMPOSING, NOTHING, READY, WAITING
from musicassist.ui.strips import WARNING, Notice
from musicassist.ui.theme import DARK, LIGHT, theme_now
from window_doubles import Stage
from window_hands import CTRL, NONE, SHIFT, offer_takes, pitches, press

# Files and title


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
    monkeypatch.setattr(saving, "lost_on_save", lambda _song: (Words("A chunk of another program."),))
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
    menu = QApplication.activePopupWidget()
    QTest.keyClick(menu, Qt.Key.Key_Return)  # "Open it" is chosen
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


# The assistant


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

    monkeypatch.setattr("musicassist.document.opening.read_song_in_child", read_slowly)
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


def test_the_engine_works_in_its_own_thread(stage: Stage, qtbot: QtBot) -> None:
    offer_takes(stage, qtbot)
    assert len(stage.engine.threads) == 1 and stage.engine.threads != {"MainThread"}


# Looks


def colors_of(widget: QWidget) -> set[str]:
    picture = widget.grab(QRect(0, 0, 200, 100)).toImage()
    return {picture.pixelColor(x, y).name() for x in range(picture.width()) for y in range(picture.height())}


def test_the_roll_keeps_two_thirds_of_a_small_screen_with_takes_open(stage: Stage, qtbot: QtBot) -> None:
    """The panel's scroll bar, which comes a moment later, takes nothing from the roll."""
    offer_takes(stage, qtbot)
    roll, window, panel = stage.window.roll, stage.window, stage.window.takes_panel
    area, rows = panel.findChild(QScrollArea), panel.rows
    bar, inside = area.verticalScrollBar(), area.widget()

    def is_laid_out() -> bool:
        is_inside = panel.mapTo(window, panel.rect().topRight()).x() < window.width()
        return bar.maximum() > 0 and is_inside and rows[0].width() <= bar.mapTo(area, QPoint()).x()

    panel.controls.unfold()
    qtbot.waitUntil(is_laid_out)
    assert (window.width(), window.height()) == (1280, 720)
    assert roll.width() * roll.height() >= 2 / 3 * 1280 * 720
    assert all(b.width() >= b.sizeHint().width() for b in (panel._keep, panel._dismiss)), "their words are cut"
    parts = [part for part in inside.findChildren(QWidget) if part.isVisibleTo(inside)]
    assert all(part.mapTo(area, part.rect().topRight()).x() < bar.mapTo(area, QPoint()).x() for part in parts)


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


def test_the_grid_is_read_aloud_without_its_mark(stage: Stage) -> None:
    field = stage.window.transport_bar.grid
    assert field.text() == "1/16 ▾"
    assert field.accessibleName() == "Grid: 1/16"


def test_f6_moves_the_keyboard_from_panel_to_panel(stage: Stage) -> None:
    seen = []
    for _ in range(4):
        press(stage, Qt.Key.Key_F6)
        seen.append(QApplication.focusWidget())
    assert len(set(seen)) == 4 and seen[0] is stage.window.roll.chord_lane and seen[-1] is stage.window.roll.view


def test_f6_reaches_a_notice_while_one_stands(stage: Stage) -> None:
    stage.window.notices.show_notice(Notice("question", "There is a question.", remedies=(("Answer", lambda: None),)))
    seen = []
    for _ in range(5):
        press(stage, Qt.Key.Key_F6)
        seen.append(QApplication.focusWidget())
    assert any(stage.window.notices.isAncestorOf(widget) for widget in seen if widget is not None)
    assert seen[-1] is stage.window.roll.view
