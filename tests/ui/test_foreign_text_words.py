from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QTranslator
from pytestqt.qtbot import QtBot

from musicassist.errors import MidiImportError
from musicassist.ui.foreign_text import words_of


class German(QTranslator):
    """Knows two sentences, one of them wrongly."""

    def translate(self, context: str, source: str, disambiguation: str | None = None, number: int = -1) -> str | None:
        return {
            "{file} is no MIDI file.": "{file} ist keine MIDI-Datei.",
            "{file} is empty.": "{datei} ist leer.",
        }.get(source)


@pytest.fixture
def _german(qtbot: QtBot) -> Iterator[None]:
    translator = German()
    QCoreApplication.installTranslator(translator)
    yield
    QCoreApplication.removeTranslator(translator)


@pytest.mark.usefixtures("_german")
def test_errors_are_translated_and_then_filled_in() -> None:
    assert words_of(MidiImportError("{file} is no MIDI file.", file="a.mid")) == "a.mid ist keine MIDI-Datei."


@pytest.mark.usefixtures("_german")
def test_a_broken_translation_falls_back_to_english() -> None:
    assert words_of(MidiImportError("{file} is empty.", file="a.mid")) == "a.mid is empty."
    assert words_of(MidiImportError("{file} is cut.", file="a.mid")) == "a.mid is cut."
