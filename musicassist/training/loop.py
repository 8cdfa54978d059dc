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
from typing import Any

import torch
from torch import Tensor, nn

from musicassist.errors import CheckpointError, TrainingDataError
from musicassist.learning.pack import Corpus
from musicassist.learning.recipe import NO_PARTS, Nets, Recipe, Schedule, Trainee
from musicassist.models.checkpoints import read_state, write_state
from musicassist.training.processes import Processes

STATE_FILE = "training.safetensors"
TOLD_EVERY = 25  # steps between two lines of progress


@dataclass(frozen=True)
class Progress:
    """What a run tells while it goes on; one JSON line each.

    Attributes:
        step, steps: Optimiser steps done, and in all.
        epoch: From 0.
        unit: Of ``train``.
        train: Mean since the last line.
        valid: Figures on the validation side by name, the one that decides first; at a validation, else None.
        per_second: Speed since the last line, in what ``unit`` counts (notes, say).
    """

    step: int
    steps: int
    epoch: int
    unit: str
    train: float
    valid: dict[str, float] | None
    per_second: float

    def as_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self))


@dataclass
class _Run:
    """Everything that a resumed run needs."""

    trainee: Trainee
    average: nn.Module
    best: dict[str, Tensor]
    optimisers: dict[str, torch.optim.Optimizer]
    step: int = 0
    epoch: int = 0
    batch: int = 0
    best_value: float = math.inf
    best_step: int = 0
    stale: int = 0

    @property
    def model(self) -> nn.Module:
        return self.trainee.model


def train(
    recipe: Recipe,
    corpus: Corpus,
    folder: Path,
    *,
    seed: int,
    on_progress: Callable[[Progress], None],
    device: torch.device,
    begin_with: dict[str, Tensor] | None = None,
    begin_mark: str = "",
    parts: Nets = NO_PARTS,
    processes: Processes | None = None,
    stop_after_steps: int | None = None,
) -> nn.Module:
    """Trains to the recipe's end, or goes on with the run that ``folder`` holds.

    Args:
        recipe: What and how.
        corpus: The packed music.
        folder: Holds the state file of this run.
        seed: Of weights, batches and dropout.
        on_progress: Called about every 25 steps, in this thread.
        device: CPU, or CUDA (then with bfloat16, as on CPUs that have it).
        begin_with: Weights to begin with, of the whole model or of parts of it; None for random ones.
        begin_mark: Tells these weights from others, so that no run goes on with the wrong ones.
        parts: The models that it works with, by their roles.
        processes: The processes that share each batch, where there are several.
        stop_after_steps: Leave the run resumable after that many steps of this call.

    Returns:
        The best weights (running average, lowest validation figure).

    Raises:
        TrainingDataError: The folder's run was made with other music or another recipe.
    """
    group = processes or Processes()
    mark = {"data": corpus.data_hash, "recipe": json.loads(json.dumps(asdict(recipe))), "seed": seed}
    if begin_mark:
        mark["begin"] = begin_mark
    run = _started(recipe, corpus, seed, device, begin_with or {}, parts)
    state_path = folder / STATE_FILE
    if state_path.exists():
        _restore(run, state_path, mark)
    done = 0
    watch = _Watch(run.trainee.unit)
    schedule = recipe.schedule
    for epoch, place, batch in _batches(run):
        if run.step >= schedule.steps or run.stale >= schedule.patience or done == stop_after_steps:
            break
        # dropout is a function of the step, so that a resumed run repeats it
        torch.manual_seed(hash((seed, run.step, group.rank)) % 2**31)
        watch.add(*_step(run, schedule, batch.part(group.rank, group.count).to(device), group))
        run.step, run.epoch, run.batch, done = run.step + 1, epoch, place + 1, done + 1
        is_validation = run.step % schedule.validate_every == 0 or run.step == schedule.steps
        if is_validation:
            valid = run.trainee.validate(run.average)
            _keep_best(run, next(iter(valid.values())))
            if group.is_first:
                _save(run, state_path, mark)
        if group.is_first and (is_validation or run.step % TOLD_EVERY == 0):
            on_progress(watch.progress(run, schedule, valid if is_validation else None))
    if group.is_first:
        _save(run, state_path, mark)
    best = copy.deepcopy(run.model)
    best.load_state_dict(run.best)
    return best.eval()


def _started(
    recipe: Recipe, corpus: Corpus, seed: int, device: torch.device, begin_with: dict[str, Tensor], parts: Nets
) -> _Run:
    torch.manual_seed(seed)
    trainee = recipe.settings.trainee(corpus, seed, parts)
    trainee.model.load_state_dict(begin_with, strict=False)
    trainee.model.to(device)
    average = copy.deepcopy(trainee.model).eval()
    optimisers = {name: _optimiser(part, recipe.schedule) for name, part in trainee.parts().items()}
    return _Run(trainee, average, {k: v.clone() for k, v in trainee.model.state_dict().items()}, optimisers)


