"""Steps of a scale: octaves are seven of them, and a way there and back ends where it began."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from builders import phrase
from musicassist.score.scale_steps import limit_scale_steps, scale_steps
from musicassist.score.theory import Key, parse_key


@given(st.integers(0, 11), st.sampled_from(["major", "minor"]), st.integers(20, 100), st.integers(-7, 7))
def test_a_note_comes_back_and_seven_steps_are_an_octave(tonic: int, scale: str, pitch: int, n: int) -> None:
    key = Key(tonic, scale)
    home = np.array([p for p in range(pitch, pitch + 12) if p % 12 in key.pitch_classes])
    assert np.array_equal(scale_steps(scale_steps(home, n, key), -n, key), home)
    if scale == "major":
        assert np.array_equal(scale_steps(home, 7, key), home + 12)


def test_a_raised_note_keeps_its_distance_and_the_range_is_kept() -> None:
    key = parse_key("C:major")
    assert scale_steps(np.array([61]), 1, key).tolist() == [63]
    assert scale_steps(np.array([61]), 1, key, keeps_alteration=False).tolist() == [62]
    assert limit_scale_steps(phrase(120, 125), 4, key) == 1
    assert limit_scale_steps(phrase(0, 2), -3, key) == 0
