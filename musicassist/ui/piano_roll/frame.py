"""The part of the music that one picture shows, in that picture's own pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musicassist.score.song import Notes
from musicassist.ui.piano_roll.geometry import HIGHEST_PITCH, PitchTransform, TickTransform

ALL_PITCHES = np.arange(HIGHEST_PITCH + 1, dtype=np.int64)
Rectangles = NDArray[np.int32]  # shape (n, 4): left, top, right, bottom, all inside the rectangle, as QRect keeps them


@dataclass(frozen=True, slots=True)
class Frame:
    """Where things stand in a picture.

    Attributes:
        ticks, pitches: The view, in the picture's pixels.
        width_px, height_px: Size of the picture.
        scale: Pixels of the picture to the logical one.
    """

    ticks: TickTransform
    pitches: PitchTransform
    width_px: int
    height_px: int
    scale: float = 1.0

    @property
    def span(self) -> tuple[float, float]:
        """First and last tick in the picture."""
        return self.ticks.to_tick(0), self.ticks.to_tick(self.width_px)

    @property
    def line_px(self) -> int:
        """A thin line."""
        return max(1, int(self.scale))

    @property
    def note_px(self) -> int:
        """Height of a note: a row but for a line of free ground."""
        return max(1, round(self.pitches.row_px) - self.line_px)

    def boxes(self, notes: Notes, rows: NDArray[np.int64] | slice) -> Rectangles:
        """The rectangle of each of these rows, at least one pixel wide; a line of ground stays free after it."""
        edge_px = round(16 * self.scale)  # the ends of longer notes lie out of sight
        left = np.rint(self.ticks.to_x(notes.start_tick[rows]))
        right = np.rint(self.ticks.to_x(notes.end_tick[rows]))
        right -= (right - left > 4 * self.line_px) * self.line_px
        table = np.empty((len(left), 4), dtype=np.int32)
        table[:, 0] = np.clip(left, -edge_px, self.width_px + edge_px)
        table[:, 2] = np.clip(right, -edge_px, self.width_px + edge_px)
        np.maximum(table[:, 2] - 1, table[:, 0], out=table[:, 2])
        table[:, 1] = np.rint(self.pitches.to_y(ALL_PITCHES)).astype(np.int32)[notes.pitch[rows]]
        table[:, 3] = table[:, 1] + self.note_px - 1
        return table
