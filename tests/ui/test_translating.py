"""Every text of the window stands where a translator finds it, and a translation reaches the window."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import PySide6
import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

import musicassist
from musicassist.families.registry import FAMILIES
from musicassist.score.seam import FACT_WORDS
from musicassist.ui import building
from musicassist.ui.building import install_language
from musicassist.ui.piano_roll.gestures import DragVelocity, EraseNotes, SplitNote
from musicassist.ui.piano_roll.note_gestures import DrawNote, MoveNotes, ResizeNotes
from window_doubles import Stage, raise_stage

PACKAGE = Path(musicassist.__file__).parent
UI = sorted((PACKAGE / "ui").rglob("*.py"))
# Rooms without Qt mark what the window translates: records of families, undo steps, what a session says.
MARKING = sorted(
    path for path in {*PACKAGE.rglob("*.py")} - {*UI} if "QT_TRANSLATE_NOOP(" in path.read_text(encoding="utf-8")
)
LUPDATE = Path(sys.executable).with_name("pyside6-lupdate")
LRELEASE = Path(PySide6.__file__).with_name("lrelease")
MARKS = {"tr": 0, "translate": 1, "QT_TRANSLATE_NOOP": 1}  # which of its arguments is the text

needs_lupdate = pytest.mark.skipif(not LUPDATE.exists(), reason="pyside6-lupdate is not installed")


def marked_texts(path: Path) -> Iterator[tuple[int, str | None]]:
    """Line and text of every call that translates or marks; None for a text that is no literal."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            is_painters = name == "translate" and ast.unparse(node.func) not in (
                "translate",
                "QCoreApplication.translate",
            )
            if name in MARKS and len(node.args) > MARKS[name] and not is_painters:
                text = node.args[MARKS[name]]
                yield node.lineno, text.value if isinstance(text, ast.Constant) else None


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> ElementTree.Element:
    """What ``pyside6-lupdate`` finds in the window's modules, and in those that mark words for it."""
    out = tmp_path_factory.mktemp("texts") / "musicassist_eo.ts"
    subprocess.run([LUPDATE, "-silent", *UI, *MARKING, "-ts", out], check=True, capture_output=True)
    return ElementTree.parse(out).getroot()  # our own file


@needs_lupdate
def test_every_text_of_the_window_is_found(found: ElementTree.Element) -> None:
    texts = {message.findtext("source") for message in found.iter("message")}
    marked = {text for path in (*UI, *MARKING) for _, text in marked_texts(path) if text is not None}
    print(f"{len(marked)} texts are marked, {len(texts)} are found")
    assert marked - texts == set()
    assert all(context.findtext("name") for context in found.iter("context"))


@needs_lupdate
def test_every_word_of_the_commands_is_found(found: ElementTree.Element, empty_stage: Stage) -> None:
    names = [str(context.findtext("name")) for context in found.iter("context")]
    of_commands = [name for name in names if name.endswith(("Commands", "Rows"))]
    texts = set[str | None]().union(*(texts_of(found, name) for name in of_commands))
    actions = empty_stage.window.actions_table
    rows = actions.commands.values()
    said = {menu.title for menu in actions.menus} | {need.words for row in rows for need in row.needs}
    said |= {words for row in rows for words in (row.text, row.tip) if words}
    assert said - texts == set()


def texts_of(found: ElementTree.Element, name: str) -> set[str | None]:
    """What a context holds."""
    context = next(context for context in found.iter("context") if context.findtext("name") == name)
    return {message.findtext("source") for message in context.iter("message")}


@needs_lupdate
def test_what_every_model_is_and_what_a_take_puts_right_is_found(found: ElementTree.Element) -> None:
    variants = [variant for family in FAMILIES.families for variant in family.variants]
    assert {variant.words for variant in variants} - texts_of(found, "Models") == set() and len(variants) > 8
    assert {*FACT_WORDS.values()} - texts_of(found, "Takes") == set()


@needs_lupdate
def test_every_step_that_can_be_undone_is_found(found: ElementTree.Element) -> None:
    """A name that is handed to ``apply`` without a mark would stay English in "Undo"."""
    unmarked = [
        f"{path.name}:{node.lineno}"
        for room in ("session", "document", "ui")
        for path in sorted((PACKAGE / room).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("apply", "_apply")
        if node.args and isinstance(node.args[0], ast.Constant)
    ]
    assert unmarked == []
    named = {gesture.name for gesture in (DragVelocity, DrawNote, EraseNotes, MoveNotes, ResizeNotes, SplitNote)}
    assert (named | {"Delete notes", "Record notes", "Continue phrase"}) - texts_of(found, "Steps") == set()


def test_a_text_that_is_no_literal_is_marked_elsewhere() -> None:
    """``lupdate`` passes over ``tr(name)``; these show what a table marked, or what rooms without Qt say."""
    dynamic = {path.name for path in UI for _, text in marked_texts(path) if text is None}
    assert dynamic <= {
        *(
            "chord_places.py",
            "dialogs.py",
            "foreign_text.py",
            "project_losses.py",
            "lessons_panel.py",
            "model_status.py",
            "mouse.py",
            "song_view.py",
            "track_row.py",
        ),
        "window_commands.py",
    }


@needs_lupdate
def test_a_translation_reaches_menus_palette_and_tooltips(
    found: ElementTree.Element, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for message in found.iter("message"):
        translation = message.find("translation")
        assert translation is not None
        translation.attrib.pop("type", None)
        translation.text = f"«{message.findtext('source')}»"
    folder = tmp_path / "translations"
    folder.mkdir()
    ElementTree.ElementTree(found).write(folder / "toy.ts", encoding="utf-8")
    subprocess.run(
        [LRELEASE, "-silent", folder / "toy.ts", "-qm", folder / "musicassist_eo.qm"], check=True, capture_output=True
    )
    monkeypatch.setattr(building, "resources_folder", lambda: tmp_path)
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    translators = install_language(app, QLocale("eo"))
    try:
        stage = raise_stage(tmp_path / "recovery")
        actions = stage.window.actions_table
        assert actions["edit.undo"].text() == "«Undo»"
        assert "«Take back the last step.»" in actions["edit.undo"].toolTip()
        assert "«There is nothing to undo.»" in actions["edit.undo"].toolTip()
        assert actions.menus[0].title == "«&File»"
        untranslated = [row.id for row in actions.commands.values() if row.text and not row.text.startswith("«")]
        assert untranslated == []
        assert stage.window.track_list._add.text() == "«Add a track»"
        stage.window.shut_down(keep_recovery=False)
    finally:
        for translator in translators:
            app.removeTranslator(translator)
