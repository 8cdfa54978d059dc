"""Markov models as a family: they count what follows what, and are there at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from musicassist.composing.family import Decoding, Family, Variant
from musicassist.errors import QT_TRANSLATE_NOOP

if TYPE_CHECKING:
    from musicassist.learning.recipe import Learning


def _decoding() -> Decoding:
    from musicassist.families.markov.predictor import DECODING

    return DECODING


def _learning() -> Learning:
    from musicassist.families.markov.learning import LEARNING

    return LEARNING


MARKOV = Family(
    (
        Variant(
            "markov",
            "markov",
            QT_TRANSLATE_NOOP("Models", "counts what follows what"),
            {"continue": 70, "generate": 90, "infill": 70},
            title=QT_TRANSLATE_NOOP("Models", "Melody, by counting"),
            stands_in=True,
        ),
    ),
    _decoding,
    _learning,
)
