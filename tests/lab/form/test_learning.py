"""A sitting learns, writes its average as it goes, and goes on where it was stopped."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.torch import load_file

from form_music import PLACE, full_form, small_net, tune
from lab.form.learning import Plan, learn
from lab.form.lines import Line
from lab.form.shards import write_shards

PLAN = Plan(
    seconds=3.0, notes=16, batch_notes=128, other_share=1.0, warmup_steps=2, learning_rate=5e-3,
    validate_every_seconds=1.0, save_every_seconds=0.5, average=0.5,
)  # fmt: skip


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    melody = tune()
    lines = [
        Line(f"a/{n}#MELODY", "train", replace(melody, pitch=melody.pitch + n), PLACE, full_form(), is_melody=True)
        for n in range(12)
    ]
    for name, some in (("train", lines[:8]), ("valid", lines[8:])):
        write_shards(some, tmp_path / "packed", name, seed=1)
    return tmp_path / "packed"


def test_a_sitting_learns_and_goes_on(packed: Path, tmp_path: Path) -> None:
    said: list[str] = []
    folder = tmp_path / "sitting"
    learn(small_net(), packed, PLAN, folder, seed=1, say=said.append)
    bits = [page["valid"]["nothing told"] for page in map(json.loads, said) if "valid" in page]
    assert bits[-1] < bits[0]
    first = json.loads((folder / "run.json").read_text())
    assert first["seconds"] >= PLAN.seconds and first["best"] == min(bits[:-1])
    learn(small_net(2), packed, replace(PLAN, seconds=4.0), folder, seed=1, say=said.append)
    second = json.loads((folder / "run.json").read_text())
    assert second["step"] > first["step"] and second["notes"] > first["notes"]
    average = load_file(folder / "average.safetensors")
    assert average.keys() == small_net().state_dict().keys()
    assert all(np.isfinite(tensor.numpy()).all() for tensor in average.values())
    assert (folder / "best.safetensors").exists()
