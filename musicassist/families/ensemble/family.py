"""The net of all parts as a family: it writes any tracks of a song against the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from musicassist.composing.family import Decoding, Family, Variant
from musicassist.errors import QT_TRANSLATE_NOOP

if TYPE_CHECKING:
    from musicassist.learning.recipe import Learning


def _decoding() -> Decoding:
    from musicassist.families.ensemble.composing import DECODING

    return DECODING


def _learning() -> Learning:
    from musicassist.families.ensemble.learning import LEARNING

    return LEARNING


ENSEMBLE = Family(
    (
        Variant(
            "ensemble",
            "ensemble",
            QT_TRANSLATE_NOOP("Models", "writes chords, hands and all parts together"),
            {"continue": 75, "infill": 75},
            title=QT_TRANSLATE_NOOP("Models", "All parts"),
            sees_behind=True,
            writes_parts=True,
        ),
    ),
    _decoding,
    _learning,
)
