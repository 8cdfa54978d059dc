"""The classic GAN as a family: it makes bars from noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from musicassist.composing.family import Decoding, Family, Variant
from musicassist.errors import QT_TRANSLATE_NOOP

if TYPE_CHECKING:
    from musicassist.learning.recipe import Learning


def _decoding() -> Decoding:
    from musicassist.families.gan.predictor import DECODING

    return DECODING


def _learning() -> Learning:
    from musicassist.families.gan.learning import LEARNING

    return LEARNING


ROLL_GAN = Family(
    (
        Variant(
            "gan",
            "gan",
            QT_TRANSLATE_NOOP("Models", "makes bars from noise"),
            {"continue": 80, "generate": 85},
            title=QT_TRANSLATE_NOOP("Models", "Bars from noise"),
        ),
    ),
    _decoding,
    _learning,
)
