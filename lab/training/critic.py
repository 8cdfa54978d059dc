"""Trains the critic of takes: ``python -m lab.training.critic EXAMPLES FILE``; minutes on one core.

EXAMPLES is what ``lab.training.critic_takes`` writes of training pieces. For each phrase the net has to tell what
really followed from takes of it, all cut at one bar line, so that where and how a take ends says little. With
``--check`` it says how well it does on phrases of the valid side.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import nn

from lab.training.critic_takes import TAKES, Example, Row, read_examples
from musicassist.composing.critic import (
    BAR,
    BAR_DISTANCES,
    HEADS,
    HIDDEN,
    IS_NEW,
    PART_BARS,
    SOUNDING,
    TABLES,
    WIDTH,
    Before,
    columns_of,
    distances_of,
    together,
)
from musicassist.score.timing import MeterChange, TimeMap
from musicassist.tokens.vocabulary import STEPS_PER_BEAT, UNKNOWN_TONIC

GROUPS = 10  # phrases of a step
RIVALS = 5  # takes of each
BORROWED = 1  # continuations of other pieces beside each, in its key and register
WHOLE_SHARE = {False: 0.3, True: 0.6}  # of the phrases that are cut behind the fourth bar, by whether takes go on there
NO_SEED_SHARE = 0.04
SHORT_SEED_SHARE = 0.3
NO_KEY_SHARE = 0.15
_SIXTEENTH = STEPS_PER_BEAT // 4
Ints = NDArray[np.int64]


class Near(nn.Module):
    """Each note with its two neighbours."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(3, WIDTH, WIDTH) * (3 * WIDTH) ** -0.5)
        self.bias = nn.Parameter(torch.zeros(WIDTH))

    def forward(self, notes: torch.Tensor) -> torch.Tensor:
        """(parts, notes, WIDTH), the same."""
        before = nn.functional.pad(notes[:, :-1], (0, 0, 1, 0))
        behind = nn.functional.pad(notes[:, 1:], (0, 0, 0, 1))
        return torch.relu(before @ self.weight[0] + notes @ self.weight[1] + behind @ self.weight[2] + self.bias)


