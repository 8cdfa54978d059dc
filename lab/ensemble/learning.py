"""Learning the net: views of pieces, windows of rows, and a loop that goes on where it was stopped."""

from __future__ import annotations

import copy
import json
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from lab.ensemble.features import rows_of
from lab.ensemble.pieces import Piece, View
from musicassist.families.ensemble.columns import INTERVALS, EnsembleConfig, Rows, config_of
from musicassist.families.ensemble.net import Batch, EnsembleNet
from musicassist.families.ensemble.vocabulary import GAPS, LENGTHS, PITCHES, ROLES
from musicassist.models.cards import read_card

_SHORTEST_WINDOW = 24
_POOL = 720  # windows among which a batch is drawn
_MATCHED = (4, 5)  # the candidates of a head that a match of the past gives
_FIELD_WEIGHT = torch.tensor([1.0, 1.0, 1.0, 1.0, 0.2])


@dataclass(frozen=True)
class Plan:
    """How a sitting learns.

    Attributes:
        seconds: For which it learns; the rate falls with the time that was used.
        notes, windows: Of a window and of a batch.
        learning_rate, last_learning_rate: From and to, as a half cosine behind ``warmup_steps``.
        all_share, one_share: Share of views in which all parts are written, and one to all others; the rest are
            written and given by chance, some left out.
        lane_share: Of views with a chord track, those that are told it.
        blind_share: Of windows, those that see no matches of the past.
        average: Decay of the running average that is kept.
    """

    seconds: float = 3600.0
    notes: int = 128
    windows: int = 40
    learning_rate: float = 2e-3
    last_learning_rate: float = 2e-5
    warmup_steps: int = 60
    weight_decay: float = 0.01
    clip_norm: float = 1.0
    all_share: float = 0.45
    one_share: float = 0.3
    lane_share: float = 0.3
    blind_share: float = 0.05
    average: float = 0.995
    validate_every_seconds: float = 600.0
    save_every_seconds: float = 240.0


def drawn_view(piece: Piece, plan: Plan, random: np.random.Generator) -> View:
    """A view of a piece, drawn by chance."""
    roles = piece.roles
    with_lane = bool(random.random() < plan.lane_share)
    kind = random.random()
    if len(roles) == 1 or kind < plan.all_share:
        return View.of(piece, roles, with_lane=with_lane)
    if kind < plan.all_share + plan.one_share:
        one = int(random.choice(roles))
        return View.of(piece, [one], [role for role in roles if role != one], with_lane=with_lane)
    place = random.random(len(roles))
    place[int(random.integers(len(roles)))] = 0.0  # one at least is written
    free = [role for role, at in zip(roles, place, strict=True) if at < 0.5]
    given = [role for role, at in zip(roles, place, strict=True) if 0.5 <= at < 0.85]
    return View.of(piece, free, given, with_lane=with_lane)


def windows_of(rows: Rows, notes: int, random: np.random.Generator) -> Iterator[Rows]:
    """The rows cut into windows, the first at a place drawn by chance."""
    first = int(random.integers(0, notes)) if len(rows) > notes else 0
    starts = list(range(first, len(rows), notes))
    if first:
        starts.insert(0, 0)
    for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
        if end - start >= _SHORTEST_WINDOW:
            yield rows.rows(start, min(end, start + notes))


def batch_of(windows: Sequence[Rows]) -> dict[str, Tensor]:
    """Windows side by side, padded with rows that are not scored."""
    longest = max(len(window) for window in windows)
    batch = {}
    for column in fields(Rows):
        first = getattr(windows[0], column.name)
        table = np.zeros((len(windows), longest, *first.shape[1:]), dtype=first.dtype)
        for place, window in enumerate(windows):
            table[place, : len(window)] = getattr(window, column.name)
        if column.name == "anchors":
            table[table < 0] = PITCHES
        if column.name == "free_roles":
            table[~table.any(-1)] = True
        tensor = torch.from_numpy(table)
        batch[column.name] = tensor.long() if tensor.dtype == torch.int16 else tensor
    return batch


