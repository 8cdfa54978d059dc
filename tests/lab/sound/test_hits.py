"""When hits are heard, and how far that is from the score."""

from __future__ import annotations

import numpy as np
import pytest

from lab.sound.hits import against_neighbours, onset_errors_seconds, onsets_seconds


def test_a_hit_begins_where_silence_ends() -> None:
    samples = np.zeros((3000, 2), dtype=np.int16)
    samples[100:150, 0] = 9000
    samples[1500:1520, 1] = -9000
    assert onsets_seconds(samples, 1000).tolist() == [0.1, 1.5]


def test_a_delay_of_all_hits_is_no_error_and_a_missing_hit_is_told() -> None:
    wanted = np.array([1.0, 2.0, 3.0])
    assert np.abs(onset_errors_seconds(wanted + 0.3, wanted)).max() < 1e-12
    with pytest.raises(ValueError, match="2 hits were heard, 3 were wanted"):
        onset_errors_seconds(wanted[:2], wanted)


def test_a_slip_of_the_receivers_clock_is_no_error_and_a_late_note_is_one() -> None:
    delays = np.where(np.arange(40) < 15, 0.002, -0.023)
    delays[[5, 30]] += 0.006
    assert np.flatnonzero(against_neighbours(delays)).tolist() == [5, 30]
    assert against_neighbours(delays)[[5, 30]] == pytest.approx([0.006, 0.006])
