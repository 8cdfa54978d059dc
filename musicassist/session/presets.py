"""Rules of takes under names, kept with the song: a page of the document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from musicassist.composing.request import Wish
from musicassist.composing.take_plan import INTENTS
from musicassist.document.document import Document
from musicassist.document.pages import Page
from musicassist.errors import QT_TRANSLATE_NOOP, UsageError
from musicassist.session.offers import Controls
from musicassist.session.request_pages import check_wish
from musicassist.tokens.vocabulary import STYLES
from musicassist.values import field_values, plain_fields

PAGE = "presets"
MAX_PRESETS = 64  # LIMIT: more than a menu shows well
MAX_NAME_LETTERS = 60  # LIMIT
_RULES = ("bars", "ending", "candidates", "closeness", "surprise", "constraints", "style", "intent")


class Presets:
    """The presets of a document. What is damaged there is passed over; main thread only.

    Args:
        document: Keeps them.
    """

    def __init__(self, document: Document) -> None:
        self._document = document

    def all(self) -> dict[str, Wish]:
        """By their names, in order of these."""
        found = {name: wish for name, plain in self._rows().items() if (wish := _wish_from(plain)) is not None}
        return dict(sorted(found.items(), key=lambda row: row[0].casefold()))

    def keep(self, name: str, controls: Controls) -> None:
        """Keeps the rules under a name, in place of those that had it.

        Raises:
            UsageError: The name is empty or too long, or there are too many.
        """
        name = " ".join(name.split())
        if not 0 < len(name) <= MAX_NAME_LETTERS:
            raise UsageError(
                QT_TRANSLATE_NOOP("Errors", "A preset has a name of 1 to {most} letters."), most=MAX_NAME_LETTERS
            )
        rows = {known: plain_fields(wish) for known, wish in self.all().items()}
        rows[name] = plain_fields(Wish(**{rule: getattr(controls, rule) for rule in _RULES}))
        if len(rows) > MAX_PRESETS:
            raise UsageError(
                QT_TRANSLATE_NOOP("Errors", "A song holds {most} presets. Delete one first."), most=MAX_PRESETS
            )
        self._document.keep_page(PAGE, Page.of(rows))

    def drop(self, name: str) -> None:
        """Throws one away; nothing happens where there is none."""
        rows = {known: plain_fields(wish) for known, wish in self.all().items() if known != name}
        self._document.keep_page(PAGE, Page.of(rows) if rows else None)

    def applied(self, name: str, controls: Controls) -> Controls:
        """The controls with the rules of a preset; as they are where there is none."""
        wish = self.all().get(name)
        return controls if wish is None else replace(controls, **{rule: getattr(wish, rule) for rule in _RULES})

    def _rows(self) -> Mapping[str, Any]:
        page = self._document.pages.get(PAGE)
        try:
            plain = page.plain if page is not None else {}
        except ValueError:
            return {}
        rows = plain.items() if isinstance(plain, dict) else ()
        return dict([(name, own) for name, own in rows if 0 < len(name) <= MAX_NAME_LETTERS][:MAX_PRESETS])


def _wish_from(plain: object) -> Wish | None:
    """A wish that was read as one reads a stranger's file."""
    if not isinstance(plain, dict):
        return None
    try:
        wish = Wish(**field_values(Wish, plain))
        check_wish(wish)
    except (ValueError, TypeError, KeyError, OverflowError):
        return None
    return wish if wish.style in (None, *STYLES[1:]) and wish.intent in ("", *INTENTS) else None