def blinded(rows: Rows) -> Rows:
    """The rows without what matches of the past say."""
    page = {column.name: getattr(rows, column.name).copy() for column in fields(Rows)}
    page["state"][:, -2:] = 0
    nothing = {"gap": GAPS, "role": ROLES, "length": LENGTHS}
    for head, none in nothing.items():
        page[head][:, _MATCHED] = none
    page["length"][:, 10] = LENGTHS
    page["gap"][:, 10:12] = 0
    page["role"][:, 6:8] = 0
    page["pitch"][:, 10:12] = INTERVALS - 1
    page["pitch"][:, 18:20] = 0
    page["candidates"][:, _MATCHED] = PITCHES
    page["length"][:, 17:19] = 0
    return Rows(**page)


def batches(
    pieces: Sequence[Piece], repeats: Sequence[int], plan: Plan, random: np.random.Generator
) -> Iterator[Batch]:
    """Batches without end: all pieces as often as ``repeats`` says, mixed, each time in another view."""
    pool: list[Rows] = []
    while True:
        order = random.permutation(np.repeat(np.arange(len(pieces)), repeats))
        for at in order:
            for window in windows_of(rows_of(drawn_view(pieces[at], plan, random)), plan.notes, random):
                pool.append(blinded(window) if random.random() < plan.blind_share else window)
            while len(pool) >= _POOL + plan.windows:
                chosen = set(random.choice(len(pool), plan.windows, replace=False).tolist())
                drawn = [pool[place] for place in sorted(chosen)]
                pool = [window for place, window in enumerate(pool) if place not in chosen]
                yield batch_of(drawn)


def bits_of(net: EnsembleNet, views: Sequence[View], *, batch_notes: int = 32768) -> list[np.ndarray]:
    """(N, 5) bits of each field of each note, for each view read whole from its beginning; 0 where not scored."""
    net.eval()
    order = sorted(range(len(views)), key=lambda at: -len(views[at].free))
    bits: list[np.ndarray] = [np.zeros((0, 5))] * len(views)
    start = 0
    with torch.no_grad():
        while start < len(order):
            longest = max(1, len(views[order[start]].free))
            chosen = order[start : start + max(1, batch_notes // longest)]
            read = [rows_of(views[at]) for at in chosen]
            losses = net.losses(batch_of(read)).numpy() / math.log(2)
            for place, at in enumerate(chosen):
                bits[at] = losses[place, : len(read[place])]
            start += len(chosen)
    return bits


def mean_bits(bits: Sequence[np.ndarray]) -> np.ndarray:
    """(5,) mean bits of each field over the scored notes: all but the first of each view."""
    table = np.concatenate([part[1:] for part in bits if len(part) > 1])
    return np.asarray(table.mean(0))


def learn(
    net: EnsembleNet,
    pieces: Sequence[Piece],
    repeats: Sequence[int],
    validate: Callable[[EnsembleNet], dict[str, float]],
    plan: Plan,
    folder: Path,
    *,
    seed: int,
    say: Callable[[str], None] = print,
) -> EnsembleNet:
    """Learns until the sitting's time is used; goes on with the sitting that ``folder`` holds.

    The time counts only while it learns. A sitting that was stopped draws new batches when it goes on, so its weights
    are like those of one that was not stopped, not equal to them.

    Returns:
        The running average of the weights at the end.
    """
    folder.mkdir(parents=True, exist_ok=True)
    average = copy.deepcopy(net).eval()
    optimiser = torch.optim.AdamW(
        net.parameters(), lr=plan.learning_rate, weight_decay=plan.weight_decay, betas=(0.9, 0.98)
    )
    state = {"seconds": 0.0, "step": 0.0, "notes": 0.0}
    if (folder / "run.json").exists():
        state = json.loads((folder / "run.json").read_text())
        net.load_state_dict(load_file(folder / "net.safetensors"))
        average.load_state_dict(load_file(folder / "average.safetensors"))
        _restore(optimiser, load_file(folder / "optimiser.safetensors"))
    random = np.random.default_rng([seed, int(state["step"])])
    torch.manual_seed(seed + int(state["step"]))
    use_bfloat16 = torch.backends.cpu.get_cpu_capability().startswith("AVX512")
    validated = saved = told = state["seconds"]
    sums, counted = np.zeros(5), np.zeros(5)
    for batch in batches(pieces, repeats, plan, random):
        began = time.monotonic()
        used = state["seconds"] / plan.seconds
        if used >= 1:
            break
        rate = _rate(plan, used, int(state["step"]))
        for group in optimiser.param_groups:
            group["lr"] = rate
        net.train()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=use_bfloat16):
            losses = net.losses(batch)
        scored = batch["is_scored"].sum((0, 1))
        loss = (losses.sum((0, 1)) * _FIELD_WEIGHT).sum() / scored[0].clamp(min=1)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), plan.clip_norm)
        optimiser.step()
        decay = min(plan.average, (1 + state["step"]) / (10 + state["step"]))
        with torch.no_grad():
            for kept, new in zip(average.parameters(), net.parameters(), strict=True):
                kept.lerp_(new, 1 - decay)
        sums += losses.detach().sum((0, 1)).numpy() / math.log(2)
        counted += scored.numpy()
        state["step"] += 1
        state["notes"] += float(scored[0])
        state["seconds"] += time.monotonic() - began
        if state["seconds"] - told > 60:
            told = state["seconds"]
            means = sums / np.maximum(counted, 1)
            say(json.dumps({**{k: round(v) for k, v in state.items()}, "rate": round(rate, 6)}
                | {"train": [round(float(x), 3) for x in means], "sum": round(float(means[:4].sum()), 3)}))  # fmt: skip
            sums, counted = np.zeros(5), np.zeros(5)
        if state["seconds"] - saved > plan.save_every_seconds:
            saved = state["seconds"]
            _save(folder, net, average, optimiser, state)
        if state["seconds"] - validated > plan.validate_every_seconds:
            validated = state["seconds"]
            say(json.dumps({"valid": validate(average)}))
    _save(folder, net, average, optimiser, state)
    say(json.dumps({"valid at the end": validate(average), "plan": asdict(plan), **state}))
    return average


