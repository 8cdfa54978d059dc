"""Bits per note of the net with a plan: ``python -m lab.evaluation.form_bits MUSIC FILE --splits valid test``.

MUSIC is the archive folder with ``split.csv``, FILE the weights: of the net with a plan, or (``checkpoints/lstm``) of
the net of melodies, which reads what it can. Over gap, pitch and duration, every note of every melody but the first
counting once: with nothing told; with the plan told; and of melodies with something beneath, untold and told.
``--licences permissive`` leaves POP909 out.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch
from safetensors.torch import load_file

from lab.form.columns import rows_of
from lab.form.learning import validated
from lab.form.lines import read_lines
from lab.form.net import FormModel, begun_from
from lab.form.shards import FormPack
from musicassist.families.recurrent.form_vocabulary import form_config
from musicassist.learning.corpus import SHIPPED_LICENCES


def net_of(path: Path) -> FormModel:
    """The net of a file of either kind."""
    net, weights = FormModel(form_config()), load_file(path)
    shape = net.state_dict()["net.weight_ih_l0"].shape
    is_ours = weights["net.weight_ih_l0"].shape == shape
    net.load_state_dict({n: t.float() for n, t in weights.items()} if is_ours else begun_from(weights, net.config))
    net.eval()
    return net


def main() -> None:
    """Reads, measures, prints."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("music", type=Path)
    words.add_argument("file", type=Path)
    words.add_argument("--splits", nargs="+", default=["valid"])
    words.add_argument("--licences", nargs="+", default=list(SHIPPED_LICENCES))
    words.add_argument("--threads", type=int, default=1)
    given = words.parse_args()
    torch.set_num_threads(given.threads)
    net = net_of(given.file)
    for split in given.splits:
        lines = list(read_lines(given.music, (split,), frozenset(), 1, given.licences))
        pack = FormPack.of(lines, [rows_of(line.melody, line.place, line.form) for line in lines])
        print(json.dumps({split: validated(net, pack), "melodies": len(lines)}), flush=True)


if __name__ == "__main__":
    main()
