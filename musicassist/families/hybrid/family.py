"""A net with a close ear for the phrase, as a family: a gate mixes it with the piece's own n-grams."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from musicassist.composing.family import Decoding, Family, Loaded, Variant
from musicassist.errors import QT_TRANSLATE_NOOP

if TYPE_CHECKING:
    from musicassist.learning.recipe import Learning
    from musicassist.models.heads import Gate
    from musicassist.models.steps import GateConfig, GateStep
    from musicassist.models.weights import Weights


def _config(page: Mapping[str, object]) -> GateConfig:
    from musicassist.families.hybrid.predictor import is_mixed_config
    from musicassist.models.steps import GateConfig

    config = GateConfig.from_json(page)
    if not is_mixed_config(config):
        raise ValueError("it mixes something else than a net of melodies with n-grams")
    return config


def _net(page: Mapping[str, object]) -> Gate:
    from musicassist.models.heads import Gate

    return Gate(_config(page))


def _decoding() -> Decoding:
    from musicassist.composing.predictor import NetPredictor
    from musicassist.families.hybrid.predictor import NET, MixedPredictor
    from musicassist.models.steps import GateStep

    def fits(parts: Mapping[str, Loaded]) -> bool:
        part = parts.get(NET)
        return part is not None and part.reads_notes and isinstance(part.note_reader(), NetPredictor)

    def model(page: Mapping[str, object], weights: Weights) -> GateStep:
        gate = GateStep(_config(page), weights)
        weights.check_all_read()
        return gate

    def reader(loaded: Loaded) -> MixedPredictor:
        net = loaded.parts[NET].note_reader()
        assert isinstance(net, NetPredictor)
        return MixedPredictor(loaded.model, net, loaded.memory)

    return Decoding(model=model, reader=reader, fits=fits)


def _learning() -> Learning:
    from musicassist.families.hybrid.learning import LEARNING

    return LEARNING


GATE = Family(
    (
        Variant(
            "lstm-seed",
            "hybrid+net",
            QT_TRANSLATE_NOOP("Models", "the LSTM with a close ear for the phrase"),
            {"continue": 40, "infill": 40},  # from nothing there is no seed to listen to
        ),
    ),
    _net,
    _decoding,
    _learning,
)
