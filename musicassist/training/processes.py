"""Several processes that train one model together, as ``torchrun`` starts them: each reads its part of every batch.

Source: synchronous data parallelism, Li et al. 2020, "PyTorch Distributed: Experiences on Accelerating Data Parallel
Training".
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import torch
import torch.distributed as dist
from torch import nn

T = TypeVar("T")


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