def _optimiser(parameters: list[nn.Parameter], schedule: Schedule) -> torch.optim.Optimizer:
    rate, decay = schedule.learning_rate, schedule.weight_decay
    if schedule.optimiser == "sgd":
        return torch.optim.SGD(parameters, lr=rate, momentum=schedule.momentum, weight_decay=decay)
    if schedule.optimiser == "adam":
        return torch.optim.Adam(parameters, lr=rate, betas=schedule.betas)
    return torch.optim.AdamW(parameters, lr=rate, weight_decay=decay, betas=schedule.betas)


def _batches(run: _Run) -> Iterator[tuple[int, int, Any]]:
    epoch, skip = run.epoch, run.batch
    while True:
        for place, batch in enumerate(run.trainee.batches(epoch)):
            if place >= skip:
                yield epoch, place, batch
        epoch, skip = epoch + 1, 0


def _step(run: _Run, schedule: Schedule, batch: Any, group: Processes) -> tuple[float, int]:
    """One step of each part; gives what progress shows, as a sum and a count."""
    rate = _learning_rate(schedule, run.step)
    run.model.train()
    device = next(run.model.parameters()).device
    losses = run.trainee.losses(batch, run.step)
    while True:
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=has_bfloat16(device)):
            part, loss = next(losses, ("", None))
        if loss is None:
            break
        optimiser = run.optimisers[part]
        for parameters in optimiser.param_groups:
            parameters["lr"] = rate
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        own = [parameter for parameters in optimiser.param_groups for parameter in parameters["params"]]
        group.share_gradients(own, run.trainee.told()[1])
        torch.nn.utils.clip_grad_norm_(own, schedule.clip_norm)
        optimiser.step()
    decay = min(schedule.average, (1 + run.step) / (10 + run.step))
    for kept, new in zip(run.average.parameters(), run.model.parameters(), strict=True):
        kept.data.lerp_(new.data, 1 - decay)
    for kept, new in zip(run.average.buffers(), run.model.buffers(), strict=True):
        kept.data.copy_(new.data)
    return run.trainee.told()


def has_bfloat16(device: torch.device) -> bool:
    """Whether nets train in bfloat16 there: on CUDA, and on processors with AVX-512; oneDNN's LSTM refuses others."""
    return device.type == "cuda" or torch.backends.cpu.get_cpu_capability().startswith("AVX512")


def _learning_rate(schedule: Schedule, step: int) -> float:
    if step < schedule.warmup_steps:
        return schedule.learning_rate * (step + 1) / schedule.warmup_steps
    share = (step - schedule.warmup_steps) / max(1, schedule.steps - schedule.warmup_steps)
    cosine = 0.5 * (1 + math.cos(math.pi * min(1.0, share)))
    return schedule.last_learning_rate + (schedule.learning_rate - schedule.last_learning_rate) * cosine


def _keep_best(run: _Run, value: float) -> None:
    if value < run.best_value:
        run.best_value, run.best_step, run.stale = value, run.step, 0
        run.best = {name: tensor.clone() for name, tensor in run.average.state_dict().items()}
    else:
        run.stale += 1


class _Watch:
    """What progress shows and the speed since the last line."""

    def __init__(self, unit: str) -> None:
        self._unit = unit
        self._sum, self._count, self._since_seconds = 0.0, 0, time.monotonic()

    def add(self, total: float, count: int) -> None:
        self._sum += total
        self._count += count

    def progress(self, run: _Run, schedule: Schedule, valid: dict[str, float] | None) -> Progress:
        now_seconds = time.monotonic()
        speed = self._count / max(1e-9, now_seconds - self._since_seconds)
        mean = self._sum / max(1, self._count)
        line = Progress(run.step, schedule.steps, run.epoch, self._unit, mean, valid, speed)
        self._sum, self._count, self._since_seconds = 0.0, 0, now_seconds
        return line


def _save(run: _Run, path: Path, mark: dict[str, object]) -> None:
    tensors = {f"model.{name}": t for name, t in run.model.state_dict().items()}
    tensors |= {f"average.{name}": t for name, t in run.average.state_dict().items()}
    tensors |= {f"best.{name}": t for name, t in run.best.items()}
    for part, optimiser in run.optimisers.items():
        for row, state in optimiser.state_dict()["state"].items():
            kept = {name: t for name, t in state.items() if t is not None}
            tensors |= {f"optimiser.{part}.{row}.{name}": t for name, t in kept.items()}
    counters = {name: getattr(run, name) for name in ("step", "epoch", "batch", "best_value", "best_step", "stale")}
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
    for name, optimiser in run.optimisers.items():
        state: dict[int, dict[str, Tensor]] = {}
        for key, tensor in part(f"optimiser.{name}.").items():
            row, field = key.split(".", 1)
            state.setdefault(int(row), {})[field] = tensor
        optimiser.load_state_dict({"state": state, "param_groups": optimiser.state_dict()["param_groups"]})
    counters = page["run"]
    assert isinstance(counters, dict)
    for name, value in counters.items():
        setattr(run, name, value)
