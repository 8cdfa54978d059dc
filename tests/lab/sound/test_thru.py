"""A foreign keyboard through the engine."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lab.sound.thru import measure_thru

pytestmark = [pytest.mark.jack, pytest.mark.slow, pytest.mark.usefixtures("jack_server")]

BUSY_SECONDS = 0.1  # LIMIT: how exact it is, `musicassist bench sound` measures on a quiet machine


def test_a_foreign_keyboard_sounds_at_once(tmp_path: Path) -> None:
    delays = measure_thru(4.0, tmp_path / "thru.wav")
    assert np.median(delays) < BUSY_SECONDS
