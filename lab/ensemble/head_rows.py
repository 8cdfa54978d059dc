"""What the heads read for one note that is being written; see ``columns.Rows`` for the numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class GapRow:
    """What the net and its first head read: state, its numbers, the gap's columns and numbers, and the tonic."""

    state: list[int]
    state_numbers: Floats
    columns: list[int]
    numbers: Floats
    tonic: int


@dataclass(frozen=True)
class RoleRow:
    """What the role's head reads where the gap is chosen, and the least role that can be."""

    columns: list[int]
    numbers: Floats
    least_role: int


@dataclass(frozen=True)
class PitchRow:
    """What the pitch's head reads where the role is chosen, and the least pitch that can be."""

    columns: list[int]
    anchors: list[int]
    candidates: list[int]
    classes: Floats
    least_pitch: int
