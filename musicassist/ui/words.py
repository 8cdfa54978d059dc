"""Words for the user: translated, filled in, short."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from musicassist.errors import MusicAssistError
from musicassist.ui.foreign_text import literal


def tr(context: str, text: str) -> str:
    """``text`` in the user's language; ``context`` tells the translators where it stands."""
    return QCoreApplication.translate(context, text)


def filled(context: str, template: str, values: Mapping[str, object]) -> str:
    """A translated template with its ``{named}`` fields filled in; the English one where a translation is broken.

    Names in the fields stand as they are written, whatever letters they have.
    """
    values = {name: literal(str(value)) if isinstance(value, str | Path) else value for name, value in values.items()}
    try:
        return tr(context, template).format(**values)
    except (KeyError, IndexError, ValueError):
        return template.format(**values)


def words_of(error: MusicAssistError) -> str:
    """What an error says to the user."""
    return filled("Errors", error.template, error.values)
