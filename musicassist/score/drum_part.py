"""What shows that a part is for drums, besides its name and channel 10: a message that makes it one, or its notes.

Sources: GM 1 (percussion key map, channel 10), GM 2 (bank 120), Yamaha XG (banks 126 and 127, part mode), Roland GS
(use for rhythm part).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

_KICKS, _SNARES = (35, 36), (37, 38, 39, 40)
_METAL = (42, 44, 46, 49, 51, 52, 53, 54, 55, 56, 57, 59, 69, 70, 82)  # hats, cymbals, tambourine, cowbell, shakers
_LOWEST, _HIGHEST = 27, 87  # of the kits of GM 2, GS and XG
_FEWEST_NOTES = 8  # LIMIT: fewer tell nothing
# Chosen on 9,415 pitched tracks of the training side, none of which passes (of their transpositions into a bass's
# range, 1 in 2,600 does), and on the drum tracks of openttd-openmsx, of which 4 in 10 pass: a kit that plays otherwise
# is known by its channel, bank or name.
_KIT_SHARE, _METAL_SHARE, _SKIN_SHARE, _TRITONE_SHARE = 0.8, 0.2, 0.04, 0.08


def is_drum_bank(msb: int, *, is_gs: bool = False) -> bool:
    """Whether a bank select (controller 0) chooses a drum kit: GM 2's, or XG's drums and effects.

    Under GS the banks of XG are the pitched sounds of older instruments.
    """
    return msb == 120 or (msb in (126, 127) and not is_gs)


def is_gs_reset(data: bytes) -> bool:
    """Whether a system exclusive message sets a synth to Roland's GS."""
    return len(data) >= 10 and data[1] == 0x41 and data[3:9] == b"\x42\x12\x40\x00\x7f\x00"


def rhythm_setting(data: bytes) -> tuple[int, bool] | None:
    """The channel, 0..15, that a system exclusive message makes a drum part or a pitched one; None for any other."""
    if len(data) >= 10 and data[1] == 0x41 and data[3:6] == b"\x42\x12\x40" and data[6] >> 4 == 1 and data[7] == 0x15:
        block = data[6] & 0x0F  # blocks count channel 10 first, then 1 to 9, then 11 to 16
        return (9 if block == 0 else block - 1 if block <= 9 else block), data[8] != 0
    if len(data) >= 9 and data[1] == 0x43 and data[3:5] == b"\x4c\x08" and data[6] == 0x07:
        return data[5] & 0x0F, data[7] != 0
    return None


def plays_like_drums(pitch: Ints) -> bool:
    """Whether notes are the strokes of a kit rather than a line: hats and cymbals over bass drum and snare.

    A bass in the same range moves by steps and fifths; a kit leaps by tritones, as between bass drum and hi-hat, or
    strikes both at once, and seldom leaves its few keys.

    Args:
        pitch: Of the notes in order of their starts, then pitches; shape (n,).
    """
    if len(pitch) < _FEWEST_NOTES or pitch.min() < _LOWEST or pitch.max() > _HIGHEST:
        return False
    kick, snare, metal = (np.isin(pitch, keys) for keys in (_KICKS, _SNARES, _METAL))
    if (kick | snare | metal).mean() < _KIT_SHARE or metal.mean() < _METAL_SHARE:
        return False
    if kick.mean() < _SKIN_SHARE and snare.mean() < _SKIN_SHARE:
        return False
    return bool((np.abs(np.diff(pitch)) % 12 == 6).mean() >= _TRITONE_SHARE)
