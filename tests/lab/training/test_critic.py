"""What learns and what ships are one net, and it learns to tell what it is shown."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from lab.training.critic import (
    BORROWED,
    RIVALS,
    CriticModel,
    Cut,
    Plan,
    auc_of,
    batch_of,
    borrowed_of,
    check,
    fit_last_layers,
    group_of,
    loss_of,
    part_of,
    train,
)
from lab.training.critic_takes import TAKES, Example
from musicassist.composing.critic import IS_NEW, TABLES, critic_of, parts_of, shipped_critic
from musicassist.resources import checkpoints_folder
from musicassist.tokens.vocabulary import UNKNOWN_TONIC

BAR = 48


def example(number: int, *, goes_on: bool = False) -> Example:
    """A tune that really comes back, beside takes that leap about."""
    random = np.random.default_rng(number)
    tune = random.integers(60, 68, 32).tolist()
    seed = tuple((12 * place, pitch, 12) for place, pitch in enumerate(tune))
    real = tuple((8 * BAR + 12 * place, pitch, 12) for place, pitch in enumerate(tune[:16]))
    takes = tuple(
        tuple((8 * BAR + 6 * place, int(random.integers(40, 90)), 6) for place in range(32)) for _ in range(6)
    )
    return Example(f"set/{number}.mid", "lstm", BAR, 0, goes_on, seed, real, takes)


def test_numpy_gives_what_torch_does(tmp_path: Path) -> None:
    torch.manual_seed(0)
    net = CriticModel().eval()
    save_file(net.arrays(), tmp_path / "critic.safetensors")
    net.load_state_dict({name: tensor.half().float() for name, tensor in net.state_dict().items()})
    own = example(1)
    parts = [
        part
        for bars in (1, 2, 4)
        for rows in (own.real, *own.takes)
        if (part := part_of(own, rows, Cut(bars))) is not None
    ]
    with torch.no_grad():
        wanted = net(*batch_of(parts)).numpy()
    assert np.ptp(wanted) > 0.01
    np.testing.assert_allclose(critic_of(tmp_path / "critic.safetensors").scores(parts), wanted, atol=1e-4)


def test_a_critic_goes_on_from_its_file() -> None:
    torch.manual_seed(0)
    first, again = CriticModel(), CriticModel()
    again.load_arrays(first.arrays())
    names = first.arrays().keys()
    assert all(torch.equal(first.arrays()[name], again.arrays()[name]) for name in names)


def test_the_last_layers_alone_are_fitted_to_other_takes() -> None:
    torch.manual_seed(0)
    net = CriticModel()
    before = net.arrays()
    examples = []
    for number in range(8):
        own, other = example(number, goes_on=number % 2 == 0), example(number + 50)
        examples.append(Example(**{**vars(own), "takes": own.takes + other.takes[: TAKES - len(own.takes)]}))
    fit_last_layers(net, examples, Plan(steps=60, rate=3e-3))
    after = net.arrays()
    changed = {name for name in after if not torch.equal(before[name], after[name])}
    assert changed == {"inner.weight", "inner.bias", "outer.weight"}
    assert check(net, examples)["as asked: AUC"] > 0.9


def test_the_critic_that_ships_is_small_and_whole() -> None:
    own = example(2)
    parts = [part for rows in (own.real, *own.takes) if (part := part_of(own, rows, Cut())) is not None]
    assert np.isfinite(shipped_critic().scores(parts)).all()
    assert (checkpoints_folder() / "critic.safetensors").stat().st_size < 1_000_000


def test_real_and_takes_are_cut_alike_and_nothing_behind_the_cut_is_seen() -> None:
    own = example(3)
    for bars in (1, 2, 3, 4):
        parts = [part_of(own, rows, Cut(bars)) for rows in (own.real, own.takes[0])]
        counts = [int(part[:, IS_NEW].sum()) for part in parts if part is not None]
        assert counts == [4 * bars, 8 * bars]
    held = Example(**{**vars(own), "real": ((8 * BAR, 60, 4 * BAR),)})
    steps = list(TABLES).index("steps")
    short, long = (part_of(held, held.real, Cut(bars)) for bars in (1, 2))
    assert short is not None and long is not None
    assert short[-1, steps] < long[-1, steps]
    assert part_of(own, ((10 * BAR, 60, 12),), Cut(1)) is None


def test_a_cut_may_hide_the_key_and_the_seed() -> None:
    own, degree = example(4), list(TABLES).index("degree")
    whole, hidden = part_of(own, own.real, Cut()), part_of(own, own.real, Cut(4, 0, has_key=False))
    assert whole is not None and hidden is not None
    assert len(whole) == 48 and len(hidden) == 16
    assert (hidden[:, degree] == UNKNOWN_TONIC).all() and (whole[:, degree] < UNKNOWN_TONIC).all()


def test_it_reads_what_the_product_reads() -> None:
    from lab.training.critic import before_of

    own = example(5)
    (part,) = parts_of(before_of(own), own.real)
    np.testing.assert_array_equal(part, part_of(own, own.real, Cut()))


def test_groups_have_one_real_and_some_takes() -> None:
    random = np.random.default_rng(1)
    assert len(group_of(example(6), [example(7)], random)) == 1 + RIVALS + BORROWED
    poor = Example(**{**vars(example(6)), "takes": example(6).takes[:2]})
    assert group_of(poor, [example(7)], random) == []


def test_what_is_borrowed_comes_in_the_key_and_register_of_the_seed() -> None:
    high = Example(**{**vars(example(8)), "tonic": 2, "real": tuple((a, p + 26, b) for a, p, b in example(8).real)})
    there = example(9)
    borrowed = borrowed_of(there, high)
    assert {(own[1] - other[1]) % 12 for own, other in zip(borrowed, high.real, strict=True)} == {10}
    assert abs(borrowed[0][1] - there.seed[-1][1]) <= 6


def test_the_loss_falls_where_the_real_one_is_above() -> None:
    good, bad = torch.tensor([[2.0, -2.0, -2.0]]), torch.tensor([[-2.0, 2.0, 2.0]])
    assert loss_of(good) < loss_of(torch.zeros(1, 3)) < loss_of(bad)


def test_pairs_are_counted_with_half_for_equal_ones() -> None:
    assert auc_of([2.0, 3.0], [1.0, 0.0]) == 1
    assert auc_of([1.0], [1.0, 0.0]) == pytest.approx(0.75)


def test_it_learns_and_equal_numbers_give_an_equal_net() -> None:
    examples = [example(number) for number in range(12)]
    nets = []
    for _ in range(2):
        torch.manual_seed(3)
        nets.append(CriticModel())
        train(nets[-1], examples, Plan(steps=12))
    first, again = (net.arrays() for net in nets)
    assert all(torch.equal(first[name], again[name]) for name in first)
    told = check(nets[0], [example(number, goes_on=number % 2 == 0) for number in range(20, 30)])
    assert told["as asked: AUC"] > 0.9 and told["first 4 of 8: pairs"] > 0.9
