"""Trains the net with a plan: ``python -m lab.training.form PACKED FOLDER``; goes on where FOLDER was stopped.

PACKED holds the lines as files; where it is missing they are made of ``--music``, the archive folder with
``split.csv``, without the test tunes of ``--benchmark``, a ``splits.json``. With ``--begin FILE`` the net starts from
the weights of the net of melodies, or from those of an earlier sitting, and with ``--begin ''`` from chance.
``--licences permissive`` leaves POP909 out, whose files are free and whose songs are not. ``--export FILE`` writes
what FOLDER has reached as fp16, while it learns or afterwards, and does nothing else.
"""

from __future__ import annotations

import argparse
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import load_file

from lab.form.learning import Plan, learn
from lab.form.lines import read_lines
from lab.form.net import FormModel, begun_from, save_form
from lab.form.shards import write_shards
from musicassist.families.recurrent.form_vocabulary import form_config
from musicassist.learning.corpus import SHIPPED_LICENCES, leave_out_of


def pack(music: Path, benchmark: Path, packed: Path, seed: int, licences: Collection[str]) -> None:
    """Reads the lines of both sides and writes them."""
    leave_out = leave_out_of(benchmark)
    for split in ("valid", "train"):
        lines = list(read_lines(music, (split,), leave_out, seed, licences))
        notes, heard = sum(len(line.melody) for line in lines), sum(line.has_harmony for line in lines)
        print(f"{split}: {len(lines)} lines, {notes} notes, {heard} lines with harmony", flush=True)
        write_shards(lines, packed, split, seed=seed, workers=2)


def main() -> None:
    """Packs where it must, and trains."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("packed", type=Path)
    words.add_argument("folder", type=Path)
    words.add_argument("--music", type=Path)
    words.add_argument("--benchmark", type=Path)
    words.add_argument("--licences", nargs="*", default=list(SHIPPED_LICENCES))
    words.add_argument("--begin", default="checkpoints/lstm.safetensors")
    words.add_argument("--minutes", type=float, default=85.0)
    words.add_argument("--rate", type=float, default=Plan().learning_rate)
    words.add_argument("--dropout", type=float, default=0.3)
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--threads", type=int, default=1)
    words.add_argument("--export", type=Path)
    given = words.parse_args()
    if given.export:
        save_form(load_file(given.folder / "average.safetensors"), given.export)
        return
    if not given.packed.exists():
        pack(given.music, given.benchmark, given.packed, given.seed, given.licences)
    torch.set_num_threads(given.threads)
    torch.manual_seed(given.seed)
    config = form_config(dropout=given.dropout)
    net = FormModel(config)
    if given.begin:
        weights = {name: tensor.float() for name, tensor in load_file(given.begin).items()}
        shapes = {name: tensor.shape for name, tensor in net.state_dict().items()}
        is_ours = shapes == {name: tensor.shape for name, tensor in weights.items()}
        net.load_state_dict(weights if is_ours else begun_from(weights, config))
    print(sum(own.numel() for own in net.parameters()), "parameters", flush=True)
    plan = replace(Plan(), seconds=60 * given.minutes, learning_rate=given.rate)

    def say(line: str) -> None:
        print(line, flush=True)

    learn(net, given.packed, plan, given.folder, seed=given.seed, say=say)


if __name__ == "__main__":
    main()
