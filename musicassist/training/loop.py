"""The training loop: batches in, a state file after every validation, the best weights at the end.

A run that is killed at any point and started again with the same folder goes on from its last state file and, on one
machine with equal threads, gives bit-equal weights to a run without the interruption.

Several processes may train one model together, as ``torchrun`` starts them: each reads its part of every batch.

Source: synchronous data parallelism, Li et al. 2020, "PyTorch Distributed: Experiences on Accelerating Data Parallel
Training".
"""

from __future__ import annotations

import copy
import json
import math
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn

from musicassist.errors import CheckpointError, TrainingDataError
from musicassist.learning.pack import Corpus
from musicassist.learning.recipe import Nets, Recipe, Schedule, Trainee
from musicassist.models.checkpoints import read_state, write_state

T = TypeVar("T")
STATE_FILE = "training.safetensors"
TOLD_EVERY = 25  # steps between two lines of progress
_COUNTERS = ("step", "epoch", "batch", "best_value", "best_step", "stale")


@dataclass(frozen=True)
class Processes:
    """This process's place among them; alone by default.

    Attributes:
        rank: Its number, from 0.
        count: How many there are.
    """

    rank: int = 0
    count: int = 1

    @property
    def is_first(self) -> bool:
        """Whether it is the one that tells, saves and writes."""
        return self.rank == 0

    def share_gradients(self, parameters: Sequence[nn.Parameter], weight: int) -> None:
        """Puts the mean of all processes' gradients in the place of one's own, each counting by its ``weight``."""
        if self.count == 1:
            return
        device = parameters[0].device
        weights = torch.tensor(float(weight), device=device)
        own = float(weight)
        dist.all_reduce(weights)
        for parameter in parameters:
            gradient = parameter.grad if parameter.grad is not None else torch.zeros_like(parameter)
            gradient.mul_(own)
            dist.all_reduce(gradient)
            parameter.grad = gradient.div_(weights.clamp(min=1e-9))

    def first_alone(self, work: Callable[[], T]) -> T:
        """Does the work in the first process, then in all others."""
        if self.count == 1:
            return work()
        if not self.is_first:
            dist.barrier()
        done = work()
        if self.is_first:
            dist.barrier()
        return done


def own_device() -> torch.device:
    """The GPU of this process, or the processor."""
    if not torch.cuda.is_available():
        return torch.device("cpu")
    device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
    torch.cuda.set_device(device)
    return device


def join_processes(device: torch.device) -> Processes:
    """Joins the group that ``torchrun`` describes in the environment; without one, this process is alone."""
    count = int(os.environ.get("WORLD_SIZE", "1"))
    if count == 1:
        return Processes()
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    return Processes(dist.get_rank(), count)


def leave_processes() -> None:
    """Ends the group, if there is one."""
    if dist.is_initialized():
        dist.destroy_process_group()


@dataclass(frozen=True)
class Training:
    """What is trained, on what, and where.

    Attributes:
        recipe: What and how.
        corpus: The packed music.
        folder: Holds the state file of this run.
        seed: Of weights, batches and dropout.
        device: CPU, or CUDA (then with bfloat16, as on CPUs that have it).
        parts: The models that the model works with, by their roles.
        begin_with: Weights to begin with, of the whole model or of parts of it; without any, random ones.
        begin_mark: Tells these weights from others, so that no run goes on with the wrong ones.
        processes: Which of those it is that share each batch, where there are several.
    """

    recipe: Recipe
    corpus: Corpus
    folder: Path
    seed: int
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    parts: Nets = field(default_factory=dict)
    begin_with: dict[str, Tensor] = field(default_factory=dict)
    begin_mark: str = ""
    processes: Processes = field(default_factory=Processes)

    @property
    def mark(self) -> dict[str, object]:
        """What a state file must bear to be gone on with."""
        mark = {
            "data": self.corpus.data_hash,
            "recipe": json.loads(json.dumps(asdict(self.recipe))),
            "seed": self.seed,
        }
        return {**mark, "begin": self.begin_mark} if self.begin_mark else mark


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


