"""Which predictor a loaded model becomes: the one place in composing that tells the families apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from musicassist.generation.decoding import Decoder, LaidOutNet
from musicassist.generation.infilling import InfillPredictor
from musicassist.generation.melody_model import is_melody_config
from musicassist.generation.melody_task import MelodyTask
from musicassist.generation.net_predictor import NetPredictor
from musicassist.generation.predictor import Predictor
from musicassist.generation.request import GenerationRequest
from musicassist.generation.transformer_decoding import LaidOutTransformer, TransformerDecoder
from musicassist.models.cards import ModelCard
from musicassist.models.recurrent import RecurrentModel
from musicassist.models.transformer import TransformerModel


@dataclass(frozen=True)
class Loaded:
    """A model in memory.

    Attributes:
        model: The net of its family, see ``models``.
        card: What it says about itself.
        parts: The models that it works with, by their role; a hybrid has some.
        laid_out: The model as its predictors read it, made once.
    """

    model: Any
    card: ModelCard
    parts: Mapping[str, Loaded] = field(default_factory=dict)
    laid_out: Any = None


def loaded(model: Any, card: ModelCard, parts: Mapping[str, Loaded]) -> Loaded:
    """A model with what its predictors need."""
    return Loaded(model, card, parts, _laid_out(model))


def _laid_out(model: Any) -> Any:
    if isinstance(model, TransformerModel):
        return LaidOutTransformer(model)
    return LaidOutNet(model) if isinstance(model, RecurrentModel) else None


def is_ours(model: object) -> bool:
    """Whether a model reads and predicts the music of our vocabulary, whatever its size."""
    return isinstance(model, (RecurrentModel, TransformerModel)) and is_melody_config(model.config)


def predictor_for(ready: Loaded, task: MelodyTask, request: GenerationRequest) -> Predictor:
    """A model made ready for one request."""
    del task, request  # what a net of events needs stands in the passage
    if isinstance(ready.model, TransformerModel):
        return InfillPredictor(TransformerDecoder(ready.laid_out))
    return NetPredictor(Decoder(ready.laid_out))
