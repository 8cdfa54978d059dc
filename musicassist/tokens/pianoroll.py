"""Melodies as rolls: a line of slots, in each of which a row starts, is held, or nothing sounds.

A beat has six slots, at its sixteenths and at its triplets (steps 0, 3, 4, 6, 8 and 9 of 12), so both are kept as they
are; what starts elsewhere counts in the nearest slot. Rows are semitones from an octave below a reference tonic on.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from musicassist.tokens.vocabulary import STEPS_PER_BEAT
from musicassist.tokens.windows import WINDOW_STEPS

BEAT_SLOT_STEPS = (0, 3, 4, 6, 8, 9)
BEAT_SLOTS = len(BEAT_SLOT_STEPS)
SLOTS = WINDOW_STEPS // STEPS_PER_BEAT * BEAT_SLOTS
ROWS = 37  # LIMIT: three octaves, one below the reference tonic and two above
LOWEST_ROW = -12  # semitones from the reference tonic
HELD, SILENT = ROWS, ROWS + 1  # the symbols behind the rows
SYMBOLS = ROWS + 2

Ints = NDArray[np.int64]
Symbols = NDArray[np.uint8]

# (SLOTS + 1,), the step of each slot, and of the end
SLOT_STEPS: Ints = np.array(
    [beat * STEPS_PER_BEAT + step for beat in range(SLOTS // BEAT_SLOTS) for step in BEAT_SLOT_STEPS] + [WINDOW_STEPS]
)
# (WINDOW_STEPS + 1,), the slot nearest to each step; of two the earlier
SLOT_OF_STEP: Ints = np.abs(np.arange(WINDOW_STEPS + 1)[:, None] - SLOT_STEPS).argmin(1)


def row_in_reach(row: Ints) -> Ints:
    """Rows as they are where the roll has them, else moved into it by octaves."""
    return np.asarray(np.clip(row, row % 12, (row - ROWS) % 12 + ROWS - 12))


def symbols_of(window: Ints, place: Ints, row: Ints, length: Ints, windows: int) -> Symbols:
    """The rolls, (windows, SLOTS), of notes; of two in one slot the later stays, as after a grace note.

    Args:
        window: (n,), which roll each note belongs to, rising.
        place: (n,), steps from the window's start, below ``WINDOW_STEPS``.
        row: (n,), 0..ROWS-1.
        length: (n,), steps.
        windows: How many rolls.
    """
    onset_slot = np.minimum(SLOT_OF_STEP[place], SLOTS - 1)
    end_slot = SLOT_OF_STEP[np.minimum(place + length, WINDOW_STEPS)]
    note = np.full((windows, SLOTS), -1, dtype=np.int64)
    note[window, onset_slot] = np.arange(len(place))
    newest = np.maximum.accumulate(note, axis=1)
    starts = note >= 0
    sounds = (newest >= 0) & (np.arange(SLOTS) < np.append(end_slot, 0)[newest])
    symbols = np.where(sounds, HELD, SILENT)
    symbols[starts] = row[note[starts]]
    return symbols.astype(np.uint8)


def notes_of(symbols: Symbols) -> tuple[Ints, Ints, Ints, Ints]:
    """The notes of rolls (N, SLOTS) as columns: roll, place, row and length; what is held after nothing is silent."""
    window, slot = np.nonzero(symbols < ROWS)
    ends = np.where(symbols == HELD, SLOTS, np.arange(SLOTS))
    ends = np.concatenate([ends, np.full((len(symbols), 1), SLOTS)], 1)
    first_end = np.minimum.accumulate(ends[:, ::-1], axis=1)[:, ::-1]
    end_slot = first_end[window, slot + 1]
    return window, SLOT_STEPS[slot], symbols[window, slot].astype(np.int64), SLOT_STEPS[end_slot] - SLOT_STEPS[slot]
