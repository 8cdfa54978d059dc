"""The command of form: what it judges of whom, with takes made by hand."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from lab.evaluation import form_judges
from lab.evaluation.form import BEFORE, HERE, REAL, Judging, printed
from lab.evaluation.form_asking import Asked
from lab.evaluation.form_cases import Case
from lab.evaluation.form_checkouts import Takes

BAR, BEAT = 1920, 480


def cases() -> list[Case]:
    """Twelve pieces of sixteen bars of quarters, each higher than the one before."""
    places = []
    for number in range(12):
        tones = tuple((i * BEAT, 55 + number + (i * (2 + number % 3)) % 9, BEAT) for i in range(64))
        places.append(Case(f"made/{number}.mid", tones, (4, 4), BAR, 0, 8 * BAR, number % 12))
    return places


@pytest.fixture(autouse=True)
def few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(form_judges, "TREES", 20)


def true_takes(asked: Sequence[Asked]) -> list[Takes]:
    """What really stands there, twice."""
    pairs = zip(cases(), asked, strict=False)  # fewer are varied
    return [[[tone for tone in case.tones if tone[0] >= _start(one)]] * 2 for case, one in pairs]


def drones(asked: Sequence[Asked]) -> list[Takes]:
    """One long note."""
    return [[[(_start(one), 60, 4 * BAR)]] * 2 for one in asked]


def _start(asked: Asked) -> int:
    return 8 * BAR if asked.kind == "continue" else asked.from_tick


def test_drones_are_told_and_true_music_is_not() -> None:
    job = Judging(cases(), {HERE: true_takes, BEFORE: drones}, 1, lambda _line: None)
    job.continuations()
    part = job.table["first 4 of 8 bars"]
    assert part["last bar ends a phrase"] == {REAL: 0, HERE: 0, BEFORE: 1}
    assert part["AUC, strongest"][BEFORE] == 1
    assert part["AUC, strongest"][HERE] == pytest.approx(0.5, abs=0.2)
    assert part["takes of one request: at one place with one length"] == {HERE: 1, BEFORE: 1}


def test_holes_and_variations_have_their_rows() -> None:
    job = Judging(cases(), {HERE: true_takes, BEFORE: drones}, 1, lambda _line: None)
    job.holes()
    job.variations()
    stops = job.table["infill, bars 5-6 of 16"]["last note is a third of the bar or longer"]
    assert stops == {REAL: 0, HERE: 0, BEFORE: 1}
    assert job.table["vary, 4 bars"]["last note kept at .1"][REAL] == 1


def test_the_table_is_printed_part_by_part_with_gaps_where_nothing_was_asked() -> None:
    table = {"one": {"row": {REAL: 0.25, HERE: 1.0}}, "two": {"AUC": {BEFORE: 0.5}}}
    lines = printed(table, [REAL, HERE, BEFORE])
    assert lines[0] == "| one | real | this build | before |"
    assert lines[2] == "| row | 0.250 | 1.000 |  |"
    assert lines[6] == "| AUC |  |  | 0.500 |"
