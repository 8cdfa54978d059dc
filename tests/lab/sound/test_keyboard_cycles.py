"""Keyboards come and go."""

from __future__ import annotations

import numpy as np
import pytest

from lab.sound.keyboard_cycles import cycle_keyboards

pytestmark = [pytest.mark.jack, pytest.mark.slow, pytest.mark.usefixtures("jack_server")]


def test_keyboards_come_and_go_without_a_trace() -> None:
    report = cycle_keyboards(10)  # five of them behind the warm-up: what one leaves behind shows
    assert (report.crashes, report.ghosts, report.silent) == (0, 0, 0)
    assert report.grown_descriptors <= 0
    assert np.median(report.shown_seconds) < 2.0