def _save(
    folder: Path, net: EnsembleNet, average: EnsembleNet, optimiser: torch.optim.Optimizer, state: dict[str, float]
) -> None:
    for name, page in (("net", net), ("average", average)):
        save_file({k: v.contiguous() for k, v in page.state_dict().items()}, folder / f"{name}.new")
    kept = {f"{row}.{n}": x for row, own in optimiser.state_dict()["state"].items() for n, x in own.items()}
    save_file(kept, folder / "optimiser.new")
    (folder / "run.new").write_text(json.dumps(state))
    for name, kind in (
        ("net", "safetensors"),
        ("average", "safetensors"),
        ("optimiser", "safetensors"),
        ("run", "json"),
    ):
        (folder / f"{name}.new").replace(folder / f"{name}.{kind}")


def _restore(optimiser: torch.optim.Optimizer, kept: dict[str, Tensor]) -> None:
    state: dict[int, dict[str, Tensor]] = {}
    for name, tensor in kept.items():
        row, field = name.split(".")
        state.setdefault(int(row), {})[field] = tensor
    optimiser.load_state_dict({"state": state, "param_groups": optimiser.state_dict()["param_groups"]})


def _rate(plan: Plan, used: float, step: int) -> float:
    falling = 0.5 * (1 + math.cos(math.pi * min(1.0, used)))
    rate = plan.last_learning_rate + (plan.learning_rate - plan.last_learning_rate) * falling
    return rate * min(1.0, (step + 1) / plan.warmup_steps)


def net_of(path: Path) -> EnsembleNet:
    """The net of a checkpoint or of a sitting, ready to foretell."""
    card = path.with_suffix(".json")
    net = EnsembleNet(config_of(read_card(card).config) if card.exists() else EnsembleConfig())
    net.load_state_dict({name: tensor.float() for name, tensor in load_file(path).items()})
    return net.eval()
