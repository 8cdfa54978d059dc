"""The Transformer as a family: it attends to all the notes around, also to those behind the bars that it fills."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from musicassist.composing.family import Decoding, Family, Variant

if TYPE_CHECKING:
    from musicassist.families.transformer.net import TransformerModel
    from musicassist.learning.recipe import Learning


def _net(page: Mapping[str, object]) -> TransformerModel:
    from musicassist.composing.melody_model import check_melody_config
    from musicassist.families.transformer.net import TransformerConfig, TransformerModel

    config = TransformerConfig.from_json(page)
    check_melody_config(config)
    return TransformerModel(config)


def _decoding() -> Decoding:
    from musicassist.families.transformer.decoding import LaidOutTransformer, TransformerDecoder
    from musicassist.families.transformer.infilling import InfillPredictor

    return Decoding(
        reader=lambda loaded: InfillPredictor(TransformerDecoder(loaded.laid_out)), laid_out=LaidOutTransformer
    )


def _learning() -> Learning:
    from musicassist.families.transformer.learning import LEARNING

    return LEARNING


TRANSFORMER = Family(
    (
        Variant(
            "transformer",
            "transformer",
            "attends to all the notes around",
            {"continue": 30, "generate": 50, "infill": 10},
            sees_behind=True,
        ),
    ),
    _net,
    _decoding,
    _learning,
)
