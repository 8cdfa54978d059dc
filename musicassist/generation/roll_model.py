"""The classic GAN of melodies: rolls and conditions of the vocabulary, made by a net that knows only numbers."""

from __future__ import annotations

from musicassist.models.piano_roll_gan import PianoRollGanConfig
from musicassist.tokens.pianoroll import BEAT_SLOTS, ROWS, SLOTS
from musicassist.tokens.vocabulary import METERS, MODES, STYLES


def roll_config(
    *, noise: int = 64, embedding: int = 16, slot_width: int = 64, beat_width: int = 128, whole: int = 384
) -> PianoRollGanConfig:
    """A GAN of two bars of melody."""
    return PianoRollGanConfig(
        slots=SLOTS,
        beat_slots=BEAT_SLOTS,
        rows=ROWS,
        octave=12,
        conditions=(len(METERS), len(MODES), len(STYLES)),
        noise=noise,
        embedding=embedding,
        slot_width=slot_width,
        beat_width=beat_width,
        whole=whole,
    )


def is_roll_config(config: PianoRollGanConfig) -> bool:
    """Whether a net reads and makes what :func:`roll_config` does, whatever its size."""
    ours = roll_config()
    names = ("slots", "beat_slots", "rows", "octave", "conditions")
    return all(getattr(config, name) == getattr(ours, name) for name in names)
