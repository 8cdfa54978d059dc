"""Models of a latent space as families: the VAE, which moves between phrases, and the GAN that samples its points."""

from __future__ import annotations

from typing import TYPE_CHECKING

from musicassist.composing.family import Decoding, Family, Variant
from musicassist.errors import QT_TRANSLATE_NOOP

if TYPE_CHECKING:
    from musicassist.learning.recipe import Learning


def _vae_decoding() -> Decoding:
    from musicassist.families.latent.scripts import VAE_DECODING

    return VAE_DECODING


def _vae_learning() -> Learning:
    from musicassist.families.latent.vae_learning import LEARNING

    return LEARNING


def _gan_decoding() -> Decoding:
    from musicassist.families.latent.scripts import GAN_DECODING

    return GAN_DECODING


def _gan_learning() -> Learning:
    from musicassist.families.latent.gan_learning import LEARNING

    return LEARNING


VAE = Family(
    (
        Variant(
            "vae",
            "vae",
            QT_TRANSLATE_NOOP("Models", "moves between phrases"),
            {"vary": 10, "interpolate": 10, "generate": 80},
            title=QT_TRANSLATE_NOOP("Models", "Between phrases"),
        ),
    ),
    _vae_decoding,
    _vae_learning,
)


LATENT_GAN = Family(
    (
        Variant(
            "gan-latent",
            "hybrid+vae",
            QT_TRANSLATE_NOOP("Models", "makes bars from noise, in the space of the VAE"),
            {"continue": 90, "generate": 88},
            title=QT_TRANSLATE_NOOP("Models", "Bars from noise, smooth"),
        ),
    ),
    _gan_decoding,
    _gan_learning,
)
