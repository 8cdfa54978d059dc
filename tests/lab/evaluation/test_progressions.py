"""How the next chord is foretold."""

from __future__ import annotations

import math

import pytest

from harmony.test_progressions import ground, spans_of
from lab.evaluation.progressions import Progressions3Gram, degrees, net_bits
from musicassist.harmony.detection import QUALITIES
from musicassist.harmony.progressions import STATES, placed_of
from musicassist.score.theory import Key


def test_chords_are_counted_from_the_tonic() -> None:
    placed = placed_of(spans_of("G D7"))
    assert degrees([ground(Key(7))] * 2, placed) == [0, 7 * len(QUALITIES) + QUALITIES.index("7")]


def test_without_pieces_all_chords_are_alike_and_what_always_follows_costs_little() -> None:
    assert Progressions3Gram([]).bits([1, 2]) == pytest.approx(2 * math.log2(STATES))
    counted = Progressions3Gram([[1, 2, 3] * 50])
    assert counted.bits([1, 2, 3] * 10) < 3
    assert counted.bits([3, 2, 1]) > counted.bits([1, 2, 3])


def test_the_net_that_ships_finds_a_usual_turn_likelier_than_a_wild_one() -> None:
    usual, wild = (net_bits([ground(Key(0))] * 4, placed_of(spans_of(n))) for n in ("C Am F G", "C F#m Bbmaj7 Eaug"))
    assert usual < wild / 2
