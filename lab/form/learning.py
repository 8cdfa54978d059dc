"""The loop that teaches the net: it goes on where it was stopped, and its average lies on disk at any time."""

from __future__ import annotations

import copy
import json
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from lab.form.batches import (
    ALL_TOLD,
    HARMONY_TOLD,
    NOTHING_TOLD,
    PLAN_TOLD,
    Dropout,
    gather,
    training_batches,
    windows_at,
)
from lab.form.net import FormModel
from lab.form.shards import FormPack, read_shards, shard_paths
from musicassist.learning.batches import Batch, note_losses

_VALID_NOTES = 16384  # of a batch
_VALID_EVERY = 3  # melodies; at the end all are read
_DECIDES = "nothing told"


@dataclass(frozen=True)
class Plan:
    """How a sitting learns.

    Attributes:
        seconds: For which it learns; the rate falls with the time that was used.
        notes, batch_notes: Of a window and of a batch.
        other_share: Of lines that are no melodies, in each reading.
        learning_rate, last_learning_rate: From and to, as a half cosine behind ``warmup_steps``.
        average: Decay of the running average that is kept.
        dropout: What is hidden.
    """

    seconds: float = 5100.0
    notes: int = 128
    batch_notes: int = 4096
    other_share: float = 0.7
    learning_rate: float = 1.2e-3
    last_learning_rate: float = 1e-5
    warmup_steps: int = 60
    weight_decay: float = 0.05
    clip_norm: float = 1.0
    velocity_weight: float = 0.1
    average: float = 0.997
    validate_every_seconds: float = 600.0
    save_every_seconds: float = 180.0
    dropout: Dropout = field(default_factory=Dropout)


def uses_bfloat16() -> bool:
    """Whether this processor multiplies such numbers faster."""
    return torch.backends.cpu.get_cpu_capability().startswith("AVX512")


