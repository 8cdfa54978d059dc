"""The judges of form: chance among equals, certainty where one number tells, and no piece on both sides."""

from __future__ import annotations

import numpy as np
import pytest

from lab.evaluation import form_judges
from lab.evaluation.form_judges import JUDGES, STRONGEST, areas, telling

PIECES = [f"piece {number % 40}" for number in range(80)]


@pytest.fixture(autouse=True)
def few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(form_judges, "TREES", 40)


def test_equals_are_not_told_apart_and_what_differs_is() -> None:
    random = np.random.default_rng(1)
    real, same = random.normal(size=(80, 5)), random.normal(size=(80, 5))
    found = areas(same, real, PIECES, PIECES, seed=1)
    assert set(found) == {*JUDGES, STRONGEST}
    assert all(area == pytest.approx(0.5, abs=0.15) for area in found.values())
    other = same + np.array([3, 0, 0, 0, 0])
    assert areas(other, real, PIECES, PIECES, seed=1)[STRONGEST] > 0.95
    assert areas(other, real, PIECES, PIECES, seed=1) == areas(other, real, PIECES, PIECES, seed=1)


def test_what_only_names_the_piece_tells_nothing() -> None:
    """Were a piece on both sides of the folds, a forest would learn each piece's label by heart."""
    random = np.random.default_rng(2)
    marks = random.normal(size=(40, 3))
    rows = np.repeat(marks, 4, axis=0)
    pieces = np.repeat([f"piece {number}" for number in range(40)], 4).tolist()
    made, real = np.arange(160) < 80, np.arange(160) >= 80
    found = areas(
        rows[made],
        rows[real],
        [piece for piece, own in zip(pieces, made, strict=True) if own],
        [piece for piece, own in zip(pieces, real, strict=True) if own],
        seed=1,
    )
    assert max(found.values()) < 0.75


def test_what_tells_most_comes_first() -> None:
    made, real = np.array([[0.0, 5], [1, 6]]), np.array([[0.0, 1], [1, 2]])
    assert telling(made, real, ["nothing", "all"]) == [("all", 1.0), ("nothing", 0.5)]
