"""Weights as files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from musicassist.errors import CheckpointError
from musicassist.models.weights import Weights, open_weights

ARRAYS = {"matrix": np.eye(3, 2, dtype=np.float16), "counts": np.arange(4)}


@pytest.fixture
def weights() -> Weights:
    return Weights(ARRAYS, ARRAYS.__getitem__)


def test_a_file_says_which_file_did_not_fit(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    save_file({"x": np.array([1.0, np.inf], dtype=np.float16)}, path)
    with pytest.raises(CheckpointError, match="not finite"), open_weights(path) as weights:
        weights.floats("x", 2)
    with pytest.raises(CheckpointError, match="does not fit"), open_weights(path) as weights:
        weights.floats("x", 3)
    path.write_bytes(b"no such file")
    with pytest.raises(CheckpointError, match="damaged"), open_weights(path):
        pass
