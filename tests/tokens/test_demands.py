"""Pitches beside another."""

from __future__ import annotations

import numpy as np
import pytest

from musicassist.tokens.demands import beside


@pytest.mark.parametrize(
    ("pitch", "allowed", "expected"),
    [
        (60, range(55, 66), [58, 59, 61, 62]),
        (60, (55, 57, 60, 64, 67), [57]),  # five tones have no steps
        (60, (56, 60, 64), [56, 64]),
        (60, (60,), []),
        (127, range(128), [125, 126]),
    ],
)
def test_a_step_away_is_beside_and_else_the_nearest(pitch: int, allowed: tuple[int, ...], expected: list[int]) -> None:
    assert np.flatnonzero(beside(pitch, np.isin(np.arange(128), list(allowed)))).tolist() == expected
