"""Words for the user: translated, filled in, short."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication

from musicassist.errors import MusicAssistError


def tr(context: str, text: str) -> str:
    """``text`` in the user's language; ``context`` tells the translators where it stands."""
    return QCoreApplication.translate(context, text)


def filled(context: str, template: str, values: Mapping[str, object]) -> str:
    """A translated template with its ``{named}`` fields filled in; the English one where a translation is broken."""
    try:
        return tr(context, template).format(**values)
    except (KeyError, IndexError, ValueError):
        return template.format(**values)


def words_of(error: MusicAssistError) -> str:
    """What an error says to the user."""
    return filled("Errors", error.template, error.values)
