"""Names from files, ports and programs are shown as they are written, and make the window do nothing."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PySide6 import QtGui
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAccessible, QAction, QColor, QPixmap, QTextDocument, QTextFormat
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QListView, QMenu, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from musicassist.errors import MidiImportError, Words
from musicassist.midi import ImportedSong
from musicassist.score.song import Song
from musicassist.sound.messages import PortsChanged, StatusChanged
from musicassist.ui.foreign_text import (
    MAX_TEXT,
    PlainLabel,
    Tip,
    face_of,
    filled,
    literal,
    set_face,
    set_title,
    shown,
)
from musicassist.ui.strips import KEYBOARD, MODEL, SOUND, Notice
from stages import phrase_song
from window_doubles import Stage

HEBREW = "\u05e9\u05dc\u05d5\u05dd"
OVERRIDE = "\u202e"


def hostile_names(picture: Path) -> list[str]:
    """Harmless in themselves; each means something to Qt, to a terminal or to a layout."""
    return [
        "<b>Bold</b>",
        f'<img src="{picture}">Picture',
        f"<qt><img src='file://{picture}'/></qt>",
        "Salt & Pepper && more",
        "&lt;b&gt; written &amp;",
        "[*] starred [*][*]",
        "two\nlines\r\nand\u2028three",
        "\x1b[31mred\x1b]0;title\x07\x9b1m",
        "W" * 20_000,
        "many words " * 1_800,
        f"{HEBREW} {OVERRIDE}turned",
        "{braces} {0} %1 %n %s",
        "tab\there\x00null\ud800lone",
    ]


@pytest.fixture
def names(tmp_path: Path, qtbot: QtBot) -> list[str]:
    picture = tmp_path / "dot.png"
    dot = QPixmap(QSize(3, 3))
    dot.fill(QColor("red"))
    assert dot.save(str(picture))
    return hostile_names(picture)


def show_everywhere(stage: Stage, name: str, folder: Path) -> None:
    """Brings a name to every place that shows one: song, file, ports, synth, fonts, errors, models, recent files."""
    song = phrase_song()
    tracks = tuple(replace(track, name=name, output_port=name) for track in song.tracks)
    path = folder / (name.replace("/", "_").replace("\x00", "_").replace("\ud800", "_")[:60] + ".mid")
    stage.session.open(ImportedSong(Song(tracks=tracks), (), 1, 6), path)
    stage.window.files._show_warnings(
        ImportedSong(Song(tracks=tracks), (Words("{track} is odd.", {"track": name}),), 1, 6), path
    )
    stage.window.preferences.change(recent_files=(f"/somewhere/{name}", str(path)))
    stage.sound.events = [
        PortsChanged((name, "other"), (name, "other"), name, None),
        StatusChanged(name, f"/fonts/{name}.sf2", None, None, 0.02, ports=(name,)),
    ]
    stage.window.heartbeat.beat()
    stage.window.workspace.warn("hostile", MidiImportError("{file} is no MIDI file.", file=name))
    stage.window.workspace.say(filled("Session", "Opened {name}.", {"name": name}))
    stage.window.notices.show_notice(Notice("choice", name, remedies=((name[:20], lambda: None),), details=name))
    stage.window.model_status._on_model_stood_in(name, MidiImportError("{file} is damaged.", file=name))
    stage.window.actions_table.refresh()


def open_menus(widget: QWidget) -> Iterator[QMenu]:
    """Every menu of the window, filled as if it had been opened, and those inside."""
    waiting = widget.findChildren(QMenu)
    seen: set[int] = set()
    while waiting:
        menu = waiting.pop()
        if id(menu) in seen:
            continue
        seen.add(id(menu))
        menu.aboutToShow.emit()
        yield menu
        waiting.extend(inner for action in menu.actions() if isinstance(inner := action.menu(), QMenu))


@cache
def pictures_in(rich: str) -> tuple[str, ...]:
    """The names of the pictures that Qt would load for a tooltip; most tooltips are asked about again and again."""
    document = QTextDocument()
    document.setHtml(rich)
    found = []
    block = document.begin()
    while block.isValid():
        for place in block:
            image = place.fragment().charFormat().toImageFormat()
            if (
                place.fragment().charFormat().objectType() == QTextFormat.ObjectTypes.ImageObject.value
                or image.isValid()
            ):
                found.append(image.name())
        block = block.next()
    return tuple(found)


def assert_tip_is_literal(tip: str, where: str) -> None:
    assert pictures_in(tip) == (), where
    if QtGui.Qt.mightBeRichText(tip):  # then it is ours, with no marks but ours
        bare = tip
        for mark in ("<qt>", "</qt>", "<b>", "</b>", "<br>", "<i>", "</i>"):
            bare = bare.replace(mark, "")
        assert "<" not in bare, where
    assert len(tip) < 10 * MAX_TEXT, where


def assert_letters_are_quiet(text: str, where: str) -> None:
    """Nothing in it steers a terminal, turns the line, or is endless."""
    assert all(letter == "\n" or letter == "\t" or ord(letter) >= 0x20 for letter in text), where
    assert not set(text) & set("\x7f\x9b\u202a\u202b\u202c\u202d\u202e\u2066\u2067"), where
    assert not any("\ud800" <= letter <= "\udfff" for letter in text), where
    assert text.count("\u2068") == text.count("\u2069"), where
    assert len(text) <= MAX_TEXT + 100, where


def assert_shows_text_as_text(window: QWidget) -> None:
    """Walks every label, button, tooltip, menu, list and accessible word of the window."""
    for widget in (window, *window.findChildren(QWidget)):
        where = f"{type(widget).__name__} {widget.objectName()}"
        assert_tip_is_literal(widget.toolTip(), where)
        assert_letters_are_quiet(widget.accessibleName(), where)
        interface = QAccessible.queryAccessibleInterface(widget)
        description = interface.text(QAccessible.Text.Description)
        assert "&nbsp;" not in description and "<br>" not in description, where
        assert_letters_are_quiet(description, where)
        if isinstance(widget, QLabel):
            assert widget.textFormat() == Qt.TextFormat.PlainText, where
            assert_letters_are_quiet(widget.text(), where)
            assert widget.minimumSizeHint().width() <= 1000, where
        if isinstance(widget, QAbstractButton):
            assert_letters_are_quiet(widget.text(), where)
            assert "&" not in widget.text().replace("&&", ""), where
        if isinstance(widget, QListView) and widget.model() is not None:
            for row in range(widget.model().rowCount()):
                assert_tip_is_literal(str(widget.model().index(row, 0).data(Qt.ItemDataRole.ToolTipRole) or ""), where)
    for menu in open_menus(window):
        for action in menu.actions():
            assert_line_is_literal(action)
    for action in window.findChildren(QAction):
        assert_tip_is_literal(action.toolTip(), action.text())


def assert_line_is_literal(action: QAction) -> None:
    assert_tip_is_literal(action.toolTip(), action.text())
    assert_letters_are_quiet(action.text(), action.text())
    is_head = isinstance(action.parent(), QMenu) and action.menu() is not None and action.text().startswith("&")
    assert is_head or "&" not in action.text().replace("&&", ""), action.text()
    assert len(action.text()) <= MAX_TEXT


@pytest.mark.parametrize("which", range(13))
def test_a_hostile_song_is_shown_literally_in_every_label_tooltip_menu_notice_and_table(
    stage: Stage, names: list[str], which: int, tmp_path: Path
) -> None:
    narrow = stage.window.minimumSizeHint().width()
    show_everywhere(stage, names[which], tmp_path)
    QApplication.processEvents()
    assert_shows_text_as_text(stage.window)
    assert stage.window.minimumSizeHint().width() <= max(narrow, 1280)
    assert (stage.window.width(), stage.window.height()) == (1280, 720)


def test_a_keyboard_or_synth_that_fails_is_named_literally(stage: Stage, names: list[str]) -> None:
    for name in names:
        stage.window.preferences.change(input_port=name)
        stage.sound.events = [
            PortsChanged((name,), (name,), None, None),
            StatusChanged(
                "alsa",
                name,
                Words("{name} does not sound.", {"name": name}),
                Words("Remove {name}.", {"name": name}),
                0.02,
            ),
        ]
        stage.window.heartbeat.beat()
        assert_shows_text_as_text(stage.window)
        stage.sound.events = [PortsChanged((), (), None, None), StatusChanged("alsa", name, missing_ports=(name,))]
        stage.window.heartbeat.beat()
        assert_shows_text_as_text(stage.window)


def test_what_is_bold_is_only_the_head_of_our_own_tips(stage: Stage, tmp_path: Path) -> None:
    show_everywhere(stage, "<b>Bold</b>", tmp_path)
    row = stage.window.track_list.rows[0]
    assert row.name.text() == "<b>Bold</b>"
    assert "&lt;b&gt;Bold&lt;/b&gt;, 4 notes." in row.name.toolTip()
    assert stage.window.strip.items[KEYBOARD].text().strip() == "<b>Bold</b>"


def test_an_ampersand_in_a_port_is_an_ampersand(stage: Stage, tmp_path: Path) -> None:
    show_everywhere(stage, "Salt & Pepper", tmp_path)
    for item in (KEYBOARD, MODEL, SOUND):
        assert "Salt && Pepper" in stage.window.strip.items[item].text() or item == MODEL
    menu = stage.window.strip.items[KEYBOARD].menu()
    menu.aboutToShow.emit()
    assert "Salt & Pepper" in [face_of(action) for action in menu.actions()]


def test_a_star_in_a_file_name_is_no_mark_of_unsaved_work(stage: Stage, qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    for name in ("a[*].mid", "[*]", "[*][*]b", "plain.mid"):
        set_title(window, f"{name}[*] \N{EN DASH} musicassist")
        for is_modified in (False, True):
            window.setWindowModified(is_modified)
            window.show()
            QApplication.processEvents()
            expected = f"{name}{'*' if is_modified else ''} \N{EN DASH} musicassist"
            assert window.windowHandle().title() == expected


def test_leaving_the_field_of_a_name_that_no_field_can_hold_changes_nothing(stage: Stage) -> None:
    name = "two\nlines " + "W" * 40_000
    tracks = tuple(replace(track, name=name) for track in phrase_song().tracks)
    stage.session.open(ImportedSong(Song(tracks=tracks), (), 1, 6), None)
    row = stage.window.track_list.rows[0]
    row.start_renaming()
    row.end_renaming()
    assert stage.document.song.tracks[0].name == name
    assert not stage.document.is_modified


def test_no_description_for_a_screen_reader_has_markup(stage: Stage) -> None:
    stage.window.actions_table["view.takes_panel"].trigger()
    stage.window.actions_table.refresh()
    QApplication.processEvents()
    widgets = stage.window.findChildren(QWidget)
    described = [QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Description) for widget in widgets]
    assert [words for words in described if "<" in words or "&" in words] == []
    assert "Quarter notes a minute. Type, or turn the wheel while it is chosen." in described
    button = stage.window.transport_bar.buttons["edit.tool_draw"]
    assert button.accessibleName() == face_of(stage.window.actions_table["edit.tool_draw"])


def test_a_file_with_endless_warnings_leaves_the_roll_most_of_the_window(stage: Stage) -> None:
    before = stage.window.roll.height()
    warnings = tuple(Words(f"Track {number} of {'many words ' * 900} is odd.") for number in range(6))
    stage.window.files._show_warnings(ImportedSong(phrase_song(), warnings, 1, 6), None)
    QApplication.processEvents()
    assert stage.window.roll.height() >= 0.8 * before


def test_a_right_to_left_file_name_stands_alone_in_what_is_said_of_it(stage: Stage, tmp_path: Path) -> None:
    stage.window.files._tell_change(tmp_path / f"{HEBREW}.mid")
    assert any(f"\u2068{HEBREW}.mid\u2069" in text for text in stage.window.notices.texts)


# The words themselves


@given(st.text())
@example("a\u202eb\u2066c")
@example("\u2068\u2069\u2069\u2068")
@example("x" * 10_000)
def test_shown_text_is_quiet_and_showing_it_again_changes_nothing(text: str) -> None:
    once = shown(text)
    assert_letters_are_quiet(once.replace("\t", " "), repr(text))
    assert shown(once) == once


@given(st.text(st.characters(categories=("L", "N", "P", "S")), max_size=60))
def test_letters_that_mean_nothing_to_a_screen_stay_as_they_are(text: str) -> None:
    assert shown(text) == text
    assert literal(text).strip("\u2068\u2069") == text


@given(st.text(max_size=200), st.text(max_size=50), st.text(max_size=20), st.text(max_size=50))
def test_a_tip_says_its_words_and_nothing_in_them_is_markup(body: str, head: str, keys: str, note: str) -> None:
    rich = Tip(body, head, keys, note).rich
    assert_tip_is_literal(rich, repr((body, head, keys, note)))
    for part in (body, head, keys, note):
        assert html.escape(shown(part)).replace("\n", "<br>") in rich


@given(st.text(max_size=100))
def test_a_name_is_one_line_that_closes_what_it_opens(name: str) -> None:
    word = literal(name)
    assert len(word.splitlines()) <= 1
    assert word.count("\u2068") == word.count("\u2069")


def test_a_right_to_left_name_does_not_turn_the_sentence_around_it() -> None:
    assert literal(HEBREW) == f"\u2068{HEBREW}\u2069"
    assert literal("Piano") == "Piano"
    words = filled("Errors", "{file} is no MIDI file.", {"file": HEBREW})
    assert words == f"\u2068{HEBREW}\u2069 is no MIDI file."


def test_a_terminal_code_is_seen_and_not_obeyed() -> None:
    assert literal("\x1b[31mred") == "\N{SYMBOL FOR ESCAPE}[31mred"
    assert literal("two\r\nlines") == "two↵lines"


def test_a_long_file_name_keeps_its_end() -> None:
    assert shown("a" * 300 + "-take-7.mid").endswith("-take-7.mid")


def test_a_line_without_room_ends_in_an_ellipsis(qtbot: QtBot) -> None:
    label = PlainLabel("A name that is longer than its place")
    qtbot.addWidget(label)
    label.resize(60, 20)
    assert label.is_cut
    label.resize(600, 20)
    assert not label.is_cut


def test_a_button_says_its_ampersand(qtbot: QtBot) -> None:
    button = QPushButton()
    qtbot.addWidget(button)
    set_face(button, "Salt & Pepper")
    assert (button.text(), face_of(button)) == ("Salt && Pepper", "Salt & Pepper")
    assert button.shortcut().isEmpty()
