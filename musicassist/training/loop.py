"""The training loop: batches in, a state file after every validation, the best weights at the end.

A run that is killed at any point and started again with the same folder goes on from its last state file and, on one
machine with equal threads, gives bit-equal weights to a run without the interruption.
"""

from __future__ import annotations

import copy
import json
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from musicassist.errors import CheckpointError, TrainingDataError
from musicassist.models.recurrent import RecurrentModel
from musicassist.models.state_file import read_state, write_state
from musicassist.training.batches import (
    HIDE_ALL_CONDITIONS,
    HIDE_FUTURE,
    Batch,
    Dropout,
    gather,
    hide,
    training_batches,
)
from musicassist.training.pack import Corpus, Pack
from musicassist.training.recipes import Recipe

STATE_FILE = "training.safetensors"
_FIELDS = ("gap", "interval", "duration", "velocity")


@dataclass(frozen=True)
class Progress:
    """What a run tells while it goes on; one JSON line each.

    Attributes:
        step, steps: Optimiser steps done, and in all.
        epoch: From 0.
        train_bits: Bits per note (gap, pitch and duration), mean since the last line.
        valid_bits: The same on the validation side with key and style known, at a validation; else None.
        valid_bits_plain: And with no condition known.
        notes_per_second: Speed since the last line.
    """

    step: int
    steps: int
    epoch: int
    train_bits: float
    valid_bits: float | None
    valid_bits_plain: float | None
    notes_per_second: float

    def as_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self))


@dataclass
class _Run:
    """Everything that a resumed run needs."""

    model: RecurrentModel
    average: RecurrentModel
    best: dict[str, Tensor]
    optimiser: torch.optim.AdamW
    step: int = 0
    epoch: int = 0
    batch: int = 0
    best_bits: float = math.inf
    best_step: int = 0
    stale: int = 0


def note_losses(model: RecurrentModel, batch: Batch) -> list[Tensor]:
    """For each field the loss of each note in nats, (B, T); padding is 0."""
    logits = model(batch.state, batch.columns, batch.numbers, batch.head_numbers)
    losses = []
    for place, own in enumerate(logits):
        loss = functional.cross_entropy(own.flatten(0, 1), batch.target[..., place].flatten(), reduction="none")
        losses.append(loss.view(batch.mask.shape) * batch.mask)
    return losses


