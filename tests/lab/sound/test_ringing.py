"""Voices after a stop."""

from __future__ import annotations

import pytest

from lab.sound.ringing import listen_to_stops
from musicassist.sound.fluid_library import is_fluidsynth_here


@pytest.mark.slow
@pytest.mark.skipif(not is_fluidsynth_here(), reason="libfluidsynth is missing")
def test_real_voices_die_away_after_each_stop() -> None:
    report = listen_to_stops(minutes=0.5)
    assert report.stops > 3
    assert report.voices_left == 0
