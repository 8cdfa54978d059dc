"""Each stretch of a take knows who composed it, however takes were put together."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from musicassist.composing.composed import Composed, Stretch, between, laid_over, weights_file, with_composed
from musicassist.composing.request import Constraints, Take
from musicassist.score.song import Notes
from take_laws import PHRASE, request_of

REQUEST = request_of()
TAKE = Take(PHRASE, 0, 100, "tiny", 7, 3, 1.0, 1.0, Constraints())
ONE, OTHER = Composed(REQUEST, TAKE), Composed(REQUEST, replace(TAKE, number=2))


def test_a_fresh_take_is_of_one_piece() -> None:
    take = with_composed(TAKE, REQUEST)
    (stretch,) = take.composed
    assert (stretch.from_tick, stretch.to_tick, stretch.composed.take) == (0, 100, TAKE)
    assert stretch.composed.request is REQUEST


def test_what_is_laid_over_leaves_both_sides() -> None:
    stretches = laid_over((Stretch(0, 100, ONE),), (Stretch(40, 60, OTHER),))
    assert [(s.from_tick, s.to_tick, s.composed.take.number) for s in stretches] == [
        (0, 40, 3),
        (40, 60, 2),
        (60, 100, 3),
    ]
    assert [(s.from_tick, s.to_tick) for s in between(stretches, 30, 50)] == [(30, 40), (40, 50)]


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 50)), max_size=8))
def test_stretches_never_overlap(drawn: list[tuple[int, int]]) -> None:
    stretches = laid_over((), (Stretch(start, start + length, ONE) for start, length in drawn))
    assert all(left.to_tick <= right.from_tick for left, right in pairwise(stretches))
    covered = {tick for start, length in drawn for tick in range(start, start + length)}
    assert {tick for s in stretches for tick in range(s.from_tick, s.to_tick)} == covered


def test_a_file_of_weights_is_known_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "lstm.safetensors"
    assert weights_file(path) is None
    path.write_bytes(b"abc")
    known = weights_file(path)
    assert known is not None and known.name == "lstm"
    assert known.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    path.write_bytes(b"abcd")
    assert weights_file(path) != known


def test_no_notes_are_compared_with_it() -> None:
    assert with_composed(TAKE, REQUEST) == TAKE
    assert with_composed(replace(TAKE, notes=Notes.of()), REQUEST) != TAKE