@torch.no_grad()
def melody_bits(model: RecurrentModel, pack: Pack, dropout: Dropout, *, batch_notes: int = 16384) -> list[np.ndarray]:
    """Bits of each field of each note, (notes, 4), for each melody of a side, each read whole from its start."""
    model.eval()
    lines = np.flatnonzero(pack.is_melody)
    lengths = np.diff(pack.first_row)[lines]
    order = np.argsort(-lengths, kind="stable")
    bits: list[np.ndarray] = [np.zeros((0, 4))] * len(lines)
    start = 0
    while start < len(order):
        chosen = order[start : start + max(1, batch_notes // int(lengths[order[start]]))]
        batch = gather(pack.columns, pack.first_row[lines[chosen]], lengths[chosen])
        batch = hide(batch, dropout, np.random.default_rng(0))
        losses = torch.stack(note_losses(model, batch.to(next(model.parameters()).device)), -1).cpu().numpy()
        for row, place in enumerate(chosen):
            bits[place] = losses[row, : lengths[place]] / math.log(2)
        start += len(chosen)
    return bits


def mean_bits_per_note(bits: list[np.ndarray]) -> float:
    """Bits per note over gap, pitch and duration, every note counting once."""
    return float(np.concatenate(bits)[:, :3].sum(1).mean())


def train(
    recipe: Recipe,
    corpus: Corpus,
    folder: Path,
    *,
    seed: int,
    on_progress: Callable[[Progress], None],
    device: torch.device,
    stop_after_steps: int | None = None,
) -> RecurrentModel:
    """Trains to the recipe's end, or goes on with the run that ``folder`` holds.

    Args:
        recipe: What and how.
        corpus: The packed music.
        folder: Holds the state file of this run.
        seed: Of weights, batches and dropout.
        on_progress: Called about every 25 steps, in this thread.
        device: CPU, or CUDA (then with bfloat16, as on CPUs that have it).
        stop_after_steps: Leave the run resumable after that many steps of this call.

    Returns:
        The best weights (running average, lowest validation bits).

    Raises:
        TrainingDataError: The folder's run was made with other music or another recipe.
    """
    mark = {"data": corpus.data_hash, "recipe": json.loads(json.dumps(asdict(recipe))), "seed": seed}
    run = _started(recipe, seed, device)
    state_path = folder / STATE_FILE
    if state_path.exists():
        _restore(run, state_path, mark)
    done = 0
    watch = _Watch()
    for epoch, place, batch in _batches(run, recipe, corpus.sides["train"], seed):
        if run.step >= recipe.steps or run.stale >= recipe.patience or done == stop_after_steps:
            break
        torch.manual_seed(hash((seed, run.step)) % 2**31)  # dropout is a function of the step: a resumed run repeats it
        watch.add(_step(run, recipe, batch.to(device)), int(batch.mask.sum()))
        run.step, run.epoch, run.batch, done = run.step + 1, epoch, place + 1, done + 1
        if run.step % recipe.validate_every == 0 or run.step == recipe.steps:
            plain = mean_bits_per_note(melody_bits(run.average, corpus.sides["valid"], HIDE_ALL_CONDITIONS))
            known = mean_bits_per_note(melody_bits(run.average, corpus.sides["valid"], HIDE_FUTURE))
            _keep_best(run, (plain + known) / 2)
            _save(run, state_path, mark)
            on_progress(watch.progress(run, recipe, known, plain))
        elif run.step % 25 == 0:
            on_progress(watch.progress(run, recipe, None, None))
    _save(run, state_path, mark)
    best = copy.deepcopy(run.model)
    best.load_state_dict(run.best)
    return best.eval()


def _started(recipe: Recipe, seed: int, device: torch.device) -> _Run:
    torch.manual_seed(seed)
    model = RecurrentModel(recipe.config).to(device)
    average = copy.deepcopy(model).eval()
    optimiser = torch.optim.AdamW(
        model.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay, betas=(0.9, 0.98)
    )
    return _Run(model, average, {k: v.clone() for k, v in model.state_dict().items()}, optimiser)


def _batches(run: _Run, recipe: Recipe, pack: Pack, seed: int) -> Iterator[tuple[int, int, Batch]]:
    epoch, skip = run.epoch, run.batch
    while True:
        batches = training_batches(
            pack,
            notes=recipe.notes,
            batch_notes=recipe.batch_notes,
            other_share=recipe.other_share,
            dropout=recipe.dropout,
            seed=seed,
            epoch=epoch,
        )
        for place, batch in enumerate(batches):
            if place >= skip:
                yield epoch, place, batch
        epoch, skip = epoch + 1, 0


def _step(run: _Run, recipe: Recipe, batch: Batch) -> float:
    """One optimiser step; gives the bits of all notes of the batch."""
    for group in run.optimiser.param_groups:
        group["lr"] = _learning_rate(recipe, run.step)
    run.model.train()
    with torch.autocast(batch.state.device.type, dtype=torch.bfloat16):
        losses = note_losses(run.model, batch)
    notes = batch.mask.sum()
    music = torch.stack(losses[:3]).sum()
    loss = (music + recipe.velocity_weight * losses[3].sum()) / notes
    run.optimiser.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(run.model.parameters(), recipe.clip_norm)
    run.optimiser.step()
    decay = min(recipe.average, (1 + run.step) / (10 + run.step))
    for kept, new in zip(run.average.parameters(), run.model.parameters(), strict=True):
        kept.data.lerp_(new.data, 1 - decay)
    return float(music.detach()) / math.log(2)


def _learning_rate(recipe: Recipe, step: int) -> float:
    if step < recipe.warmup_steps:
        return recipe.learning_rate * (step + 1) / recipe.warmup_steps
    share = (step - recipe.warmup_steps) / max(1, recipe.steps - recipe.warmup_steps)
    cosine = 0.5 * (1 + math.cos(math.pi * min(1.0, share)))
    return recipe.last_learning_rate + (recipe.learning_rate - recipe.last_learning_rate) * cosine


def _keep_best(run: _Run, bits: float) -> None:
    if bits < run.best_bits:
        run.best_bits, run.best_step, run.stale = bits, run.step, 0
        run.best = {name: tensor.clone() for name, tensor in run.average.state_dict().items()}
    else:
        run.stale += 1


class _Watch:
    """Bits and speed since the last line."""

    def __init__(self) -> None:
        self._bits, self._notes, self._since_seconds = 0.0, 0, time.monotonic()

    def add(self, bits: float, notes: int) -> None:
        self._bits += bits
        self._notes += notes

    def progress(self, run: _Run, recipe: Recipe, valid: float | None, plain: float | None) -> Progress:
        now_seconds = time.monotonic()
        speed = self._notes / max(1e-9, now_seconds - self._since_seconds)
        line = Progress(run.step, recipe.steps, run.epoch, self._bits / max(1, self._notes), valid, plain, speed)
        self._bits, self._notes, self._since_seconds = 0.0, 0, now_seconds
        return line


def _save(run: _Run, path: Path, mark: dict[str, object]) -> None:
    tensors = {f"model.{name}": t for name, t in run.model.state_dict().items()}
    tensors |= {f"average.{name}": t for name, t in run.average.state_dict().items()}
    tensors |= {f"best.{name}": t for name, t in run.best.items()}
    for row, state in run.optimiser.state_dict()["state"].items():
        tensors |= {f"optimiser.{row}.{name}": t for name, t in state.items()}
    counters = {name: getattr(run, name) for name in ("step", "epoch", "batch", "best_bits", "best_step", "stale")}
    write_state(path, {name: t.detach().clone() for name, t in tensors.items()}, {"mark": mark, "run": counters})


def _restore(run: _Run, path: Path, mark: dict[str, object]) -> None:
    try:
        tensors, page = read_state(path)
    except CheckpointError as error:
        raise TrainingDataError(
            "The run in {folder} is damaged and cannot go on. Choose another folder for a new run.", folder=path.parent
        ) from error
    if page.get("mark") != mark:
        raise TrainingDataError(
            "The run in {folder} was begun with other music, steps, recipe or seed. Choose another folder.",
            folder=path.parent,
        )

    def part(prefix: str) -> dict[str, Tensor]:
        return {name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)}

    run.model.load_state_dict(part("model."))
    run.average.load_state_dict(part("average."))
    run.best = part("best.")
    state: dict[int, dict[str, Tensor]] = {}
    for name, tensor in part("optimiser.").items():
        row, key = name.split(".", 1)
        state.setdefault(int(row), {})[key] = tensor
    run.optimiser.load_state_dict({"state": state, "param_groups": run.optimiser.state_dict()["param_groups"]})
    counters = page["run"]
    assert isinstance(counters, dict)
    for name, value in counters.items():
        setattr(run, name, value)