def train(
    training: Training, on_progress: Callable[[Progress], None], *, stop_after_steps: int | None = None
) -> nn.Module:
    """Trains to the recipe's end, or goes on with the run that the folder holds.

    Args:
        training: What is trained.
        on_progress: Called about every 25 steps, in this thread.
        stop_after_steps: Leave the run resumable after that many steps of this call.

    Returns:
        The best weights (running average, lowest validation figure).

    Raises:
        TrainingDataError: The folder's run was made with other music or another recipe.
    """
    run, schedule, watch = _Run.begun(training), training.recipe.schedule, _Watch()
    is_first = training.processes.is_first
    done = 0
    for epoch, place, batch in run.batches():
        if run.step >= schedule.steps or run.stale >= schedule.patience or done == stop_after_steps:
            break
        watch.add(*run.learn(batch))
        run.average_weights()
        run.step, run.epoch, run.batch, done = run.step + 1, epoch, place + 1, done + 1
        valid = run.validated() if run.step % schedule.validate_every == 0 or run.step == schedule.steps else None
        if valid is not None and is_first:
            run.save()
        if is_first and (valid is not None or run.step % TOLD_EVERY == 0):
            on_progress(watch.progress(run, valid))
    if is_first:
        run.save()
    best = copy.deepcopy(run.model)
    best.load_state_dict(run.best)
    return best.eval()


class _Run:
    """A training as far as it has come; its state file holds everything that a resumed run needs."""

    def __init__(self, training: Training, trainee: Trainee) -> None:
        self.training = training
        self.schedule = training.recipe.schedule
        self.trainee = trainee
        self.model = trainee.model
        self.average = copy.deepcopy(trainee.model).eval()
        self.best = {name: tensor.clone() for name, tensor in trainee.model.state_dict().items()}
        self.optimisers = {name: _optimiser(part, self.schedule) for name, part in trainee.parts().items()}
        self.step = self.epoch = self.batch = self.best_step = self.stale = 0
        self.best_value = math.inf

    @staticmethod
    def begun(training: Training) -> _Run:
        """A new run, or the one that the folder holds."""
        torch.manual_seed(training.seed)
        trainee = training.recipe.settings.trainee(training.corpus, training.seed, training.parts)
        trainee.model.load_state_dict(training.begin_with, strict=False)
        trainee.model.to(training.device)
        run = _Run(training, trainee)
        if run.state_path.exists():
            run.restore()
        return run

    @property
    def state_path(self) -> Path:
        return self.training.folder / STATE_FILE

    def batches(self) -> Iterator[tuple[int, int, Any]]:
        """Epoch, place in it and batch, from where the run stands."""
        epoch, skip = self.epoch, self.batch
        while True:
            for place, batch in enumerate(self.trainee.batches(epoch)):
                if place >= skip:
                    yield epoch, place, batch
            epoch, skip = epoch + 1, 0

    def learn(self, batch: Any) -> tuple[float, int]:
        """One step of each part; gives what progress shows, as a sum and a count."""
        group, device = self.training.processes, self.training.device
        # dropout is a function of the step, so that a resumed run repeats it
        torch.manual_seed(hash((self.training.seed, self.step, group.rank)) % 2**31)
        self.model.train()
        losses = self.trainee.losses(batch.part(group.rank, group.count).to(device), self.step)
        while True:
            with torch.autocast(device.type, dtype=torch.bfloat16, enabled=has_bfloat16(device)):
                part, loss = next(losses, ("", None))
            if loss is None:
                return self.trainee.told()
            self._descend(self.optimisers[part], loss)

    def _descend(self, optimiser: torch.optim.Optimizer, loss: Tensor) -> None:
        """Moves the weights of one part."""
        rate = _learning_rate(self.schedule, self.step)
        for parameters in optimiser.param_groups:
            parameters["lr"] = rate
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        own = [parameter for parameters in optimiser.param_groups for parameter in parameters["params"]]
        self.training.processes.share_gradients(own, self.trainee.told()[1])
        torch.nn.utils.clip_grad_norm_(own, self.schedule.clip_norm)
        optimiser.step()

    def average_weights(self) -> None:
        """Lets the running average follow; early, before there is much to average, it follows faster."""
        decay = min(self.schedule.average, (1 + self.step) / (10 + self.step))
        for kept, new in zip(self.average.parameters(), self.model.parameters(), strict=True):
            kept.data.lerp_(new.data, 1 - decay)
        for kept, new in zip(self.average.buffers(), self.model.buffers(), strict=True):
            kept.data.copy_(new.data)

    def validated(self) -> dict[str, float]:
        """The figures of the average, which is kept if it is the best so far."""
        valid = self.trainee.validate(self.average)
        value = next(iter(valid.values()))
        if value < self.best_value:
            self.best_value, self.best_step, self.stale = value, self.step, 0
            self.best = {name: tensor.clone() for name, tensor in self.average.state_dict().items()}
        else:
            self.stale += 1
        return valid

    def save(self) -> None:
        tensors = {f"model.{name}": t for name, t in self.model.state_dict().items()}
        tensors |= {f"average.{name}": t for name, t in self.average.state_dict().items()}
        tensors |= {f"best.{name}": t for name, t in self.best.items()}
        for part, optimiser in self.optimisers.items():
            for row, state in optimiser.state_dict()["state"].items():
                kept = {name: t for name, t in state.items() if t is not None}
                tensors |= {f"optimiser.{part}.{row}.{name}": t for name, t in kept.items()}
        page: dict[str, object] = {"mark": self.training.mark, "run": {name: getattr(self, name) for name in _COUNTERS}}
        write_state(self.state_path, {name: t.detach().clone() for name, t in tensors.items()}, page)

    def restore(self) -> None:
        folder = self.training.folder
        try:
            tensors, page = read_state(self.state_path)
        except CheckpointError as error:
            raise TrainingDataError(
                "The run in {folder} is damaged and cannot go on. Choose another folder for a new run.", folder=folder
            ) from error
        if page.get("mark") != self.training.mark:
            raise TrainingDataError(
                "The run in {folder} was begun with other music, steps, recipe or seed. Choose another folder.",
                folder=folder,
            )

        def part(prefix: str) -> dict[str, Tensor]:
            return {name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)}

        self.model.load_state_dict(part("model."))
        self.average.load_state_dict(part("average."))
        self.best = part("best.")
        for name, optimiser in self.optimisers.items():
            state: dict[int, dict[str, Tensor]] = {}
            for key, tensor in part(f"optimiser.{name}.").items():
                row, what = key.split(".", 1)
                state.setdefault(int(row), {})[what] = tensor
            optimiser.load_state_dict({"state": state, "param_groups": optimiser.state_dict()["param_groups"]})
        counters = page["run"]
        assert isinstance(counters, dict)
        for name, value in counters.items():
            setattr(self, name, value)


