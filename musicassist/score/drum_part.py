"""What shows that a part is for drums, besides its name and channel 10: a message that makes it one, or its notes.

Sources: GM 1 (percussion key map, channel 10), GM 2 (bank 120), Yamaha XG (banks 126 and 127, part mode), Roland GS
(use for rhythm part).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

GM2, GS, XG = "gm2", "gs", "xg"
_KICKS, _SNARES = (35, 36), (37, 38, 39, 40)
_METAL = (42, 44, 46, 49, 51, 52, 53, 54, 55, 56, 57, 59, 69, 70, 82)  # hats, cymbals, tambourine, cowbell, shakers
_LOWEST, _HIGHEST = 27, 87  # of the kits of GM 2, GS and XG
_FEWEST_NOTES = 8  # LIMIT: fewer tell nothing
# Chosen on 9,415 pitched tracks of the training side, none of which passes (of their transpositions into a bass's
# range, 1 in 2,600 does), and on the drum tracks of openttd-openmsx, of which 4 in 10 pass: a kit that plays otherwise
# is known by its channel, bank or name.
_KIT_SHARE, _METAL_SHARE, _SKIN_SHARE, _TRITONE_SHARE = 0.8, 0.2, 0.04, 0.08


def bank_says_drums(msb: int, standard: str = "") -> bool | None:
    """Whether a bank select (controller 0) chooses a drum kit, True, or a pitched sound also on channel 10, False.

    Under GS the banks of XG are the pitched sounds of older instruments. None: it says nothing of drums.

    Args:
        msb: The bank.
        standard: What the song sets the synth to, as ``standard_set`` has it.
    """
    if msb == 120 or (msb in (126, 127) and standard != GS):
        return True
    return False if standard == XG or (standard == GM2 and msb == 121) else None


def standard_set(data: bytes) -> str | None:
    """GM2, GS or XG, if a system exclusive message sets a synth to it."""
    if len(data) >= 10 and data[1] == 0x41 and data[3:9] == b"\x42\x12\x40\x00\x7f\x00":
        return GS
    if len(data) >= 9 and data[1] == 0x43 and data[3:8] == b"\x4c\x00\x00\x7e\x00":
        return XG
    return GM2 if len(data) >= 6 and data[1] == 0x7E and data[3:5] == b"\x09\x03" else None


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
