"""The Transformer as a family: it attends to all the notes around, also to those behind the bars that it fills."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from musicassist.composing.family import Decoding, Family, Variant
from musicassist.errors import QT_TRANSLATE_NOOP

if TYPE_CHECKING:
    from musicassist.families.transformer.decoding import TransformerConfig
    from musicassist.families.transformer.net import TransformerModel
    from musicassist.learning.recipe import Learning


def _config(page: Mapping[str, object]) -> TransformerConfig:
    from musicassist.composing.predictor import check_melody_config
    from musicassist.families.transformer.decoding import TransformerConfig

    config = TransformerConfig.from_json(page)
    check_melody_config(config)
    return config


def _net(page: Mapping[str, object]) -> TransformerModel:
    from musicassist.families.transformer.net import TransformerModel

    return TransformerModel(_config(page))


def _decoding() -> Decoding:
    from musicassist.composing.seed_reading import SeedReader
    from musicassist.families.transformer.decoding import TransformerStep
    from musicassist.families.transformer.infilling import InfillPredictor

    return Decoding(
        model=lambda page, weights: SeedReader(TransformerStep(_config(page), weights)),
        reader=lambda loaded: InfillPredictor(loaded.model),
    )


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
            sees_behind=True,
        ),
    ),
    _net,
    _decoding,
    _learning,
)
