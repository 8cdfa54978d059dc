"""All families of models. A new one is a package of its own and one line here."""

from __future__ import annotations

from musicassist.composing.family import Families
from musicassist.families.gan.family import ROLL_GAN
from musicassist.families.hybrid.family import GATE
from musicassist.families.latent.family import LATENT_GAN, VAE
from musicassist.families.markov.family import MARKOV
from musicassist.families.recurrent.family import RECURRENT
from musicassist.families.transformer.family import TRANSFORMER

FAMILIES = Families(
    [
        RECURRENT,
        TRANSFORMER,
        MARKOV,
        GATE,
        VAE,
        LATENT_GAN,
        ROLL_GAN,
    ]
)
