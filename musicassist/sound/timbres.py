"""The voices of the built-in synth: one cycle of a wave and an envelope for each family of General MIDI, and drums."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
CYCLE_FRAMES = 1024
_TOP_HERTZ = 12_000.0  # harmonics above it are left out, so that high notes do not fold back
_DRUM_SEED = 3


@dataclass(frozen=True)
class Timbre:
    """How an instrument sounds.

    Attributes:
        harmonics: Strength of each harmonic, the first is the pitch itself.
        attack_seconds: Until it is at its loudest.
        decay_seconds: In which it falls to a third of what lies above ``sustain``.
        sustain: The level, 0..1, at which a held note stays.
        release_seconds: In which it falls to a third after its end.
    """

    harmonics: tuple[float, ...]
    attack_seconds: float
    decay_seconds: float
    sustain: float
    release_seconds: float


_STRING = tuple(1 / n for n in range(1, 13))
_HOLLOW = (1.0, 0.02, 0.5, 0.02, 0.28, 0.02, 0.15, 0.0, 0.08)
# By program // 8: piano, bells, organ, guitar, bass, strings, ensemble, brass, reed, pipe, lead, pad, effects, ethnic,
# percussive, noises.
FAMILIES = (
    Timbre((1.0, 0.5, 0.25, 0.18, 0.1, 0.06, 0.04), 0.003, 0.9, 0.0, 0.09),
    Timbre((1.0, 0.0, 0.0, 0.35, 0.0, 0.0, 0.12), 0.001, 0.6, 0.0, 0.25),
    Timbre((1.0, 0.7, 0.5, 0.4, 0.0, 0.2, 0.0, 0.2), 0.01, 1.0, 1.0, 0.03),
    Timbre((1.0, 0.6, 0.4, 0.15, 0.2, 0.1, 0.05), 0.002, 0.5, 0.0, 0.07),
    Timbre((1.0, 0.55, 0.2, 0.08), 0.004, 0.7, 0.15, 0.06),
    Timbre(_STRING, 0.09, 0.5, 0.85, 0.12),
    Timbre(_STRING[:9], 0.14, 0.5, 0.85, 0.2),
    Timbre((1.0, 0.9, 0.8, 0.6, 0.45, 0.3, 0.2, 0.1), 0.035, 0.2, 0.75, 0.06),
    Timbre(_HOLLOW, 0.03, 0.2, 0.85, 0.05),
    Timbre((1.0, 0.18, 0.06, 0.02), 0.05, 0.2, 0.9, 0.06),
    Timbre(_HOLLOW[:5], 0.006, 0.3, 0.7, 0.06),
    Timbre(_STRING[:6], 0.3, 0.8, 0.8, 0.4),
    Timbre((1.0, 0.3, 0.0, 0.3, 0.0, 0.2), 0.1, 0.8, 0.5, 0.4),
    Timbre((1.0, 0.7, 0.5, 0.4, 0.3, 0.2), 0.002, 0.35, 0.0, 0.08),
    Timbre((1.0, 0.0, 0.4, 0.0, 0.3), 0.001, 0.15, 0.0, 0.1),
    Timbre((1.0, 0.9, 0.8, 0.9, 0.7), 0.02, 0.3, 0.3, 0.1),
)


@lru_cache(maxsize=2048)
def cycle(family: int, hertz_step: int) -> Samples:
    """One cycle of a family's wave, (CYCLE_FRAMES + 1,), for pitches up to ``200 * 2 ** (hertz_step / 2)`` hertz."""
    top_hertz = 200.0 * 2 ** (hertz_step / 2)
    phase = np.arange(CYCLE_FRAMES + 1) * (2 * np.pi / CYCLE_FRAMES)
    wave = np.zeros(CYCLE_FRAMES + 1)
    for number, strength in enumerate(FAMILIES[family].harmonics, start=1):
        if number == 1 or number * top_hertz < _TOP_HERTZ:
            wave += strength * np.sin(number * phase)
    return np.asarray(wave / np.abs(wave).max(), dtype=np.float32)


def hertz_step(hertz: float) -> int:
    """Which of the cycles of a family is for a pitch."""
    return max(0, int(np.ceil(2 * np.log2(max(hertz, 1.0) / 200.0))))


@lru_cache(maxsize=256)
def drum(pitch: int, sample_rate: int) -> Samples:
    """The whole stroke of a General MIDI drum, shape (n,): noise, and a falling tone for the skins."""
    noise_share, tone_hertz, fall_seconds, brightness = _drum_of(pitch)
    frames = int(sample_rate * fall_seconds * 6)
    seconds = np.arange(frames) / sample_rate
    noise = np.random.default_rng(_DRUM_SEED + pitch).uniform(-1, 1, frames)
    bright = np.diff(noise, prepend=0.0) if brightness > 0.5 else noise
    tone = np.sin(2 * np.pi * tone_hertz * (seconds + 0.02 * (1 - np.exp(-seconds / 0.02))))
    stroke = (noise_share * bright + (1 - noise_share) * tone) * np.exp(-seconds / fall_seconds)
    return np.asarray(stroke, dtype=np.float32)


def _drum_of(pitch: int) -> tuple[float, float, float, float]:
    """Share of noise, hertz of the skin, seconds of the fall, and brightness of a drum."""
    if pitch in (35, 36):
        return 0.08, 52.0, 0.09, 0.0
    if pitch in (37, 39, 75, 76, 77):
        return 0.5, 900.0 if pitch == 76 else 700.0, 0.018, 0.0
    if pitch in (38, 40):
        return 0.7, 185.0, 0.06, 0.3
    if pitch in (41, 43, 45, 47, 48, 50):
        return 0.15, 70.0 + 9.0 * (pitch - 41), 0.12, 0.0
    if pitch in (42, 44, 54, 69, 70):
        return 1.0, 0.0, 0.022, 1.0
    if pitch in (46, 51, 53, 59):
        return 1.0, 0.0, 0.12, 1.0
    if pitch in (49, 52, 55, 57):
        return 1.0, 0.0, 0.35, 1.0
    return 0.5, 20.0 * pitch**0.75, 0.05, 0.3