@torch.no_grad()
def bits_of(net: FormModel, pack: FormPack, dropout: Dropout, lines: np.ndarray) -> np.ndarray:
    """(notes, 4) bits of each field of each note of some lines, each read whole from its start."""
    net.eval()
    lengths = np.diff(pack.first_row)[lines]
    order = np.argsort(-lengths, kind="stable")
    random = np.random.default_rng(0)
    found: list[np.ndarray] = []
    start = 0
    while start < len(order):
        chosen = order[start : start + max(1, _VALID_NOTES // int(lengths[order[start]]))]
        rows, mask = windows_at(pack.first_row[lines[chosen]], lengths[chosen])
        losses = torch.stack(note_losses(net, gather(pack.rows, rows, mask, dropout, random)), -1).numpy()
        found.append(losses[mask] / math.log(2))
        start += len(chosen)
    return np.concatenate(found)


def validated(net: FormModel, pack: FormPack, *, every: int = 1) -> dict[str, object]:
    """Bits per note, over gap, pitch and duration: of all melodies, then of those with something beneath.

    Args:
        net: What foretells.
        pack: The valid side.
        every: Of so many melodies one is read.
    """
    melodies = np.flatnonzero(pack.is_melody)[::every]
    heard = melodies[pack.has_harmony[melodies]]
    page: dict[str, object] = {}
    for name, dropout, lines in (
        (_DECIDES, NOTHING_TOLD, melodies),
        ("plan told", PLAN_TOLD, melodies),
        ("with harmony, not told", NOTHING_TOLD, heard),
        ("with harmony, told", HARMONY_TOLD, heard),
        ("all told", ALL_TOLD, heard),
    ):
        fields = bits_of(net, pack, dropout, lines)[:, :3].mean(0)
        page[name] = round(float(fields.sum()), 4)
        page[f"{name}: fields"] = [round(float(x), 3) for x in fields]
    return page


def learn(net: FormModel, data: Path, plan: Plan, folder: Path, *, seed: int, say: Callable[[str], None]) -> None:
    """Learns until the sitting's time is used, and goes on with the sitting that ``folder`` holds.

    The time counts only while it learns. ``best.safetensors`` has the average that was best on the valid melodies with
    nothing told, ``average.safetensors`` the newest one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    average = copy.deepcopy(net).eval()
    optimiser = torch.optim.AdamW(
        net.parameters(), lr=plan.learning_rate, weight_decay=plan.weight_decay, betas=(0.9, 0.98)
    )
    state = {"seconds": 0.0, "step": 0.0, "notes": 0.0, "best": math.inf}
    if (folder / "run.json").exists():
        state = json.loads((folder / "run.json").read_text())
        net.load_state_dict(load_file(folder / "net.safetensors"))
        average.load_state_dict(load_file(folder / "average.safetensors"))
        _restore(optimiser, load_file(folder / "optimiser.safetensors"))
    valid = read_shards(shard_paths(data, "valid"))

    def validate(every: int) -> None:
        page = validated(average, valid, every=every)
        say(json.dumps({"valid": page}))
        bits = float(str(page[_DECIDES]))
        if every > 1 and bits < state["best"]:
            state["best"] = bits
            _write(average.state_dict(), folder / "best.safetensors")

    saved = told = last_validated = state["seconds"]
    sums, counted = np.zeros(4), 0.0
    for batch in _batches(data, plan, np.random.default_rng([seed, int(state["step"])]), say):
        began = time.monotonic()
        used = state["seconds"] / plan.seconds
        if used >= 1:
            break
        rate = _rate(plan, used, int(state["step"]))
        losses = _step(net, average, optimiser, batch, plan, rate, int(state["step"]))
        count = float(batch.mask.sum())
        sums += losses / math.log(2)
        counted += count
        state["step"] += 1
        state["notes"] += count
        state["seconds"] += time.monotonic() - began
        if state["seconds"] - told > 60:
            told = state["seconds"]
            means = sums / counted
            fields = [round(float(x), 3) for x in means]
            page = {"seconds": round(told), "step": int(state["step"]), "notes": int(state["notes"])}
            say(json.dumps(page | {"rate": round(rate, 6), "train": fields, "sum": round(float(means[:3].sum()), 3)}))
            sums, counted = np.zeros(4), 0.0
        if state["seconds"] - last_validated > plan.validate_every_seconds:
            last_validated = state["seconds"]
            validate(_VALID_EVERY)
        if state["seconds"] - saved > plan.save_every_seconds:
            saved = state["seconds"]
            _save(folder, net, average, optimiser, state)
    validate(_VALID_EVERY)
    validate(1)
    _save(folder, net, average, optimiser, state)
    say(json.dumps({"done": state, "plan": asdict(plan)}))


def _batches(data: Path, plan: Plan, random: np.random.Generator, say: Callable[[str], None]) -> Iterator[Batch]:
    """Batches without end; what has been packed meanwhile is read from the next reading on."""
    known: list[Path] = []
    pack: FormPack | None = None
    while True:
        paths = shard_paths(data, "train")
        if pack is None or paths != known:
            known, pack = paths, read_shards(paths)
            say(json.dumps({"lines": len(pack), "melodies": int(pack.is_melody.sum()), "rows": len(pack.rows)}))
        yield from training_batches(
            pack,
            notes=plan.notes,
            batch_notes=plan.batch_notes,
            other_share=plan.other_share,
            dropout=plan.dropout,
            random=random,
        )


def _step(
    net: FormModel,
    average: FormModel,
    optimiser: torch.optim.Optimizer,
    batch: Batch,
    plan: Plan,
    rate: float,
    step: int,
) -> np.ndarray:
    """One step; gives the nats of each field, summed over the notes."""
    for group in optimiser.param_groups:
        group["lr"] = rate
    net.train()
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=uses_bfloat16()):
        losses = torch.stack([own.sum() for own in note_losses(net, batch)])
    music = losses[:3].sum() + plan.velocity_weight * losses[3]
    optimiser.zero_grad(set_to_none=True)
    (music / batch.mask.sum().clamp(min=1)).backward()
    torch.nn.utils.clip_grad_norm_(net.parameters(), plan.clip_norm)
    optimiser.step()
    decay = min(plan.average, (1 + step) / (10 + step))
    with torch.no_grad():
        for kept, new in zip(average.parameters(), net.parameters(), strict=True):
            kept.lerp_(new, 1 - decay)
    return losses.detach().float().numpy()


def _write(tensors: dict[str, Tensor], path: Path) -> None:
    unfinished = path.with_suffix(".new")
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, unfinished)
    unfinished.replace(path)


def _save(
    folder: Path, net: FormModel, average: FormModel, optimiser: torch.optim.Optimizer, state: dict[str, float]
) -> None:
    _write(net.state_dict(), folder / "net.safetensors")
    _write(average.state_dict(), folder / "average.safetensors")
    kept = {f"{row}.{n}": x for row, own in optimiser.state_dict()["state"].items() for n, x in own.items()}
    _write(kept, folder / "optimiser.safetensors")
    unfinished = folder / "run.new"
    unfinished.write_text(json.dumps(state))
    unfinished.replace(folder / "run.json")


def _restore(optimiser: torch.optim.Optimizer, kept: dict[str, Tensor]) -> None:
    state: dict[int, dict[str, Tensor]] = {}
    for name, tensor in kept.items():
        row, own = name.split(".")
        state.setdefault(int(row), {})[own] = tensor
    optimiser.load_state_dict({"state": state, "param_groups": optimiser.state_dict()["param_groups"]})


def _rate(plan: Plan, used: float, step: int) -> float:
    falling = 0.5 * (1 + math.cos(math.pi * min(1.0, used)))
    rate = plan.last_learning_rate + (plan.learning_rate - plan.last_learning_rate) * falling
    return rate * min(1.0, (step + 1) / plan.warmup_steps)
