"""Every text of the window stands where a translator finds it, and a translation reaches the window."""

from __future__ import annotations

import ast
import html
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import PySide6
import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

import musicassist
from musicassist.composing.accompaniment_takes import NO_CHORDS
from musicassist.errors import SeedError, Words
from musicassist.families.registry import FAMILIES
from musicassist.midi import write_song
from musicassist.score.seam import FACT_WORDS
from musicassist.sound.messages import StatusChanged
from musicassist.sound.outputs import BUILTIN_HELPS_OUT, FAILED_PROBLEM
from musicassist.ui import building
from musicassist.ui.building import install_language
from musicassist.ui.piano_roll.gestures import DragVelocity, EraseNotes, SplitNote
from musicassist.ui.piano_roll.note_gestures import DrawNote, MoveNotes, ResizeNotes
from musicassist.ui.strips import SOUND
from stages import phrase_song
from window_doubles import Stage, raise_stage
from window_hands import CTRL, press, tell

PACKAGE = Path(musicassist.__file__).parent
UI = sorted((PACKAGE / "ui").rglob("*.py"))
# Rooms without Qt mark what the window translates: records of families, undo steps, what a session says.
MARKING = sorted(
    path for path in {*PACKAGE.rglob("*.py")} - {*UI} if "QT_TRANSLATE_NOOP(" in path.read_text(encoding="utf-8")
)
# What is said on a terminal alone, in English: the command line, and what trains and measures. Credits are a file.
_TRAINING = {"training", "evaluation", "learning", "learning.py", "vae_learning.py", "gan_learning.py"}
ENGLISH_ALONE = {"cli", "terminal.py", "credits.py"} | _TRAINING
LUPDATE = Path(sys.executable).with_name("pyside6-lupdate")
LRELEASE = Path(PySide6.__file__).with_name("lrelease")
SENTENCE = re.compile(r"[A-Z{].* .*[^ ][.?!]", re.DOTALL)
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


def unmarked_sentences(source: str) -> list[tuple[int, str]]:
    """Line and text of what reads like a sentence, in no mark and no docstring; fields of f-strings are {}."""
    tree = ast.parse(source)
    passed_over: set[int] = set()
    for node in ast.walk(tree):
        name = ast.unparse(node.func).rpartition(".")[2] if isinstance(node, ast.Call) else ""
        is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        # A ValueError speaks to programmers and on the command line.
        if is_docstring or name == "ValueError" or name in MARKS:
            passed_over.update(id(inner) for inner in ast.walk(node))
    found = []
    for node in ast.walk(tree):
        if id(node) in passed_over or not isinstance(node, ast.Constant | ast.JoinedStr):
            continue
        parts = node.values if isinstance(node, ast.JoinedStr) else [node]
        passed_over.update(map(id, parts))
        text = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in parts)
        if SENTENCE.fullmatch(text):
            found.append((node.lineno, text))
    return sorted(found)


def test_every_sentence_that_can_reach_the_window_is_marked() -> None:
    paths = [path for path in PACKAGE.rglob("*.py") if not ENGLISH_ALONE.intersection(path.relative_to(PACKAGE).parts)]
    unmarked = {
        f"{path.relative_to(PACKAGE)}:{line}: {text}"
        for path in sorted(paths)
        for line, text in unmarked_sentences(path.read_text(encoding="utf-8"))
    }
    assert unmarked == set()


def test_a_sentence_without_a_mark_is_seen() -> None:
    source = "\n".join(
        (
            '"""What a module is."""',
            'raise SeedError("There are no notes in {file}.", file=path)',
            'raise SeedError(QT_TRANSLATE_NOOP("Errors", "There are no notes."))',
            'problem = f"{name} is no file."',
            'words = {"a": "It is "',
            '    "gone."}',
            'name = "Violin I"',
        )
    )
    assert [line for line, _ in unmarked_sentences(source)] == [2, 4, 5]


@pytest.fixture
def translated(found: ElementTree.Element, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A language in which each text that is found stands in «guillemets»."""
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
    yield
    for translator in translators:
        app.removeTranslator(translator)


@needs_lupdate
def test_a_translation_reaches_menus_palette_and_tooltips(translated: None, qtbot: QtBot, tmp_path: Path) -> None:
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


@needs_lupdate
def test_a_translation_reaches_what_rooms_without_qt_say(
    translated: None, stage: Stage, qtbot: QtBot, tmp_path: Path
) -> None:
    """An error of composing in the strip, a file that is none, what was mended in one, and news of the sound engine."""
    window = stage.window
    window.model_status.load()
    qtbot.waitUntil(lambda: window.generator.is_ready)
    stage.engine.problem = SeedError(NO_CHORDS)
    press(stage, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: window.strip.message == f"«{NO_CHORDS}»")

    cut = tmp_path / "cut.mid"
    cut.write_bytes(write_song(phrase_song())[:-8])
    window.files.open_path(cut)
    qtbot.waitUntil(lambda: any("«This file ends in the middle of a track." in text for text in window.notices.texts))
    window.files.open_path(tmp_path / "none.mid")
    qtbot.waitUntil(lambda: "«none.mid does not exist.»" in window.notices.texts)

    tell(stage, StatusChanged("silent", problem=Words(BUILTIN_HELPS_OUT, {"reason": FAILED_PROBLEM})))
    item = window.strip.items[SOUND]
    assert "«Built-in synth: «The sound output could not be opened.»»" in html.unescape(item.toolTip())
