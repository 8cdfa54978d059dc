"""What followed the longest earlier passage that is equal to the present one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]


def followers(steps: Places) -> tuple[Places, Places]:
    """For each step where its like stood, if the music goes on as after the longest earlier match.

    Args:
        steps: (T,) a number for each step; equal numbers are equal music.

    Returns:
        (T,) the place that followed the longest match of the steps before this one, of equally long ones the latest;
        (T,) how many steps match. Both are 0 where nothing does.
    """
    place, length = np.zeros(len(steps), dtype=np.int64), np.zeros(len(steps), dtype=np.int64)
    runs = np.zeros(len(steps) + 1, dtype=np.int64)  # how long the steps up to each place match those up to now
    for now in range(len(steps) - 1):
        runs[1 : now + 1] = np.where(steps[:now] == steps[now], runs[:now] + 1, 0)
        best = now - int(np.argmax(runs[now::-1]))
        place[now + 1], length[now + 1] = (best, runs[best]) if runs[best] else (0, 0)
    return place, length


def numbered(rows: NDArray) -> Places:
    """(T,) a number for each row of (T, ...), equal for equal rows."""
    return np.unique(rows.reshape(len(rows), -1), axis=0, return_inverse=True)[1].reshape(-1)
