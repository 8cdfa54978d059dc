"""What would be continued stands beside the button, and a click there changes it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from builders import phrase
from musicassist.midi import ImportedSong
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.ui.continue_button import PromptField
from window_doubles import Stage

BAR = 1920


@pytest.fixture
def eight_bars(empty_stage: Stage) -> Stage:
    song = Song(tracks=(Track("Tune", phrase(*(60, 62, 64, 65) * 8, step_ticks=480)),))
    empty_stage.session.open(ImportedSong(song, (), 1, 32), None)
    return empty_stage


def field(stage: Stage) -> PromptField:
    return stage.window.transport_bar.continuing.prompt


def said(stage: Stage) -> str:
    """As a screen reader says it; what is replaced stands on the button for the eye."""
    return field(stage).accessibleName()


def button_text(stage: Stage) -> str:
    return stage.window.transport_bar.continuing.button.text().strip()


def select(stage: Stage, *rows: int) -> None:
    stage.document.select(np.isin(np.arange(len(stage.document.track.notes)), rows))


def choose(stage: Stage, words: str) -> None:
    """Opens the menu and takes the line that begins so."""
    menu = field(stage).menu()
    menu.aboutToShow.emit()
    action = next(action for action in menu.actions() if action.text().startswith(words))
    assert action.isEnabled()
    action.trigger()


def test_it_says_which_bars_are_continued(eight_bars: Stage) -> None:
    assert field(eight_bars).isVisible()
    assert said(eight_bars) == "continues bars 1-8"
    assert button_text(eight_bars) == "Continue this phrase"


def test_a_note_just_drawn_changes_nothing_of_what_is_continued(eight_bars: Stage) -> None:
    eight_bars.session.notes.insert(Notes.of([Note(8 * BAR, 67, BAR)]))
    assert said(eight_bars) == "continues bars 1-9"


def test_notes_selected_by_hand_are_counted_and_what_they_replace_is_named_on_the_button(eight_bars: Stage) -> None:
    select(eight_bars, *range(20, 32))
    assert said(eight_bars) == "continues 12 selected notes"
    select(eight_bars, *range(12))
    assert said(eight_bars) == "continues 12 selected notes, replaces bars 4-7"
    assert button_text(eight_bars) == "Replace bars 4-7"


def test_a_click_on_the_ruler_says_where_to_go_on_and_what_goes(eight_bars: Stage) -> None:
    ruler, viewport = eight_bars.window.roll.ruler, eight_bars.window.roll.viewport
    place = QPointF(viewport.ticks.to_x(2 * BAR), ruler.height() - 8).toPoint()
    QTest.mouseClick(ruler, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    assert said(eight_bars) == "continues bars 1-2, replaces bars 3-6"
    assert button_text(eight_bars) == "Replace bars 3-6"
    eight_bars.session.transport.return_to_start()
    assert said(eight_bars) == "continues bars 1-8"


def test_it_is_changed_where_it_is_said(eight_bars: Stage) -> None:
    select(eight_bars, *range(12))
    choose(eight_bars, "The whole track")
    assert said(eight_bars) == "continues bars 1-8"
    choose(eight_bars, "The selected notes")
    assert said(eight_bars) == "continues 12 selected notes, replaces bars 4-7"
    eight_bars.sound.position = 5 * BAR
    choose(eight_bars, "What stands before the playhead")
    assert said(eight_bars) == "continues bars 1-5, replaces bars 6-9"


def test_the_menu_offers_only_what_there_is_and_ticks_what_is_meant(eight_bars: Stage) -> None:
    menu = field(eight_bars).menu()
    menu.aboutToShow.emit()
    assert [action.isEnabled() for action in menu.actions()] == [True, False, False]
    assert [action.isChecked() for action in menu.actions()] == [True, False, False]


def test_it_is_reached_and_opened_by_the_keyboard_and_read_aloud(eight_bars: Stage) -> None:
    widget = field(eight_bars)
    assert widget.focusPolicy() == Qt.FocusPolicy.TabFocus
    assert widget.accessibleName() == "continues bars 1-8"
    assert "Click to change it" in widget.accessibleDescription()
    widget.setFocus()
    seen = []
    menu = widget.menu()
    # the key comes back only when the menu is closed
    menu.aboutToShow.connect(lambda: QTimer.singleShot(0, lambda: (seen.append(menu.isVisible()), menu.close())))
    QTest.keyClick(QApplication.focusWidget() or widget, Qt.Key.Key_Return)
    assert seen == [True]


def test_when_the_last_note_goes_nobody_says_what_would_be_continued(eight_bars: Stage) -> None:
    eight_bars.session.notes.select_all()
    eight_bars.session.notes.delete()
    assert said(eight_bars) == ""
    assert "8" not in eight_bars.window.transport_bar.continuing.button.toolTip()
    eight_bars.session.document.undo()
    assert said(eight_bars).startswith("continues ")
    assert field(eight_bars).isVisible()


def test_without_a_phrase_it_says_nothing(empty_stage: Stage) -> None:
    assert not field(empty_stage).isVisible()


@pytest.mark.parametrize(("chosen", "few"), [(range(20, 32), "12 notes"), (range(2), "2 notes"), ((), "bars 1-8")])
def test_where_there_is_little_room_few_words_say_it_whole(eight_bars: Stage, chosen: Sequence[int], few: str) -> None:
    select(eight_bars, *chosen)
    widget = field(eight_bars)
    widget.resize(widget.least_px, widget.height())
    assert widget.text() == f"{few} ▾"
    assert widget.accessibleName().startswith("continues ")


def test_in_a_narrow_window_the_button_and_what_is_continued_are_both_whole(eight_bars: Stage, qtbot: QtBot) -> None:
    eight_bars.window.resize(853, 480)
    select(eight_bars, *range(12))
    qtbot.waitUntil(lambda: field(eight_bars).text() in ("12 notes ▾", "continues 12 selected notes ▾"))
    button = eight_bars.window.transport_bar.continuing.button
    qtbot.waitUntil(lambda: button.width() >= button.sizeHint().width())


def test_where_there_is_no_room_the_words_end_with_an_ellipsis(eight_bars: Stage, qtbot: QtBot) -> None:
    select(eight_bars, *range(12))
    widget = field(eight_bars)
    qtbot.waitUntil(lambda: widget.text() == "continues 12 selected notes ▾")
    widget.resize(widget.least_px - 12, widget.height())
    assert "…" in widget.text() and widget.text().endswith("▾")
    assert widget.accessibleName() == "continues 12 selected notes, replaces bars 4-7"