class CriticModel(nn.Module):
    """The net of ``composing.critic``, to be trained."""

    def __init__(self, dropout: float = 0.2) -> None:
        super().__init__()
        self.tables = nn.ParameterDict({name: torch.randn(size, WIDTH) * 0.3 for name, size in TABLES.items()})
        self.near = nn.ModuleList(Near() for _ in range(3))
        self.links = nn.ParameterDict({name: torch.randn(WIDTH, WIDTH) * WIDTH**-0.5 for name in ("likens", "brings")})
        self.links["joins"] = torch.randn(WIDTH + 2 * HEADS, WIDTH) * WIDTH**-0.5
        self.sharpness = nn.Parameter(torch.full((HEADS,), 5.0))
        self.distance = nn.Parameter(torch.full((HEADS, 2 * BAR_DISTANCES), -5.0))
        self.inner = nn.Linear(2 * WIDTH, HIDDEN)
        self.outer = nn.Linear(HIDDEN, 1, bias=False)
        self.dropout = nn.Dropout(dropout)

    def forward(self, batch: torch.Tensor, is_there: torch.Tensor, distances: torch.Tensor) -> torch.Tensor:
        """What ``CriticNet.scores`` gives."""
        read = [self.tables[name][batch[..., column]] for column, name in enumerate(TABLES)]
        notes = torch.stack(read[:SOUNDING]).sum(0)
        there = is_there[..., None].float()
        notes = self.near[0](self.dropout(notes) * there) * there
        notes = (notes + self.near[1](notes)) * there
        is_new = is_there & (batch[..., IS_NEW] > 0)
        notes = notes + read[BAR] + read[IS_NEW] + self._beside(self.dropout(notes), distances, is_there, is_new)
        notes = self.near[2](notes * there)
        is_new = is_new[..., None]
        mean = (notes * is_new).sum(1) / is_new.sum(1)
        highest = torch.where(is_new, notes, 0).amax(1)
        hidden = torch.relu(self.inner(self.dropout(torch.cat([mean, highest], 1))))
        return self.outer(self.dropout(hidden))[:, 0]

    def _beside(
        self, notes: torch.Tensor, distances: torch.Tensor, is_there: torch.Tensor, is_new: torch.Tensor
    ) -> torch.Tensor:
        parts, size, _ = notes.shape
        likened, brings = (
            (notes @ self.links[name]).view(parts, size, HEADS, -1).transpose(1, 2) for name in ("likens", "brings")
        )
        likened = likened / ((likened**2).sum(-1, keepdim=True) + 1e-12).sqrt().add(1e-4)
        likeness = self.sharpness[:, None, None] * (likened @ likened.transpose(2, 3))
        likeness = likeness + self.distance[:, distances].transpose(0, 1)
        weight = likeness.clamp(max=30).exp()
        weight = weight * (is_there[:, None, None, :] & ~torch.eye(size, dtype=torch.bool))
        new = is_new[:, None, None, :]
        sums = [(weight * mask).sum(-1).transpose(1, 2) for mask in (~new, new)]
        weight = weight / (1 + weight.sum(-1, keepdim=True))
        mixed = (weight @ brings).transpose(1, 2).reshape(parts, size, WIDTH)
        return torch.cat([mixed, *map(torch.log1p, sums)], -1) @ self.links["joins"]

    def arrays(self) -> dict[str, torch.Tensor]:
        """Its numbers under the names that ``CriticNet`` asks for, in half precision."""
        arrays = {f"table.{name}": table for name, table in self.tables.items()}
        for number, near in enumerate(self.near):
            arrays |= {f"near{number}.weight": near.weight, f"near{number}.bias": near.bias}
        arrays |= {f"{name}.weight": matrix for name, matrix in self.links.items()}
        arrays |= {
            "distance": self.distance,
            "sharpness": self.sharpness,
            "inner.weight": self.inner.weight.T,
            "inner.bias": self.inner.bias,
        }
        arrays["outer.weight"] = self.outer.weight.T
        return {name: array.detach().half().contiguous() for name, array in arrays.items()}

    def load_arrays(self, arrays: dict[str, torch.Tensor]) -> None:
        """Takes over what ``arrays`` gave."""
        own = self.state_dict()
        kinds = {"table.": "tables."} | {f"near{n}": f"near.{n}" for n in range(3)}
        for name, array in arrays.items():
            start = next((kind for kind in kinds if name.startswith(kind)), "")
            mine = kinds[start] + name[len(start) :] if start else name
            stem = name.removesuffix(".weight")
            mine = f"links.{stem}" if stem in self.links else mine
            own[mine] = array.float().T if stem in ("inner", "outer") and array.ndim > 1 else array.float()
        self.load_state_dict(own)


@dataclass(frozen=True)
class Cut:
    """How an example is looked at: how many bars of what follows, how much of the seed, with or without the key."""

    bars: int = PART_BARS
    seed_notes: int = 64
    has_key: bool = True

    @staticmethod
    def drawn(random: np.random.Generator, *, goes_on: bool) -> Cut:
        """One at random, as training has it."""
        bars = PART_BARS if random.random() < WHOLE_SHARE[goes_on] else int(random.integers(1, PART_BARS))
        seed_notes = 64
        if random.random() < SHORT_SEED_SHARE:
            seed_notes = int(random.integers(4, 64))
        if random.random() < NO_SEED_SHARE:
            seed_notes = 0
        return Cut(bars, seed_notes, bool(random.random() >= NO_KEY_SHARE))


