"""Ships a sitting: ``python -m lab.training.ensemble_card SITTING FIGURES CHECKPOINTS`` writes ``ensemble.*``.

SITTING is the folder that ``lab.training.ensemble`` filled, FIGURES the lines of ``lab.evaluation.ensemble_bits``.
"""

from __future__ import annotations

import argparse
import json
import platform
from dataclasses import asdict
from pathlib import Path

import torch
from safetensors.torch import load_file

from lab.ensemble.learning import Plan
from lab.training.ensemble import MOST_NOTES, REPEATS
from musicassist.families.ensemble.columns import EnsembleConfig, features_hash
from musicassist.families.ensemble.net import EnsembleNet
from musicassist.models.cards import ModelCard, read_card
from musicassist.models.checkpoints import save_checkpoint

_FIGURES = {"net": "net", "adaptive n-grams": "n-grams adaptive", "fewer": "fewer"}  # of the card, of the lines


def main() -> None:
    """Writes weights and card."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("sitting", type=Path)
    words.add_argument("figures", type=Path)
    words.add_argument("checkpoints", type=Path)
    words.add_argument("--minutes", type=float, required=True, help="of this sitting")
    words.add_argument("--rate", type=float, default=2e-3, help="of learning, at its beginning")
    words.add_argument("--begun", type=Path, help="the card of the weights that it went on from")
    words.add_argument("--note", default="")
    given = words.parse_args()
    net = EnsembleNet(EnsembleConfig()).eval()
    net.load_state_dict(load_file(given.sitting / "average.safetensors"))
    run = json.loads((given.sitting / "run.json").read_text("utf-8"))
    before = read_card(given.begun).recipe if given.begun else {}
    metrics: dict[str, object] = {}
    for line in given.figures.read_text("utf-8").splitlines():
        page = json.loads(line)
        name = f"bits per note, {page['music']}, {page['view']}, {page['split']}"
        metrics[name] = {ours: page[theirs] for ours, theirs in _FIGURES.items() if theirs in page}
    plan = {name: value for name, value in asdict(Plan()).items() if name not in ("seconds", "learning_rate")}
    card = ModelCard(
        name="ensemble",
        family="ensemble",
        verbs=("continue", "infill"),
        parameters=0,
        bytes=0,
        vocabulary=features_hash(),
        config=net.config.as_json(),
        data={
            "folders": ["data"],
            "licence classes": ["permissive", "mit_underlying_copyright"],
            "read in an epoch so often": REPEATS,
            "notes of a piece at most": MOST_NOTES,
        },
        licences=read_card(given.checkpoints / "lstm.json").licences,
        recipe={
            "name": "ensemble",
            "family": "ensemble",
            "steps": int(run["step"]) + int(str(before.get("steps", 0))),
            "notes learned from": int(run["notes"]) + int(str(before.get("notes learned from", 0))),
            **plan,
            "learning_rate": given.rate,
            "seed": 1,
            "minutes of the last sitting": given.minutes,
            "machine": f"{platform.machine()}, 1 thread, torch {torch.__version__}",
            "note": given.note,
        },
        metrics=metrics,
    )
    save_checkpoint(net, card, given.checkpoints / "ensemble.safetensors")


if __name__ == "__main__":
    main()
