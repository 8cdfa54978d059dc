"""Four voices on a grid of 16ths: what the net reads, that it looks at nothing ahead, and figures of made-up music."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from lab.benchmarks.fitting import Plan
from lab.benchmarks.sixteenth_model import LOWEST, NONE, PITCHES, STEPS, VoicesLstm, VoicesSizes
from lab.benchmarks.sixteenths import (
    SHIFTS,
    Columns,
    columns_of,
    figures,
    nats_per_token,
    passage_of,
    read_chorales,
    training_batches,
)
from musicassist.errors import UsageError

CHORD = [72, 67, 64, 48]
CHORALE = [CHORD] * 4 + [[74, 67, 65, -1]] * 6 + [[72, 67, 64, 48]] * 2


def _net() -> VoicesLstm:
    torch.manual_seed(1)
    return VoicesLstm(VoicesSizes(embedding=4, hidden=8, head=8)).eval()


def _write(folder: Path, **splits: object) -> Path:
    with gzip.open(folder / "Jsb16thSeparated.json.gz", "wt", encoding="utf-8") as handle:
        json.dump(splits, handle)
    return folder


def test_a_voice_knows_what_it_had_before_and_for_how_long_it_holds() -> None:
    columns = columns_of(CHORALE)
    soprano = [
        (row[0].item(), row[1].item(), row[2].item()) for row in zip(*(p[:, 0] for p in _parts(columns)), strict=True)
    ]
    c, d = 72 - LOWEST, 74 - LOWEST
    assert soprano[:STEPS] == [(NONE, NONE, 0)] * STEPS
    assert soprano[STEPS : STEPS + 5] == [(c, NONE, 1), (c, NONE, 2), (c, NONE, 3), (c, NONE, 4), (d, c, 1)]
    assert columns.pitch[-3:, 3].tolist() == [NONE, 48 - LOWEST, 48 - LOWEST]


def test_moving_leaves_silence_silent() -> None:
    columns, moved = columns_of(CHORALE), columns_of(CHORALE).moved(3)
    sounds = columns.pitch != NONE
    assert torch.equal(moved.pitch[sounds], columns.pitch[sounds] + 3)
    assert torch.equal(moved.pitch == NONE, ~sounds)


@pytest.mark.parametrize("voice", range(4))
def test_a_token_is_foretold_from_what_is_before_it_alone(voice: int) -> None:
    step = 6
    changed = [list(row) for row in CHORALE]
    changed[step][voice] = 60
    losses = [_net().losses(passage_of([columns_of(chorale)])) for chorale in (CHORALE, changed)]
    before = (step - 1) * 4 + voice  # the first step is not scored
    one, other = (part.flatten() for part in losses)
    assert torch.equal(one[:before], other[:before])
    assert not torch.equal(one[before:], other[before:])


def test_the_shares_of_all_that_can_follow_add_up_to_one() -> None:
    step, alto, chorales = 5, 1, []
    for pitch in [-1, *range(LOWEST, LOWEST + PITCHES)]:
        chorales.append([list(row) for row in CHORALE])
        chorales[-1][step][alto] = pitch
    losses = _net().losses(passage_of([columns_of(chorale) for chorale in chorales])).detach()
    shares = torch.exp(-losses.view(len(chorales), len(CHORALE) - 1, 4)[:, step - 1, alto])
    assert float(shares.sum()) == pytest.approx(1.0, abs=1e-4)


def test_padding_changes_no_figure() -> None:
    columns = [columns_of(CHORALE), columns_of(CHORALE[:8])]
    both = nats_per_token(_net(), columns)
    apart = [nats_per_token(_net(), [own]) for own in columns]
    assert both == pytest.approx((11 * apart[0] + 7 * apart[1]) / 18, abs=1e-5)


def test_training_moves_within_bounds_and_keeps_the_even_steps() -> None:
    columns = [columns_of(CHORALE)] * 30
    passage = next(training_batches(columns, 30, np.random.default_rng(1)))
    shifts = (passage.pitch[:, STEPS, 0] - (72 - LOWEST)).tolist()
    assert {min(shifts), max(shifts)} == set(SHIFTS)
    even = (passage.step % 2 == 0) & (passage.step > 0)
    assert bool(passage.is_scored[even].all())
    assert 0 < int(passage.is_scored[~even].sum()) < int((~even).sum()) / 2


def test_the_figures_of_made_up_chorales_are_equal_twice(tmp_path: Path) -> None:
    folder = _write(tmp_path, train=[CHORALE] * 4, valid=[CHORALE], test=[CHORALE])
    plan = Plan(epochs=2, batch=4)
    rows = figures(folder, seed=1, plan=plan)
    assert rows == figures(folder, seed=1, plan=plan)
    assert {row.split for row in rows} == {"valid", "test"}
    assert {row.n for row in rows} == {44}
    assert all(0 < row.value < 5 for row in rows)


def test_the_command_needs_no_model(run_cli: Callable, tmp_path: Path) -> None:
    folder = _write(tmp_path, train=[CHORALE], valid=[CHORALE], test=[CHORALE])
    answer = run_cli("evaluate", "--benchmark", "jsb_16th", folder, "--model", "there is none", "--json")
    assert answer.code == 0, answer.err
    rows = json.loads(answer.out)
    assert {row["metric"] for row in rows} == {"nats per note token"}
    assert rows[-1]["split"] == "test"
    assert rows[-1]["value"] < 1  # one chorale is learned by heart


@pytest.mark.parametrize(
    "splits",
    [
        {},
        {"train": [CHORALE], "valid": [CHORALE], "test": [CHORALE[:3]]},
        {"train": [[[200] * 4] * 4], "valid": [], "test": []},
    ],
)
def test_a_folder_without_the_benchmark_is_told_in_words(tmp_path: Path, splits: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="does not hold the benchmark"):
        read_chorales(_write(tmp_path, **splits))


def _parts(columns: Columns) -> tuple[torch.Tensor, ...]:
    return columns.pitch, columns.former, columns.held
