"""Which predictor a loaded model becomes: the one place in composing that tells the families apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import nn

from musicassist.composing.melody_model import is_melody_config
from musicassist.composing.melody_task import MelodyTask
from musicassist.composing.predictor import NetPredictor, Predictor
from musicassist.composing.request import GenerationRequest
from musicassist.composing.whole_melodies import MarkovReader, MixedReader
from musicassist.errors import CheckpointError
from musicassist.families.gan.net import PianoRollGan
from musicassist.families.gan.predictor import RollPredictor, is_roll_config
from musicassist.families.hybrid.predictor import NET, MixedPredictor, is_mixed_config
from musicassist.families.latent.gan import LatentGan
from musicassist.families.latent.model import WINDOW_CONDITION, is_latent_config
from musicassist.families.latent.predictor import LatentPredictor
from musicassist.families.latent.scripts import interpolation_script, latent_script, next_windows_script
from musicassist.families.latent.vae import VaeModel
from musicassist.families.markov.chain import MarkovModel
from musicassist.families.markov.predictor import MarkovPredictor, is_markov_config
from musicassist.families.recurrent.decoding import Decoder, LaidOutNet
from musicassist.families.recurrent.net import RecurrentModel
from musicassist.families.transformer.decoding import LaidOutTransformer, TransformerDecoder
from musicassist.families.transformer.infilling import InfillPredictor
from musicassist.families.transformer.net import TransformerModel
from musicassist.models.cards import ModelCard
from musicassist.models.gate import Gate
from musicassist.score.song import Song


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
    """A model with what its predictors need.

    Raises:
        CheckpointError: A hybrid's part is no net that it can be mixed with.
    """
    if isinstance(model, Gate) and not (NET in parts and isinstance(parts[NET].model, RecurrentModel)):
        raise CheckpointError("The model {name} names a part that it cannot be mixed with.", name=card.name)
    return Loaded(model, card, parts, _laid_out(model))


def _laid_out(model: Any) -> Any:
    if isinstance(model, TransformerModel):
        return LaidOutTransformer(model)
    return LaidOutNet(model) if isinstance(model, RecurrentModel) else None


def is_ours(model: object) -> bool:
    """Whether a model reads and predicts the music of our vocabulary, whatever its size."""
    if isinstance(model, PianoRollGan):
        return is_roll_config(model.config)
    if isinstance(model, LatentGan):
        return model.config.conditions == WINDOW_CONDITION
    if isinstance(model, VaeModel):
        return is_latent_config(model.config)
    if isinstance(model, MarkovModel):
        return is_markov_config(model.config)
    if isinstance(model, Gate):
        return is_mixed_config(model.config)
    return isinstance(model, (RecurrentModel, TransformerModel)) and is_melody_config(model.config)


def predictor_for(ready: Loaded, task: MelodyTask, request: GenerationRequest) -> Predictor:
    """A model made ready for one request."""
    if isinstance(ready.model, PianoRollGan):
        return RollPredictor(ready.model)
    if isinstance(ready.model, LatentGan):
        vae = _space_of(ready, ready.model)
        script = next_windows_script(ready.model, vae, task, request)
        return LatentPredictor(vae, script, request.temperature, request.top_p)
    if isinstance(ready.model, VaeModel):
        script = latent_script(ready.model, task, request)
        return LatentPredictor(ready.model, script, request.temperature, request.top_p)
    return note_reader(ready)  # it needs no more than the passage


def _space_of(ready: Loaded, gan: LatentGan) -> VaeModel:
    """The VAE in whose space a GAN is.

    Raises:
        CheckpointError: It is not the one that the GAN was trained with.
    """
    part = ready.parts.get("vae")
    if part is None or not isinstance(part.model, VaeModel) or part.model.config.latent != gan.config.latent:
        raise CheckpointError("The model {name} lacks the VAE that it works with. Install both.", name=ready.card.name)
    return part.model


def predictor_between(
    ready: Loaded, task: MelodyTask, request: GenerationRequest, other: Song, other_track: int
) -> Predictor:
    """A model made ready for the phrases on the way from a task's phrase to another; each take is one of them.

    Raises:
        SeedError: The other track has no melody.
        CheckpointError: The model has no latent space.
    """
    if not isinstance(ready.model, VaeModel):
        raise CheckpointError("The model {name} cannot go from one phrase to another.", name=ready.card.name)
    script = interpolation_script(ready.model, task, other, other_track, request.takes)
    return LatentPredictor(ready.model, script, request.temperature, request.top_p)


def reads_notes(ready: Loaded) -> bool:
    """Whether a model tells how likely each note is after all the notes before it."""
    return isinstance(ready.model, RecurrentModel | TransformerModel | MarkovModel | Gate)


def note_reader(ready: Loaded) -> Predictor:
    """A model that reads notes, made ready for one passage."""
    if isinstance(ready.model, TransformerModel):
        return InfillPredictor(TransformerDecoder(ready.laid_out))
    if isinstance(ready.model, MarkovModel):
        return MarkovPredictor(ready.model)
    if isinstance(ready.model, Gate):
        return MixedPredictor(ready.model, NetPredictor(Decoder(ready.parts[NET].laid_out)))
    return NetPredictor(Decoder(ready.laid_out))


def net_of(ready: Loaded) -> nn.Module:
    """A loaded model as what is asked about whole melodies at once, as ``RecurrentModel`` is; for measuring."""
    if isinstance(ready.model, MarkovModel):
        return MarkovReader(ready.model)
    if isinstance(ready.model, Gate):
        return MixedReader(ready.model, ready.parts[NET].model)
    net: nn.Module = ready.model
    return net
