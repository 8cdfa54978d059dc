"""The classic GAN as a family: it makes bars from noise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from musicassist.composing.family import Decoding, Family, Variant
from musicassist.errors import QT_TRANSLATE_NOOP

if TYPE_CHECKING:
    from musicassist.families.gan.decoding import PianoRollGanConfig
    from musicassist.families.gan.net import PianoRollGan
    from musicassist.learning.recipe import Learning


def _config(page: Mapping[str, object]) -> PianoRollGanConfig:
    from musicassist.families.gan.decoding import PianoRollGanConfig
    from musicassist.families.gan.predictor import is_roll_config

    config = PianoRollGanConfig.from_json(page)
    if not is_roll_config(config):
        raise ValueError("it makes something else than rolls of melodies")
    return config


def _net(page: Mapping[str, object]) -> PianoRollGan:
    from musicassist.families.gan.net import PianoRollGan

    return PianoRollGan(_config(page))


def _decoding() -> Decoding:
    from musicassist.families.gan.decoding import RollGeneratorStep
    from musicassist.families.gan.predictor import RollPredictor

    return Decoding(
        model=lambda page, weights: RollGeneratorStep(_config(page), weights),
        writer=lambda loaded, _task, _request: RollPredictor(loaded.model, loaded.memory.contexts),
    )


def _learning() -> Learning:
    from musicassist.families.gan.learning import LEARNING

    return LEARNING


ROLL_GAN = Family(
    (Variant("gan", "gan", QT_TRANSLATE_NOOP("Models", "makes bars from noise"), {"continue": 80, "generate": 10}),),
    _net,
    _decoding,
    _learning,
)