def _optimiser(parameters: list[nn.Parameter], schedule: Schedule) -> torch.optim.Optimizer:
    rate, decay = schedule.learning_rate, schedule.weight_decay
    if schedule.optimiser == "sgd":
        return torch.optim.SGD(parameters, lr=rate, momentum=schedule.momentum, weight_decay=decay)
    if schedule.optimiser == "adam":
        return torch.optim.Adam(parameters, lr=rate, betas=schedule.betas)
    return torch.optim.AdamW(parameters, lr=rate, weight_decay=decay, betas=schedule.betas)


def has_bfloat16(device: torch.device) -> bool:
    """Whether nets train in bfloat16 there: on CUDA, and on processors with AVX-512; oneDNN's LSTM refuses others."""
    return device.type == "cuda" or torch.backends.cpu.get_cpu_capability().startswith("AVX512")


def _learning_rate(schedule: Schedule, step: int) -> float:
    if step < schedule.warmup_steps:
        return schedule.learning_rate * (step + 1) / schedule.warmup_steps
    share = (step - schedule.warmup_steps) / max(1, schedule.steps - schedule.warmup_steps)
    cosine = 0.5 * (1 + math.cos(math.pi * min(1.0, share)))
    return schedule.last_learning_rate + (schedule.learning_rate - schedule.last_learning_rate) * cosine


class _Watch:
    """What progress shows and the speed since the last line."""

    def __init__(self) -> None:
        self._sum, self._count, self._since_seconds = 0.0, 0, time.monotonic()

    def add(self, total: float, count: int) -> None:
        self._sum += total
        self._count += count

    def progress(self, run: _Run, valid: dict[str, float] | None) -> Progress:
        now_seconds = time.monotonic()
        speed = self._count / max(1e-9, now_seconds - self._since_seconds)
        mean = self._sum / max(1, self._count)
        line = Progress(run.step, run.schedule.steps, run.epoch, run.trainee.unit, mean, valid, speed)
        self._sum, self._count, self._since_seconds = 0.0, 0, now_seconds
        return line
