"""Processes that share a batch come to the gradients of one that reads all of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.distributed as dist
import torch.multiprocessing as mp

from corpora import small_corpus, write_loose_folder
from musicassist.families.recurrent.learning import MelodySettings, MelodyTrainee, melody_config
from musicassist.learning.batches import Batch, Dropout, training_batches
from musicassist.learning.recipe import NO_PARTS
from musicassist.training.loop import Processes, join_processes

SETTINGS = MelodySettings(melody_config("lstm", 16, head_hidden=16), notes=16, batch_notes=160)


def a_trainee() -> MelodyTrainee:
    torch.manual_seed(1)
    trainee = SETTINGS.trainee(small_corpus(), 4, NO_PARTS)
    trainee.model.eval()  # dropout off, which each process would draw for itself
    return trainee


def a_batch() -> Batch:
    nothing_hidden = Dropout(0.0, 0.0, 0.0, 0.0, 0.0)
    pack = small_corpus().sides["train"]
    options = {"notes": 16, "batch_notes": 160, "other_share": 0.0}
    return next(training_batches(pack, dropout=nothing_hidden, seed=1, epoch=0, **options))  # type: ignore[arg-type]


def gradients(group: Processes) -> list[np.ndarray]:
    trainee = a_trainee()
    parameters = list(trainee.model.parameters())
    for _, loss in trainee.losses(a_batch().part(group.rank, group.count), 0):
        loss.backward()
    group.share_gradients(parameters, trainee.told()[1])
    return [parameter.grad.numpy() for parameter in parameters if parameter.grad is not None]


def _worker(rank: int, count: int, folder: str) -> None:
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{folder}/meeting", rank=rank, world_size=count)
    np.savez(f"{folder}/{rank}.npz", *gradients(Processes(rank, count)))
    dist.destroy_process_group()


@pytest.mark.slow
def test_two_processes_have_the_gradients_of_one(tmp_path: Path) -> None:
    mp.spawn(_worker, args=(2, str(tmp_path)), nprocs=2)
    alone = gradients(Processes())
    for rank in range(2):
        with np.load(tmp_path / f"{rank}.npz") as shared:
            for own, other in zip(alone, shared.values(), strict=True):
                assert np.allclose(own, other, atol=1e-5)


@pytest.mark.slow
def test_torchrun_trains_one_model_in_two_processes(tmp_path: Path) -> None:
    write_loose_folder(tmp_path / "music", 12)
    words = ["train", "music", "--model", "lstm-tiny", "--steps", "2", "-o", "mine.safetensors", "--json"]
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    answer = subprocess.run(
        [*command, "-m", "musicassist", *words], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert answer.returncode == 0, answer.stderr
    lines = [json.loads(line) for line in answer.stdout.splitlines()]
    assert [line["step"] for line in lines] == [2]  # told once, by the first of them
    assert json.loads((tmp_path / "mine.json").read_text())["recipe"]["steps"] == 2


def test_every_window_is_read_by_one_process() -> None:
    batch = a_batch()
    assert len(batch.mask) > 3
    notes = [int(batch.part(rank, 3).mask.sum()) for rank in range(3)]
    assert sum(notes) == int(batch.mask.sum())
    assert int(batch.part(len(batch.mask), len(batch.mask) + 1).mask.sum()) == 0


def test_without_torchrun_a_process_is_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    assert join_processes(torch.device("cpu")) == Processes(0, 1)
