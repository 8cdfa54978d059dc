"""Programs that we did not write play to the engine and listen to it, on JACK's dummy server."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lab.sound.hits import LATE_SECONDS, against_neighbours, drum_phrase, exported_onsets, recorded_onsets, timing_of
from lab.sound.loads import freezing_window

pytestmark = [pytest.mark.jack, pytest.mark.slow, pytest.mark.usefixtures("jack_server")]


def test_what_is_exported_sounds_as_what_was_played_although_the_window_was_frozen(tmp_path: Path) -> None:
    song = drum_phrase(20)
    with freezing_window():
        heard = recorded_onsets(song, tmp_path / "heard.wav")
    timing = timing_of(heard, exported_onsets(song, tmp_path / "exported.wav"))
    assert np.abs(against_neighbours(timing.errors)).max() <= LATE_SECONDS  # a busy JACK loses whole periods
