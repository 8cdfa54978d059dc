"""Writing with a real mouse: what a press, a drag and a release do to the document, and what is seen meanwhile."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QAccessible, QColor, QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from musicassist.document.edits import delete_notes
from musicassist.score.song import Note, Notes
from musicassist.score.theory import Key
from musicassist.ui.piano_roll import mouse as speech
from musicassist.ui.piano_roll.scene import Offer
from musicassist.ui.theme import DARK, LIGHT
from roll_desk import BASS, PHRASE, Desk

SHIFT, CTRL, ALT = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)
RIGHT, MIDDLE = Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton


class TestEditTool:
    def test_a_click_selects_and_sounds_a_note(self, desk: Desk) -> None:
        desk.hand().click(*desk.place(600, 64))
        assert desk.chosen == [PHRASE[1]]
        assert desk.heard == [(64, 90)]
        assert not desk.document.is_modified

    def test_shift_click_adds(self, desk: Desk) -> None:
        desk.hand().click(*desk.place(600, 64))
        desk.hand(SHIFT).click(*desk.place(100, 60))
        assert desk.chosen == list(PHRASE[:2])

    def test_a_click_on_empty_ground_deselects_and_puts_the_cursor(self, desk: Desk) -> None:
        desk.choose(0, 1)
        desk.hand().click(*desk.place(965, 50))
        assert desk.roll.edit_cursor_tick == 960
        assert desk.chosen == []

    def test_a_double_click_writes_a_note(self, desk: Desk) -> None:
        desk.hand().double_click(*desk.place(2000, 70))
        assert desk.chosen == [Note(1920, 70, 240, 88)]
        assert desk.document.undo_name == "Draw note"

    def test_dragging_moves_in_one_step_of_undo(self, desk: Desk) -> None:
        start = desk.place(600, 64)
        desk.hand().drag(start, desk.place(660, 65), desk.place(700, 66), desk.place(850, 66))
        assert desk.notes[1] == Note(720, 66, 480, 90)
        assert desk.document.undo_name == "Move notes"
        desk.document.undo()
        assert desk.notes == list(PHRASE)
        assert desk.document.undo_name is None

    def test_the_pitch_is_heard_while_dragging_once_for_each_row(self, desk: Desk) -> None:
        desk.hand().drag(desk.place(600, 64), desk.place(610, 65), desk.place(620, 65), desk.place(620, 66))
        assert desk.heard == [(64, 90), (65, 90), (66, 90)]

    def test_while_dragging_the_document_is_untouched_but_the_move_is_seen(self, desk: Desk) -> None:
        hand = desk.hand()
        hand.press(*desk.place(600, 64))
        hand.move(*desk.place(600, 69))
        assert desk.notes == list(PHRASE)
        assert desk.color_at(800, 69) == DARK.note_color(0, 92, is_selected=True)
        hand.release(*desk.place(600, 69))
        assert desk.notes[1].pitch == 69

    def test_esc_gives_a_drag_up(self, desk: Desk) -> None:
        hand = desk.hand()
        hand.press(*desk.place(600, 64))
        hand.move(*desk.place(1200, 69))
        hand.escape()
        assert desk.notes == list(PHRASE)
        hand.release(*desk.place(1200, 69))
        assert desk.notes == list(PHRASE)
        assert desk.document.undo_name is None

    def test_during_a_drag_esc_is_no_shortcut_of_the_window(self, desk: Desk) -> None:
        event = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier)
        event.ignore()
        QApplication.sendEvent(desk.roll.view, event)
        assert not event.isAccepted()
        desk.hand().press(*desk.place(600, 64))
        QApplication.sendEvent(desk.roll.view, event)
        assert event.isAccepted()

    def test_an_edit_from_elsewhere_ends_the_drag(self, desk: Desk) -> None:
        hand = desk.hand()
        hand.press(*desk.place(600, 64))
        hand.move(*desk.place(900, 69))
        mask = np.array([True, False, False, False])
        desk.document.apply("Delete notes", delete_notes(desk.document.song, 0, mask))
        hand.release(*desk.place(900, 69))
        assert desk.notes == list(PHRASE[1:])

    def test_a_release_that_got_lost_ends_the_drag(self, desk: Desk) -> None:
        hand = desk.hand()
        hand.press(*desk.place(600, 64))
        hand.move(*desk.place(900, 69))
        hand.hover(*desk.place(1200, 69))
        assert not desk.roll.scene.is_dragging
        assert desk.notes == list(PHRASE)

    def test_losing_the_window_ends_the_drag(self, desk: Desk) -> None:
        hand = desk.hand()
        hand.press(*desk.place(600, 64))
        hand.move(*desk.place(900, 69))
        QApplication.sendEvent(
            desk.roll.view, QFocusEvent(QEvent.Type.FocusOut, Qt.FocusReason.ActiveWindowFocusReason)
        )
        assert not desk.roll.scene.is_dragging
        assert desk.notes == list(PHRASE)

    def test_ctrl_drag_copies_and_alt_drag_needs_no_grid(self, desk: Desk) -> None:
        desk.hand(CTRL).drag(desk.place(600, 64), desk.place(600, 76))
        assert len(desk.notes) == 5
        desk.document.undo()
        desk.hand(ALT).drag(desk.place(600, 64), desk.place(630, 64))
        assert desk.notes[1].start_tick == 510

    def test_both_edges_resize(self, desk: Desk) -> None:
        desk.hand().drag(desk.place(955, 64), desk.place(1195, 64))
        assert desk.notes[1].duration_ticks == 720
        desk.hand().drag(desk.place(485, 64), desk.place(245, 64))
        assert desk.notes[1] == Note(240, 64, 960, 90)
        assert desk.roll.scene.new_note.duration_ticks == 960

    def test_a_marquee_selects_what_it_touches(self, desk: Desk) -> None:
        desk.hand().drag(desk.place(300, 70), desk.place(500, 65), desk.place(1000, 62))
        assert desk.chosen == list(PHRASE[1:3])
        assert desk.roll.scene.box is None

    def test_the_right_button_asks_for_a_menu_about_the_note(self, desk: Desk, qtbot: QtBot) -> None:
        with qtbot.waitSignal(desk.roll.menu_requested) as signal:
            desk.hand(button=RIGHT).click(*desk.place(600, 64))
        assert signal.args[0] == desk.roll.view.mapToGlobal(QPointF(*desk.place(600, 64))).toPoint()
        assert desk.chosen == [PHRASE[1]]

    def test_the_middle_button_pans_and_on_a_note_sets_velocity(self, desk: Desk) -> None:
        x, y = desk.place(3000, 50)
        before = desk.roll.viewport.pitches.scroll_px
        desk.hand(button=MIDDLE).drag((x, y), (x, y - 10), (x, y - 30))
        assert desk.roll.viewport.pitches.scroll_px == before + 30
        x, y = desk.place(600, 64)
        desk.hand(button=MIDDLE).drag((x, y), (x, y - 20))
        assert desk.notes[1].velocity == 100
        assert desk.document.undo_name == "Change velocity"


class TestOtherTools:
    def test_drawing_sets_length_and_pitch(self, desk: Desk) -> None:
        desk.roll.set_tool("draw")
        desk.hand().drag(desk.place(1925, 60), desk.place(2100, 61), desk.place(2270, 62))
        assert desk.chosen == [Note(1920, 62, 360, 88)]
        desk.hand().click(*desk.place(2890, 55))
        assert desk.chosen == [Note(2880, 55, 360, 88)]

    def test_in_the_draw_tool_the_right_button_erases(self, desk: Desk) -> None:
        desk.roll.set_tool("draw")
        desk.hand(button=RIGHT).drag(desk.place(100, 60), desk.place(700, 64))
        assert desk.notes == list(PHRASE[2:])
        assert desk.document.undo_name == "Erase notes"

    def test_in_the_draw_tool_ctrl_selects(self, desk: Desk) -> None:
        desk.roll.set_tool("draw")
        desk.hand(CTRL).drag(desk.place(10, 75), desk.place(1700, 62))
        assert desk.chosen == list(PHRASE[1:])

    def test_the_eraser(self, desk: Desk) -> None:
        desk.roll.set_tool("erase")
        desk.hand().click(*desk.place(600, 64))
        assert desk.notes == [PHRASE[0], *PHRASE[2:]]

    def test_the_knife(self, desk: Desk) -> None:
        desk.roll.set_tool("split")
        desk.hand().click(*desk.place(715, 64))
        assert desk.chosen == [Note(480, 64, 240, 90), Note(720, 64, 240, 90)]

    @pytest.mark.parametrize("tool", ["edit", "draw", "erase", "split"])
    def test_every_tool_says_so(self, desk: Desk, qtbot: QtBot, tool: str) -> None:
        desk.roll.set_tool("split" if tool != "split" else "edit")
        with qtbot.waitSignal(desk.roll.tool_changed) as signal:
            desk.roll.set_tool(tool)
        assert signal.args == [tool]
        assert desk.roll.tool == tool


class TestEmptyPage:
    def test_the_first_click_writes(self, desk_of: Callable[..., Desk]) -> None:
        desk = desk_of()
        before = desk.picture()
        desk.hand().click(*desk.place(500, 62))
        assert desk.notes == [Note(480, 62, 240, 88)]
        assert desk.picture() != before

    def test_it_says_what_to_do(self, desk_of: Callable[..., Desk]) -> None:
        desk = desk_of()
        middle = desk.roll.view.rect().center()
        words = [desk.picture().pixelColor(x, y).name() for x in range(middle.x() - 80, middle.x() + 80)
                 for y in range(middle.y() - 6, middle.y() + 6)]  # fmt: skip
        assert DARK.second_text in words


class TestHover:
    def test_the_cursor_and_the_light_tell_what_a_press_would_do(self, desk: Desk) -> None:
        hand = desk.hand()
        hand.hover(*desk.place(700, 64))
        assert desk.roll.view.cursor().shape() == Qt.CursorShape.OpenHandCursor
        assert desk.roll.view.mouse.hover.row == 1
        hand.hover(*desk.place(956, 64))
        assert desk.roll.view.cursor().shape() == Qt.CursorShape.SizeHorCursor
        hand.hover(*desk.place(3000, 64))
        assert desk.roll.view.cursor().shape() == Qt.CursorShape.ArrowCursor
        assert desk.roll.view.mouse.hover is None

    def test_leaving_puts_the_light_out(self, desk: Desk) -> None:
        desk.hand().hover(*desk.place(700, 64))
        QApplication.sendEvent(desk.roll.view, QEvent(QEvent.Type.Leave))
        assert desk.roll.view.mouse.hover is None
        assert desk.roll.scene.pointed_pitch is None

    def test_the_status_names_the_note(self, desk: Desk, qtbot: QtBot) -> None:
        with qtbot.waitSignal(desk.roll.status_message) as signal:
            desk.hand().hover(*desk.place(700, 64))
        assert signal.args == ["E4, bar 1 beat 2, quarter, velocity 90"]


class TestWheel:
    def test_plain_scrolls_up_and_down(self, desk: Desk) -> None:
        before = desk.roll.viewport.pitches.scroll_px
        desk.hand().wheel(100, 100, 0, -120)
        assert desk.roll.viewport.pitches.scroll_px > before

    def test_shift_scrolls_sideways(self, desk: Desk) -> None:
        desk.hand(SHIFT).wheel(100, 100, 0, -120)
        assert desk.roll.viewport.ticks.scroll_px > 0

    @pytest.mark.parametrize(("dx", "dy"), [(0, 120), (120, 0)], ids=["as y", "as x"])
    def test_ctrl_zooms_about_the_pointer_whatever_axis_it_comes_on(self, desk: Desk, dx: int, dy: int) -> None:
        ticks = desk.roll.viewport.ticks
        desk.hand(CTRL).wheel(500, 100, dx, dy)
        after = desk.roll.viewport.ticks
        assert after.pixels_per_tick > ticks.pixels_per_tick
        assert after.to_tick(500) == pytest.approx(ticks.to_tick(500), abs=1 / after.pixels_per_tick)

    def test_ctrl_and_shift_zoom_the_rows(self, desk: Desk) -> None:
        pitches, pitch = desk.roll.viewport.pitches, desk.roll.viewport.pitches.to_pitch(200)
        desk.hand(CTRL | SHIFT).wheel(500, 200, 0, 240)
        assert desk.roll.viewport.pitches.row_px > pitches.row_px
        assert desk.roll.viewport.pitches.to_pitch(200) == pitch

    def test_with_alt_the_wheel_comes_on_the_other_axis_and_still_scrolls_up_and_down(self, desk: Desk) -> None:
        before = desk.roll.viewport.pitches.scroll_px
        desk.hand(ALT).wheel(100, 100, -120, 0)
        assert desk.roll.viewport.pitches.scroll_px > before
        assert desk.roll.viewport.ticks.scroll_px == 0


class TestPixels:
    def test_notes_are_seen_where_they_stand(self, desk: Desk) -> None:
        assert desk.color_at(800, 64) == DARK.note_color(0, 92)
        assert desk.color_at(3000, 64) not in (DARK.note_color(0, 92), DARK.bar_line)

    def test_a_note_that_begins_left_of_the_view_is_seen(self, desk_of: Callable[..., Desk]) -> None:
        desk = desk_of(Note(0, 60, 480 * 40, 92), Note(480 * 50, 60, 10))
        desk.roll.viewport.scroll_to(900, desk.roll.viewport.pitches.scroll_px)
        assert desk.color_at(480 * 30, 60) == DARK.note_color(0, 92)

    def test_selected_notes_have_an_outline_and_more_colour(self, desk: Desk) -> None:
        desk.choose(1)
        assert desk.color_at(800, 64) == DARK.note_color(0, 92, is_selected=True)
        x, _ = desk.place(700, 64)
        top = round(desk.roll.viewport.pitches.to_y(64))
        assert desk.picture().pixelColor(round(x), top).name() == DARK.selected_outline

    def test_other_tracks_are_ghosts_that_can_be_hidden(self, desk: Desk) -> None:
        ghost = desk.color_at(700, BASS.pitch)
        desk.roll.set_other_tracks_visible(visible=False)
        assert desk.color_at(700, BASS.pitch) != ghost

    def test_rows_outside_the_scale_are_shaded_and_the_tonic_stands_out(self, desk: Desk) -> None:
        desk.roll.set_key(Key(2, "major"))
        assert desk.color_at(2450, 61) == DARK.roll
        assert desk.color_at(2450, 60) == DARK.outside_row
        assert desk.color_at(2450, 62) == DARK.tonic_row

    def test_a_note_outside_the_scale_carries_a_mark(self, desk: Desk) -> None:
        x, y = desk.place(480, 60)  # the end of the C
        desk.roll.set_key(Key(0, "major"))
        within = [desk.picture().pixelColor(round(x) - i, round(y) - 1).name() for i in range(3, 9)]
        desk.roll.set_key(Key(2, "major"))
        outside = [desk.picture().pixelColor(round(x) - i, round(y) - 1).name() for i in range(3, 9)]
        assert within != outside
        assert "#000000" in outside

    def test_takes_are_hatched_and_the_playhead_lies_above(self, desk: Desk) -> None:
        before = desk.color_at(2400, 66)
        desk.roll.set_takes(Offer(Notes.of([Note(2160, 66, 960)]), (), 1920, 3840))
        colors = {desk.color_at(2400 + i * 10, 66) for i in range(8)}
        assert before not in colors
        assert len(colors) > 2
        desk.roll.set_playhead_tick(2400)
        assert desk.color_at(2400, 66) == DARK.playhead
        desk.roll.clear_takes()
        desk.roll.set_playhead_tick(0)
        assert desk.color_at(2400, 66) == before

    def test_notes_that_a_take_would_replace_step_back_and_the_others_do_not(self, desk: Desk) -> None:
        places = (240, 60), (720, 64), (1200, 67)
        before = [desk.color_at(*place) for place in places]
        desk.roll.set_takes(Offer(Notes.of([Note(480, 71, 480)]), (), 480, 960))
        assert [desk.color_at(*place) == color for place, color in zip(places, before, strict=True)] == [
            *(True, False, True),
        ]
        desk.roll.clear_takes()
        assert [desk.color_at(*place) for place in places] == before

    def test_recording_is_red(self, desk: Desk) -> None:
        desk.roll.set_recorded(Notes.of([Note(1920, 66, 480)]))
        assert desk.color_at(2100, 66) == DARK.record
        desk.roll.set_recording(recording=True)
        desk.roll.set_playhead_tick(2500)
        assert desk.color_at(2500, 80) == DARK.record

    def test_another_theme_is_seen_at_once(self, desk: Desk) -> None:
        desk.roll.set_theme(LIGHT)
        assert desk.color_at(800, 64) == LIGHT.note_color(0, 92)
        assert QColor(desk.color_at(3100, 59)).lightness() > 200

    def test_an_edit_of_the_document_is_seen(self, desk: Desk) -> None:
        mask = np.array([False, True, False, False])
        desk.document.apply("Delete notes", delete_notes(desk.document.song, 0, mask))
        assert desk.color_at(800, 64) != DARK.note_color(0, 92)
        desk.document.undo()
        assert desk.color_at(800, 64) == DARK.note_color(0, 92)

    def test_a_moving_playhead_leaves_no_trail(self, desk: Desk, qtbot: QtBot) -> None:
        before = desk.picture()
        for tick in (500, 700, 1200):
            desk.roll.set_playhead_tick(tick)
            QApplication.processEvents()
        desk.roll.set_playhead_tick(0)
        QApplication.processEvents()
        assert desk.picture() == before


class TestScreenReader:
    def test_every_part_has_a_name(self, desk: Desk) -> None:
        roll = desk.roll
        for part in (roll, roll.view, roll.keys, roll.ruler, roll.velocity_lane, roll.minimap):
            assert part.accessibleName()
        for part in (roll.view, roll.keys, roll.ruler, roll.velocity_lane, roll.minimap):
            assert part.accessibleDescription()

    def test_a_move_is_spoken_when_somebody_listens(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        spoken: list[str] = []
        monkeypatch.setattr(speech.QAccessible, "isActive", lambda: True)
        monkeypatch.setattr(
            speech.QAccessible, "updateAccessibility", lambda event: spoken.append(event.message()), raising=False
        )
        desk.hand().drag(desk.place(600, 64), desk.place(720, 65))
        assert spoken == ["F4, bar 1 beat 2, quarter, velocity 90"]

    def test_nothing_is_spoken_to_nobody(self, desk: Desk) -> None:
        assert not QAccessible.isActive()
        desk.hand().drag(desk.place(600, 64), desk.place(720, 65))
