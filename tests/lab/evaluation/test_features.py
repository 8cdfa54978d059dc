"""What is counted in a continuation, by hand."""

from __future__ import annotations

import numpy as np

from excerpt_builders import excerpt_of
from lab.evaluation.features import FEATURES

BY_NAME = {feature.name: feature for feature in FEATURES}
EXCERPT = excerpt_of([(60, 62), (), (64,), (65, 67, 69)])  # after a seed in C that ends on 60, on beat 4 of its bar


def test_each_feature_by_hand() -> None:
    seen = {name: feature.observed(EXCERPT).tolist() for name, feature in BY_NAME.items()}
    assert seen == {
        "pitch class": [0, 2, 4, 5, 7, 9],
        "interval": [12, 14, 14, 13, 14, 14],
        "duration": [12] * 6,
        "onset in bar": [0, 12, 0, 0, 12, 24],
        "inter-onset": [12, 12, 84, 48, 12, 12],
        "notes per bar": [2, 0, 1, 3],
        "pitch range": [9],
    }


def test_an_excerpt_is_described_by_shares_or_a_mean() -> None:
    assert BY_NAME["notes per bar"].described([EXCERPT]).tolist() == [[1.5]]
    shares = BY_NAME["interval"].described([EXCERPT, EXCERPT])
    assert shares.shape == (2, 25)
    assert shares[1, 14] == 4 / 6


def test_all_excerpts_together_count_each_note_once() -> None:
    shares = BY_NAME["pitch class"].shares([EXCERPT, excerpt_of([(60, 60), (), (), ()])])
    assert shares[0] == 3 / 8
    assert shares.sum() == 1


def test_silence_has_no_features_but_empty_bars() -> None:
    silence = excerpt_of([(), (), (), ()])
    assert [np.all(feature.described([silence]) == 0) for feature in FEATURES] == [True] * len(FEATURES)
    assert BY_NAME["notes per bar"].shares([silence])[0] == 1
