"""Pitches some steps of a scale away: what edits, answers and lessons mean by "a step higher"."""

from __future__ import annotations

import numpy as np

from musicassist.score.song import Column, Notes
from musicassist.score.theory import SCALES, Key

MAX_PITCH = 127


def limit_scale_steps(notes: Notes, steps: int, key: Key) -> int:
    """How many steps of the scale these notes (at least one) can really move together."""
    while steps:
        moved = scale_steps(notes.pitch, steps, key)
        if moved.min() >= 0 and moved.max() <= MAX_PITCH:
            break
        steps -= int(np.sign(steps))
    return steps


def scale_steps(pitch: Column, steps: int, key: Key, *, keeps_alteration: bool = True) -> Column:
    """Pitches some steps of the scale away, also outside 0..127; one beside it stays so, or counts as the one below."""
    if steps == 0 and keeps_alteration:
        return pitch
    scale = np.array(SCALES[key.scale], dtype=np.int64)
    octave, above_tonic = np.divmod(pitch - key.tonic, 12)
    degree = np.searchsorted(scale, above_tonic, side="right") - 1
    alteration = above_tonic - scale[degree] if keeps_alteration else 0
    octaves, new_degree = np.divmod(degree + steps, len(scale))
    gap = np.append(scale[1:], 12)[new_degree] - scale[new_degree]
    new_octave = octave + octaves
    return np.asarray(key.tonic + 12 * new_octave + scale[new_degree] + np.minimum(alteration, gap - 1), dtype=np.int64)
