"""All families of models. A new one is a package of its own and one line here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from musicassist.composing.family import Families
from musicassist.families.ensemble.family import ENSEMBLE
from musicassist.families.gan.family import ROLL_GAN
from musicassist.families.hybrid.family import GATE
from musicassist.families.latent.family import LATENT_GAN, VAE
from musicassist.families.markov.family import MARKOV
from musicassist.families.recurrent.family import FORM, RECURRENT
from musicassist.families.transformer.family import TRANSFORMER
from musicassist.resources import checkpoints_folder

if TYPE_CHECKING:
    from musicassist.composing.engine import Engine

FAMILIES = Families(
    [
        FORM,
        RECURRENT,
        TRANSFORMER,
        MARKOV,
        GATE,
        VAE,
        LATENT_GAN,
        ROLL_GAN,
        ENSEMBLE,
    ]
)


def make_engine(folder: Path | None = None) -> Engine:
    """The composing engine of the models in a folder, by default those that are installed."""
    from musicassist.composing.engine import Engine  # a list of models costs less without it

    return Engine(folder or checkpoints_folder(), FAMILIES)
