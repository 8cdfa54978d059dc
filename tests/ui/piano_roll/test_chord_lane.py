"""The chord lane under a real mouse and real keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from musicassist.document.song_edits import write_chord
from musicassist.score.chord_track import ChordSpan, written_chords
from musicassist.score.song import KeyChange, Note
from musicassist.score.theory import Key, parse_chord, parse_key
from musicassist.ui.piano_roll import chord_picture
from musicassist.ui.piano_roll.chord_editor import ChordEditor
from musicassist.ui.piano_roll.chord_lane import ChordLane
from roll_desk import Desk, Hand

BAR, Y = 1920, 12
SHIFT, CTRL, ALT = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)


@pytest.fixture
def four(desk_of: Callable[..., Desk]) -> Desk:
    """Four bars of music, 192 pixels each, without chords."""
    return desk_of(*(Note(bar * BAR, 60 + bar, BAR) for bar in range(4)))


def write(desk: Desk, bar: int, name: str, bars: int = 1) -> None:
    chord = parse_chord(name)
    desk.document.apply("Write chord", write_chord(desk.document.song, bar * BAR, (bar + bars) * BAR, chord))


def hear(desk: Desk, names: str) -> None:
    rows = enumerate(names.split())
    desk.roll.chord_lane.show_heard(
        [ChordSpan(bar * BAR, (bar + 1) * BAR, parse_chord(name), is_written=False) for bar, name in rows]
    )


def shown(desk: Desk) -> list[tuple[float, float, str, bool]]:
    """Bars from and to, name, and whether it is written."""
    spans = desk.roll.chord_lane.spans
    return [(s.from_tick / BAR, s.to_tick / BAR, str(s.chord), s.is_written) for s in spans]


def editor(desk: Desk) -> ChordEditor:
    found = desk.roll.chord_lane.editor
    assert found is not None and found.isVisible()
    return found


def type_chord(desk: Desk, text: str) -> None:
    field = editor(desk).field
    field.selectAll()
    QTest.keyClick(field, Qt.Key.Key_Backspace)
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def hand(desk: Desk, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> Hand:
    return Hand(desk.roll.chord_lane, keys=keys)


def press(desk: Desk, key: Qt.Key, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(desk.roll.chord_lane, key, keys)


def test_a_double_click_writes_over_the_bar_as_one_step(four: Desk) -> None:
    hand(four).double_click(250, Y)
    type_chord(four, "Am7/G")
    assert shown(four) == [(1, 2, "Am7/G", True)]
    assert four.document.undo_name == "Write chord"
    four.document.undo()
    assert shown(four) == []
    four.document.redo()
    assert shown(four) == [(1, 2, "Am7/G", True)]


def test_a_double_click_among_selected_notes_writes_over_their_beats(desk: Desk) -> None:
    desk.choose(1, 2)
    hand(desk).double_click(100, Y)
    type_chord(desk, "g")
    assert shown(desk) == [(0.25, 0.75, "G", True)]


def test_a_click_on_a_chord_opens_its_name_and_what_is_no_chord_is_refused_in_words(four: Desk) -> None:
    write(four, 0, "C")
    hand(four).click(100, Y)
    opened = editor(four)
    assert opened.field.text() == opened.field.selectedText() == "C"
    type_chord(four, "Cxyz")
    assert editor(four) is opened and opened.field.text() == "Cxyz"
    assert "Am7" in opened.refusal and "N.C." in opened.refusal
    QTest.keyClicks(opened.field, "x")
    assert opened.refusal == ""
    type_chord(four, "N.C.")
    assert shown(four) == [(0, 1, "N.C.", True)]


@pytest.mark.parametrize("text", ["", "?"])
def test_nothing_gives_a_place_back_to_what_is_heard(four: Desk, text: str) -> None:
    hear(four, "C Am F G")
    write(four, 1, "E7")
    hand(four).click(250, Y)
    type_chord(four, text)
    assert [name for _, _, name, _ in shown(four)] == ["C", "Am", "F", "G"]
    assert written_chords(four.document.song) == ()


def test_a_heard_chord_is_written_where_another_name_is_typed(four: Desk) -> None:
    hear(four, "C Am F G")
    hand(four).click(450, Y)
    type_chord(four, "Dm7")
    assert shown(four)[2] == (2, 3, "Dm7", True)
    assert [is_written for *_, is_written in shown(four)] == [False, False, True, False]


def test_bounds_are_dragged_on_the_grid_and_esc_puts_them_back(four: Desk, qtbot: QtBot) -> None:
    write(four, 0, "C", 2)
    write(four, 2, "F")
    hand(four).drag((384, Y), (350, Y), (291, Y))
    assert shown(four) == [(0, 1.5, "C", True), (1.5, 3, "F", True)]
    assert four.document.undo_name == "Move chord"
    four.document.undo()
    lane = hand(four)
    lane.press(576, Y)
    lane.move(700, Y)
    assert shown(four)[1] == (2, 3.625, "F", True)
    lane.escape()
    assert shown(four) == [(0, 2, "C", True), (2, 3, "F", True)]
    lane.release(700, Y)
    assert shown(four) == [(0, 2, "C", True), (2, 3, "F", True)]


def test_alt_moves_a_bound_freely_and_no_chord_vanishes(four: Desk) -> None:
    write(four, 0, "C")
    hand(four, ALT).drag((192, Y), (150, Y), (131.3, Y))
    assert four.roll.chord_lane.spans[0].to_tick == 1313
    hand(four).drag((131, Y), (80, Y), (-500, Y))
    assert four.roll.chord_lane.spans[0].to_tick == four.roll.scene.grid.length_ticks


def test_a_heard_chord_that_is_made_longer_is_written(four: Desk) -> None:
    hear(four, "C Am F G")
    hand(four).drag((192, Y), (220, Y), (240, Y))
    assert shown(four)[:2] == [(0, 1.25, "C", True), (1.25, 2, "Am", False)]
    four.document.undo()
    hand(four).drag((192, Y), (170, Y), (144, Y))
    assert shown(four)[:2] == [(0, 0.75, "C", False), (0.75, 2, "Am", True)]


def test_keys_go_from_chord_to_chord_and_through_empty_bars(four: Desk) -> None:
    write(four, 1, "C", 2)
    lane = four.roll.chord_lane
    places = []
    for _ in range(3):
        places.append((lane.place.from_tick // BAR, lane.place.to_tick // BAR, lane.place.span is not None))
        press(four, Qt.Key.Key_Right)
    assert places == [(0, 1, False), (1, 3, True), (3, 4, False)]
    press(four, Qt.Key.Key_Left)
    press(four, Qt.Key.Key_Left)
    assert lane.place.span is not None


def test_keys_write_delete_and_move_and_their_steps_merge(four: Desk) -> None:
    press(four, Qt.Key.Key_Return)
    type_chord(four, "C")
    press(four, Qt.Key.Key_Right, SHIFT)
    press(four, Qt.Key.Key_Right, SHIFT)
    step = four.roll.scene.grid.length_ticks / BAR
    assert shown(four) == [(0, 1 + 2 * step, "C", True)]
    four.document.undo()
    assert shown(four) == [(0, 1, "C", True)]
    press(four, Qt.Key.Key_Left, SHIFT)
    assert shown(four) == [(0, 1 - step, "C", True)]
    press(four, Qt.Key.Key_Delete)
    assert shown(four) == [] and four.document.undo_name == "Delete chord"


def test_keys_move_where_a_chord_begins(four: Desk) -> None:
    write(four, 1, "C")
    press(four, Qt.Key.Key_Right)
    press(four, Qt.Key.Key_Left, CTRL)
    step = four.roll.scene.grid.length_ticks / BAR
    assert shown(four) == [(1 - step, 2, "C", True)]


def test_what_is_only_heard_cannot_be_deleted_and_that_is_said(four: Desk, qtbot: QtBot) -> None:
    hear(four, "C Am F G")
    with qtbot.waitSignal(four.roll.status_message) as said:
        press(four, Qt.Key.Key_Delete)
    assert "N.C." in said.args[0]
    assert four.document.undo_name is None


def test_esc_gives_the_keyboard_back_to_the_notes(four: Desk, qtbot: QtBot) -> None:
    with qtbot.waitSignal(four.roll.chord_lane.left):
        press(four, Qt.Key.Key_Escape)


def test_its_keys_are_no_shortcuts_of_the_notes(four: Desk) -> None:
    def is_kept(key: Qt.Key, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> bool:
        event = QKeyEvent(QEvent.Type.ShortcutOverride, key, keys)
        event.setAccepted(False)
        QApplication.sendEvent(four.roll.chord_lane, event)
        return event.isAccepted()

    assert all(map(is_kept, (Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_Delete, Qt.Key.Key_Return, Qt.Key.Key_Tab)))
    assert is_kept(Qt.Key.Key_Right, SHIFT) and is_kept(Qt.Key.Key_Left, CTRL)
    assert not is_kept(Qt.Key.Key_Return, CTRL) and not is_kept(Qt.Key.Key_Space) and not is_kept(Qt.Key.Key_Z, CTRL)


def test_each_place_is_read_out(four: Desk) -> None:
    four.roll.set_key(Key(0))
    write(four, 2, "Am7/G", 2)
    lane = four.roll.chord_lane
    assert "bar 1, no chord written or heard" in lane.accessibleDescription()
    press(four, Qt.Key.Key_Right)
    press(four, Qt.Key.Key_Right)
    assert lane.accessibleDescription().startswith("A minor seventh over G, bars 3 to 4, written")
    hand(four).hover(500, Y)
    assert "A minor seventh over G, bars 3 to 4, written" in lane.toolTip()
    assert "Am7/G · vi42" in lane.toolTip()


def test_names_are_spelled_by_the_key_at_their_place(four: Desk) -> None:
    song = four.document.song
    keys = (KeyChange.chosen(0, parse_key("E")), KeyChange.chosen(2 * BAR, parse_key("Db")))
    four.document.apply("Change key", type(song)(song.tracks, song.ticks_per_beat, key_changes=keys))
    lane = four.roll.chord_lane
    assert (str(lane.key_at(0)), str(lane.key_at(2 * BAR))) == ("E major", "Db major")


def test_offers_stand_in_place_of_what_is_there(four: Desk) -> None:
    write(four, 0, "C")
    offered = ChordSpan(0, BAR, parse_chord("F"), is_written=False)
    lane = four.roll.chord_lane
    lane.show_proposed([offered])
    accent = four.roll.scene.theme.accent
    assert lane.proposed == (offered,) and shown(four) == [(0, 1, "C", True)]
    picture = lane.grab().toImage()
    assert any(picture.pixelColor(x, 2).name() == accent for x in range(5, 60))
    lane.show_proposed(())
    picture = lane.grab().toImage()
    assert not any(picture.pixelColor(x, y).name() == accent for x in range(60) for y in range(26))


def test_a_step_to_the_side_and_other_pitches_draw_nothing_anew(four: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    write(four, 0, "C")
    lane, viewport = four.roll.chord_lane, four.roll.viewport
    before = lane.grab().toImage()
    drawn: list[ChordLane] = []
    real = chord_picture.ChordPicture._drawn
    monkeypatch.setattr(
        chord_picture.ChordPicture,
        "_drawn",
        lambda *given: drawn.append(lane) or real(*given),  # type: ignore[func-returns-value]
    )
    viewport.scroll_by(40, 30)
    moved = lane.grab().toImage()
    assert drawn == []
    assert moved.copy(0, 0, 100, 26) == before.copy(40, 0, 100, 26)
    four.document.apply(
        "Change", four.document.song.with_track(0, four.document.track.with_notes(four.document.track.notes))
    )
    lane.grab()
    assert drawn == []
    write(four, 1, "G")
    lane.grab()
    assert len(drawn) == 1


def test_another_edit_of_notes_reads_no_texts_again(four: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    write(four, 0, "C")
    monkeypatch.setattr(
        "musicassist.ui.piano_roll.chord_places.written_chords", lambda _song: pytest.fail("read again")
    )
    four.choose(0)
    track = four.document.track
    four.document.apply(
        "Change", four.document.song.with_track(0, track.with_notes(track.notes.where(track.notes.pitch > 60)))
    )
    assert shown(four) == [(0, 1, "C", True)]
