"""What is counted of the critic's choice, on phrases whose right order is known."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from lab.evaluation import critic as evaluation
from lab.evaluation import form_judges
from lab.evaluation.critic import as_they_come, chosen_of, counts, critic_areas, judged, passage
from lab.training.critic_takes import Example, Row
from musicassist.composing.critic import CriticNet

BAR = 48


class CountingNotes:
    """Prefers the take with fewer notes."""

    def scores(self, parts: list[np.ndarray]) -> np.ndarray:
        return np.array([-float(part[:, -1].sum()) for part in parts])


def line(pitch: int, steps: int) -> tuple[Row, ...]:
    return tuple((8 * BAR + at, pitch + at // steps % 3, steps) for at in range(0, 4 * BAR, steps))


def example(number: int) -> Example:
    seed = tuple((12 * at, 60 + at % 5, 12) for at in range(32))
    takes = tuple(line(60 + number % 7, steps) for steps in (3, 6, 6, 6, 12, 24))
    return Example(f"set/{number}.mid", "lstm", BAR, 0, False, seed, line(60, 48), takes)


CRITIC: CriticNet = CountingNotes()  # type: ignore[assignment]


def test_the_best_takes_are_shown_and_different_rhythms() -> None:
    ((_, takes),) = chosen_of(CRITIC, [example(0)])
    assert [len(take) for take in takes] == [8, 16, 32, 64]  # of three that are the same one is enough
    ((_, plain),) = as_they_come([example(0)])
    assert [len(take) for take in plain] == [64, 32, 32, 32]


def test_areas_say_how_often_the_real_one_is_above() -> None:
    assert critic_areas(CRITIC, [example(0), example(1)]) == {"critic: AUC": 1.0, "critic: pairs of one phrase": 1.0}


def test_counts_are_means_over_takes() -> None:
    chosen, plain = chosen_of(CRITIC, [example(0)]), as_they_come([example(0)])
    assert counts(plain)["onsets at one place with one length"] == pytest.approx(0.5)
    assert counts(chosen)["onsets at one place with one length"] == 0
    assert passage(plain[0][0], plain[0][1][0]).bars == 4


def test_the_judge_tells_what_is_plainly_other_and_all_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(form_judges, "TREES", 20)
    examples = [example(number) for number in range(12)]
    real = [(own, [own.real]) for own in examples]
    assert judged(real, chosen_of(CRITIC, examples), 1) > 0.95
    page = tmp_path / "examples"
    both = [*examples, *(Example(**{**vars(own), "goes_on": True}) for own in examples)]
    page.write_text("".join(own.as_json() + "\n" for own in both))
    monkeypatch.setattr(sys, "argv", ["critic", str(page)])
    evaluation.main()
    said = capsys.readouterr().out
    assert "as asked: 12 phrases" in said and "first 4 of 8: 12 phrases" in said and "judge: AUC" in said
