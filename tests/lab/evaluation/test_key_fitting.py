"""Weights of the key finder from labelled pieces."""

from __future__ import annotations

import numpy as np

from builders import phrase
from lab.evaluation.key_fitting import fitted
from lab.evaluation.labelled_keys import LabelledKey
from melodies import A_MINOR_TUNE, C_TUNE
from musicassist.score.theory import Key


def test_fitting_learns_to_tell_the_keys_of_its_pieces() -> None:
    rows = [
        LabelledKey("a", "train", 4, Key((tonic + up) % 12, scale), True, (phrase(*(p + up for p in pitches)),))
        for pitches, tonic, scale in ((C_TUNE, 0, "major"), (A_MINOR_TUNE, 9, "minor"))
        for up in range(12)
    ]
    weights, modes = fitted(rows, 1)
    assert weights.shape == (2, 5, 12)
    assert float(modes[0]) == 0
    assert np.isfinite(weights.numpy()).all()
    assert weights[0, 0, 4] > weights[0, 0, 3]  # major has its own third
    assert weights[1, 0, 3] > weights[1, 0, 4]
