"""A net with a close ear for the phrase, as a family: a gate mixes it with the piece's own n-grams."""

from __future__ import annotations

from typing import TYPE_CHECKING

from musicassist.composing.family import Decoding, Family, Variant
from musicassist.errors import QT_TRANSLATE_NOOP

if TYPE_CHECKING:
    from musicassist.learning.recipe import Learning


def _decoding() -> Decoding:
    from musicassist.families.hybrid.predictor import DECODING

    return DECODING


def _learning() -> Learning:
    from musicassist.families.hybrid.learning import LEARNING

    return LEARNING


GATE = Family(
    (
        Variant(
            "lstm-seed",
            "hybrid+net",
            QT_TRANSLATE_NOOP("Models", "the LSTM with a close ear for the phrase"),
            {"continue": 40, "infill": 40},
            title=QT_TRANSLATE_NOOP(
                "Models", "Melody, close to the phrase"
            ),  # from nothing there is no seed to listen to
        ),
    ),
    _decoding,
    _learning,
)
