"""The count of takes that are composed again finds those of one model."""

from __future__ import annotations

from pathlib import Path

from lab.evaluation.composed_again import is_same, keep


def test_takes_of_one_model_are_all_the_same(tmp_path: Path) -> None:
    kept = keep(tmp_path, 1, only=("markov",))
    paths = sorted(tmp_path.glob("*.musicassist"))
    assert kept == len(paths) >= 2
    assert all(row["same"] == row["regions"] >= 1 for row in map(is_same, paths))
