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

from lab.ensemble.columns import features_hash
from lab.ensemble.learning import Plan
from lab.ensemble.net import EnsembleConfig, EnsembleNet
from lab.ensemble.weights import save_net
from lab.training.ensemble import MOST_NOTES, REPEATS


def main() -> None:
    """Writes weights and card."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("sitting", type=Path)
    words.add_argument("figures", type=Path)
    words.add_argument("checkpoints", type=Path)
    words.add_argument("--minutes", type=float, required=True, help="of this sitting")
    words.add_argument("--note", default="")
    given = words.parse_args()
    net = EnsembleNet(EnsembleConfig()).eval()
    net.load_state_dict(load_file(given.sitting / "average.safetensors"))
    path = given.checkpoints / "ensemble.safetensors"
    save_net(net, path)
    run = json.loads((given.sitting / "run.json").read_text("utf-8"))
    metrics: dict[str, object] = {}
    for line in given.figures.read_text("utf-8").splitlines():
        page = json.loads(line)
        name = f"bits per note, {page['music']}, {page['view']}, {page['split']}"
        metrics[name] = {"net": page["net"], "adaptive n-grams": page["n-grams adaptive"], "fewer": page["fewer"]}
    plan = {name: value for name, value in asdict(Plan()).items() if name not in ("seconds",)}
    melody_card = json.loads((given.checkpoints / "lstm.json").read_text("utf-8"))
    card = {
        "name": "ensemble",
        "family": "ensemble",
        "verbs": ["continue", "infill", "accompany"],
        "parameters": net.parameter_count,
        "bytes": path.stat().st_size,
        "vocabulary": features_hash(),
        "config": net.config.as_json(),
        "data": {
            "folders": ["data"],
            "licence classes": ["permissive", "mit_underlying_copyright"],
            "read in an epoch so often": REPEATS,
            "notes of a piece at most": MOST_NOTES,
        },
        "licences": melody_card["licences"],
        "recipe": {
            "name": "ensemble",
            "family": "ensemble",
            "steps": int(run["step"]),
            "notes learned from": int(run["notes"]),
            **plan,
            "seed": 1,
            "minutes of the last sitting": given.minutes,
            "machine": f"{platform.machine()}, 1 thread, torch {torch.__version__}",
            "note": given.note,
        },
        "metrics": metrics,
    }
    (given.checkpoints / "ensemble.json").write_text(json.dumps(card, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
