"""Markov models as a family: they count what follows what, and are there at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from musicassist.composing.family import Decoding, Family, Variant
from musicassist.errors import QT_TRANSLATE_NOOP

if TYPE_CHECKING:
    from musicassist.families.markov.decoding import MarkovConfig
    from musicassist.families.markov.net import MarkovNet
    from musicassist.learning.recipe import Learning


def _config(page: Mapping[str, object]) -> MarkovConfig:
    from musicassist.families.markov.decoding import MarkovConfig
    from musicassist.families.markov.predictor import is_markov_config

    config = MarkovConfig.from_json(page)
    if not is_markov_config(config):
        raise ValueError("it counts something else than melodies")
    return config


def _net(page: Mapping[str, object]) -> MarkovNet:
    from musicassist.families.markov.net import MarkovNet

    return MarkovNet(_config(page))


def _decoding() -> Decoding:
    from musicassist.families.markov.decoding import MarkovModel
    from musicassist.families.markov.predictor import MarkovPredictor

    return Decoding(
        model=lambda page, weights: MarkovModel(_config(page), weights),
        reader=lambda loaded: MarkovPredictor(loaded.model, loaded.memory),
    )


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
            stands_in=True,
        ),
    ),
    _net,
    _decoding,
    _learning,
)
