"""The cardinality score, computed by hand."""

from __future__ import annotations

import pytest

from lab.evaluation.cardinality import cardinality_f1, mean_over_cutoffs, pitch_overlap


def test_the_same_music_moved_elsewhere_scores_one() -> None:
    truth = [(0.0, 60), (1.0, 62), (2.0, 64)]
    assert cardinality_f1(truth, [(onset + 3, pitch + 5) for onset, pitch in truth]) == 1.0


def test_two_of_three_points_against_two_made_ones() -> None:
    # one shift brings 2 points together: recall (2 - 1) / (3 - 1), precision (2 - 1) / (2 - 1)
    assert cardinality_f1([(0.0, 60), (1.0, 62), (2.0, 64)], [(0.0, 60), (1.0, 62)]) == pytest.approx(2 * 0.5 / 1.5)


def test_silence_counts_nothing_when_strict_and_is_skipped_otherwise() -> None:
    truth = [(0.0, 60), (1.0, 62)]
    assert cardinality_f1(truth, []) == 0.0
    assert cardinality_f1(truth, [], is_strict=False) is None
    assert cardinality_f1(truth[:1], truth) is None


def test_the_headline_is_the_mean_of_seventeen_cutoffs() -> None:
    truth = [(32.0 + n, 60 + n) for n in range(11)]
    headline, cutoffs = mean_over_cutoffs([(31.5, truth, truth)])
    assert headline == 1.0
    assert len(cutoffs) == 17


def test_pitch_overlap_counts_shares() -> None:
    truth = [(0.0, 60), (1.0, 60), (2.0, 72), (3.0, 72)]
    assert pitch_overlap(truth, [(0.0, 60)]) == 0.5
    assert pitch_overlap(truth, [(0.0, 60)], octave_free=True) == 1.0
    assert pitch_overlap(truth, []) == 0.0