def before_of(example: Example) -> Before:
    """What its takes stand behind."""
    bars = TimeMap(STEPS_PER_BEAT, meter_changes=(MeterChange(0, example.bar_steps // _SIXTEENTH, 16),))
    line = bars.bar_line_at_or_after(example.seed[-1][0] + 1)
    return Before(example.seed, bars, example.tonic, line)


def part_of(example: Example, rows: Sequence[Row], cut: Cut) -> Ints | None:
    """What the net reads of one continuation; None where nothing of it is left."""
    before = before_of(example)
    line = 8 * example.bar_steps
    stop = line + cut.bars * example.bar_steps
    new = [(onset, pitch, min(steps, stop - onset)) for onset, pitch, steps in rows if onset < stop][:64]
    if not new:
        return None
    seed = list(example.seed[-cut.seed_notes :]) if cut.seed_notes else []
    tonic = example.tonic if cut.has_key else UNKNOWN_TONIC
    return columns_of(np.array([*seed, *new], dtype=np.int64), len(seed), before.bars, tonic, line)


def group_of(example: Example, others: Sequence[Example], random: np.random.Generator) -> list[Ints]:
    """What really followed, then takes and what is borrowed, all looked at alike; empty where there are too few."""
    cut = Cut.drawn(random, goes_on=example.goes_on)
    chosen = [example.takes[int(n)] for n in random.permutation(len(example.takes))[:RIVALS]]
    borrowed = [borrowed_of(example, others[int(random.integers(len(others)))]) for _ in range(BORROWED)]
    parts = [part_of(example, rows, cut) for rows in (example.real, *chosen, *borrowed)]
    if len(chosen) < RIVALS or any(part is None for part in parts):
        return []
    return [part for part in parts if part is not None]


def borrowed_of(example: Example, other: Example) -> tuple[Row, ...]:
    """What followed in another piece with bars as long, in this one's key, in the octave nearest to the seed's end."""
    is_known = UNKNOWN_TONIC not in (example.tonic, other.tonic)
    up = (example.tonic - other.tonic) % 12 if is_known else 0
    apart = example.seed[-1][1] - other.real[0][1] - up
    shift = up + 12 * round(apart / 12)
    return tuple((onset, pitch + shift, steps) for onset, pitch, steps in other.real)


def batch_of(parts: Sequence[Ints]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """As the net is given them."""
    batch, is_there = together(parts)
    return torch.tensor(batch), torch.tensor(is_there), torch.tensor(distances_of(batch))


def loss_of(scores: torch.Tensor) -> torch.Tensor:
    """Of scores (phrases, 1 + takes), the real one first: it should be the highest, and above all of other phrases."""
    told = nn.functional.cross_entropy(scores, torch.zeros(len(scores), dtype=torch.long))
    real = nn.functional.softplus(-scores[:, 0]).mean()
    made = nn.functional.softplus(scores[:, 1:]).mean()
    return told + 0.5 * (real + made)


def auc_of(real: Sequence[float], made: Sequence[float]) -> float:
    """Share of pairs in which the real one is higher."""
    low = np.sort(made)
    below = np.searchsorted(low, real, side="left") + np.searchsorted(low, real, side="right")
    return float(below.sum() / 2 / len(real) / len(made))


@torch.no_grad()
def check(net: CriticModel, examples: Sequence[Example]) -> dict[str, float]:
    """How well real and takes are told, over all and within a phrase; whole and one bar shorter."""
    net.eval()
    found: dict[str, float] = {}
    for name, goes_on, bars in (("as asked", False, 4), ("as asked, 3 bars", False, 3), ("first 4 of 8", True, 4)):
        real, made, pairs = [], [], []
        for example in examples:
            parts = [part_of(example, rows, Cut(bars)) for rows in (example.real, *example.takes)]
            if example.goes_on != goes_on or any(part is None for part in parts):
                continue
            scores = net(*batch_of([part for part in parts if part is not None])).tolist()
            real.append(scores[0])
            made += scores[1:]
            pairs.append(np.mean([scores[0] > own for own in scores[1:]]))
        found[f"{name}: AUC"] = auc_of(real, made)
        found[f"{name}: pairs"] = float(np.mean(pairs))
    net.train()
    return found


@dataclass(frozen=True)
class Plan:
    """How long and how fast it learns."""

    steps: int = 2400
    rate: float = 3e-3
    seed: int = 1


def train(net: CriticModel, examples: Sequence[Example], plan: Plan, checked: Sequence[Example] = ()) -> None:
    """Trains in place."""
    random = np.random.default_rng(plan.seed)
    optimizer = torch.optim.AdamW(net.parameters(), weight_decay=2e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, plan.rate, plan.steps)
    losses = []
    of_meter = {steps: [own for own in examples if own.bar_steps == steps] for steps in {x.bar_steps for x in examples}}
    for step in range(1, plan.steps + 1):
        groups: list[list[Ints]] = []
        while len(groups) < GROUPS:
            example = examples[int(random.integers(len(examples)))]
            group = group_of(example, of_meter[example.bar_steps], random)
            groups += [group] if group else []
        scores = net(*batch_of([part for group in groups for part in group])).view(GROUPS, -1)
        loss = loss_of(scores)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        losses.append(float(loss.detach()))
        if step % max(1, plan.steps // 8) == 0:
            told = ", ".join(f"{name} {value:.3f}" for name, value in check(net, checked).items()) if checked else ""
            print(f"step {step}: {np.mean(losses[-200:]):.3f} nats; {told}", flush=True)


def fit_last_layers(net: CriticModel, examples: Sequence[Example], plan: Plan) -> None:
    """Fits what judges to takes of other models in seconds; what the notes are read by stays as it is."""
    random = np.random.default_rng(plan.seed)
    read: list[torch.Tensor] = []
    hook = net.inner.register_forward_pre_hook(lambda _layer, given: read.append(given[0]))
    net.eval()
    for example in examples:
        cut = Cut(PART_BARS if random.random() < WHOLE_SHARE[True] else PART_BARS - 1)
        parts = [part_of(example, rows, cut) for rows in (example.real, *example.takes)]
        there = [part for part in parts if part is not None]
        if len(there) == 1 + TAKES:
            with torch.no_grad():
                net(*batch_of(there))
    hook.remove()
    net.train()
    rows = torch.stack(read)
    judge = nn.Sequential(net.dropout, net.inner, nn.ReLU(), net.dropout, net.outer)
    optimizer = torch.optim.AdamW(judge.parameters(), plan.rate, weight_decay=3e-2)
    for _ in range(plan.steps):
        loss = loss_of(judge(rows[torch.tensor(random.integers(len(rows), size=4 * GROUPS))])[..., 0])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def main() -> None:
    """Reads, trains, writes."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("examples", type=Path, nargs="+")
    words.add_argument("file", type=Path)
    words.add_argument("--check", type=Path)
    words.add_argument("--begin", type=Path, help="a critic to go on from, as after the models changed")
    words.add_argument("--last-layers", action="store_true", help="fit those alone, which takes seconds")
    words.add_argument("--steps", type=int, default=Plan.steps)
    words.add_argument("--rate", type=float, default=Plan.rate)
    words.add_argument("--dropout", type=float, default=0.2)
    words.add_argument("--seed", type=int, default=Plan.seed)
    given = words.parse_args()
    torch.manual_seed(given.seed)
    torch.set_num_threads(1)
    examples = [example for path in given.examples for example in read_examples(path)]
    net = CriticModel(given.dropout)
    if given.begin:
        net.load_arrays(load_file(given.begin))
    print(len(examples), "phrases,", sum(p.numel() for p in net.parameters()), "parameters", flush=True)
    plan = Plan(given.steps, given.rate, given.seed)
    if given.last_layers:
        fit_last_layers(net, examples, plan)
        save_file(net.arrays(), given.file)
        return
    train(net, examples, plan, read_examples(given.check) if given.check else ())
    save_file(net.arrays(), given.file)


if __name__ == "__main__":
    main()
