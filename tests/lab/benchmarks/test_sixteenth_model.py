"""The count baseline, counted by hand."""

from __future__ import annotations

import math

import pytest

from lab.benchmarks.sixteenth_model import LEVELS, CountChain

HELD = [[72, 67, 64, 48]] * 3


def test_each_level_is_mixed_into_the_one_before() -> None:
    chain = CountChain([HELD])
    unigram = (2 + 1 / 60) / 3  # two of one kind; the kind itself weighs one
    share, expected = unigram, [-math.log(unigram)]
    for count in (2, 2):
        share = (count + share) / (count + 1)
        expected.append(-math.log(share))
    levels = chain.nats([HELD])
    assert levels[:3] == pytest.approx(expected)
    assert levels[3] == pytest.approx(-math.log((1 + share) / 2))  # each place in the beat was seen once
    assert len(levels) == len(LEVELS)


def test_what_was_never_seen_falls_back_to_a_sixtieth() -> None:
    chain = CountChain([HELD])
    other = [[60, 60, 60, 60]] * 2
    assert chain.nats([other])[0] == pytest.approx(-math.log((1 / 60) / 3))


def test_a_context_that_was_never_seen_leaves_the_level_before() -> None:
    chain = CountChain([HELD])
    arriving = [[71, 65, 62, 47], HELD[0]]
    levels = chain.nats([arriving])
    assert levels[1] == pytest.approx(levels[0])
