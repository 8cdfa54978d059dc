"""The Transformer as a family: it attends to all the notes around, also to those behind the bars that it fills."""

from __future__ import annotations

from typing import TYPE_CHECKING

from musicassist.composing.family import Decoding, Family, Variant
from musicassist.errors import QT_TRANSLATE_NOOP

if TYPE_CHECKING:
    from musicassist.learning.recipe import Learning


def _decoding() -> Decoding:
    from musicassist.families.transformer.infilling import DECODING

    return DECODING


def _learning() -> Learning:
    from musicassist.families.transformer.learning import LEARNING

    return LEARNING


TRANSFORMER = Family(
    (
        Variant(
            "transformer",
            "transformer",
            QT_TRANSLATE_NOOP("Models", "attends to all the notes around"),
            {"continue": 30, "generate": 50, "infill": 10},
            title=QT_TRANSLATE_NOOP("Models", "Melody, far-sighted"),
            sees_behind=True,
        ),
    ),
    _decoding,
    _learning,
)
