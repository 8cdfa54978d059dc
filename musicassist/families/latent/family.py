"""Models of a latent space as families: the VAE, which moves between phrases, and the GAN that samples its points."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from musicassist.composing.family import Decoding, Family, Loaded, Variant
from musicassist.errors import QT_TRANSLATE_NOOP, CheckpointError

if TYPE_CHECKING:
    from musicassist.composing.melody_task import MelodyTask
    from musicassist.composing.request import GenerationRequest
    from musicassist.families.latent.decoding import LatentGanConfig, VaeConfig
    from musicassist.families.latent.net import LatentGan, VaeModel
    from musicassist.families.latent.predictor import LatentPredictor
    from musicassist.learning.recipe import Learning


def _vae_config(page: Mapping[str, object]) -> VaeConfig:
    from musicassist.families.latent.decoding import VaeConfig
    from musicassist.families.latent.scripts import is_latent_config

    config = VaeConfig.from_json(page)
    if not is_latent_config(config):
        raise ValueError("it reads something else than windows of melodies")
    return config


def _vae_net(page: Mapping[str, object]) -> VaeModel:
    from musicassist.families.latent.net import VaeModel

    return VaeModel(_vae_config(page))


def _vae_decoding() -> Decoding:
    from musicassist.families.latent.decoding import VaeStep
    from musicassist.families.latent.predictor import LatentPredictor
    from musicassist.families.latent.scripts import vae_script

    def writer(loaded: Loaded, task: MelodyTask, request: GenerationRequest) -> LatentPredictor:
        script = vae_script(loaded.model, task, request)
        return LatentPredictor(loaded.model, loaded.memory.contexts, script, request.temperature, request.top_p)

    return Decoding(model=lambda page, weights: VaeStep(_vae_config(page), weights), writer=writer)


def _vae_learning() -> Learning:
    from musicassist.families.latent.vae_learning import LEARNING

    return LEARNING


VAE = Family(
    (
        Variant(
            "vae",
            "vae",
            QT_TRANSLATE_NOOP("Models", "moves between phrases"),
            {"vary": 10, "interpolate": 10, "generate": 80},
        ),
    ),
    _vae_net,
    _vae_decoding,
    _vae_learning,
)


def _gan_config(page: Mapping[str, object]) -> LatentGanConfig:
    from musicassist.families.latent.decoding import LatentGanConfig
    from musicassist.families.latent.scripts import WINDOW_CONDITION

    config = LatentGanConfig.from_json(page)
    if config.conditions != WINDOW_CONDITION:
        raise ValueError("it knows other conditions than those of windows")
    return config


def _gan_net(page: Mapping[str, object]) -> LatentGan:
    from musicassist.families.latent.net import LatentGan

    return LatentGan(_gan_config(page))


def _gan_decoding() -> Decoding:
    from musicassist.families.latent.decoding import LatentGeneratorStep, VaeStep
    from musicassist.families.latent.predictor import LatentPredictor
    from musicassist.families.latent.scripts import next_windows_script

    def writer(loaded: Loaded, task: MelodyTask, request: GenerationRequest) -> LatentPredictor:
        part, gan = loaded.parts.get("vae"), loaded.model
        if part is None or not isinstance(part.model, VaeStep) or part.model.config.latent != gan.config.latent:
            raise CheckpointError(
                "The model {name} lacks the VAE that it works with. Install both.", name=loaded.card.name
            )
        script = next_windows_script(gan, part.model, task, request)
        return LatentPredictor(part.model, loaded.memory.contexts, script, request.temperature, request.top_p)

    return Decoding(model=lambda page, weights: LatentGeneratorStep(_gan_config(page), weights), writer=writer)


def _gan_learning() -> Learning:
    from musicassist.families.latent.gan_learning import LEARNING

    return LEARNING


LATENT_GAN = Family(
    (
        Variant(
            "gan-latent",
            "hybrid+vae",
            QT_TRANSLATE_NOOP("Models", "makes bars from noise, in the space of the VAE"),
            {"continue": 90, "generate": 20},
        ),
    ),
    _gan_net,
    _gan_decoding,
    _gan_learning,
)
