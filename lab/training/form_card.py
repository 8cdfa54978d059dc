"""Ships a sitting: ``python -m lab.training.form_card SITTING LOG CHECKPOINTS`` writes ``lstm-form.*``.

``--permissive`` says that POP909 was not among what it learned from, and that it began from chance; then it writes
``lstm-form-permissive.*``.

SITTING is the folder that ``lab.training.form`` filled, LOG what it printed; the last figures of the valid side in it
are the card's.
"""

from __future__ import annotations

import argparse
import json
import platform
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from lab.form.net import FormModel
from musicassist.families.recurrent.form_vocabulary import form_config
from musicassist.models.cards import ModelCard, read_card
from musicassist.models.checkpoints import save_checkpoint
from musicassist.tokens.vocabulary import vocabulary_hash
from musicassist.training.curves import write_curves
from musicassist.values import plain_of

NAME = "lstm-form"
VERBS = ("continue", "generate", "infill")


def pages_of(log: str) -> list[dict[str, Any]]:
    """The lines of a log that are JSON."""
    return [json.loads(line) for line in log.splitlines() if line.startswith("{")]


def progress_of(pages: list[dict[str, Any]]) -> str:
    """A progress file as ``training.curves`` draws it; figures of the valid side stand with the step before them."""
    rows: list[dict[str, Any]] = []
    for page in pages:
        if "valid" in page and rows:
            rows[-1]["valid"] = {name: value for name, value in page["valid"].items() if name == "nothing told"}
        elif "step" in page:
            rows.append({"step": page["step"], "train": page["sum"], "valid": {}, "unit": "bits per note"})
    return "\n".join(map(json.dumps, rows)) + "\n"


def main() -> None:
    """Writes weights, card and curves."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("sitting", type=Path)
    words.add_argument("log", type=Path)
    words.add_argument("checkpoints", type=Path)
    words.add_argument("--note", default="")
    words.add_argument("--permissive", action="store_true")
    given = words.parse_args()
    config = form_config()
    net = FormModel(config).eval()
    net.load_state_dict(load_file(given.sitting / "average.safetensors"))
    pages = pages_of(given.log.read_text("utf-8"))
    run = json.loads((given.sitting / "run.json").read_text("utf-8"))
    valid = [page["valid"] for page in pages if "valid" in page][-1]
    lstm = read_card(given.checkpoints / "lstm.json")
    name, classes, licences = NAME, lstm.data["licence classes"], lstm.licences
    if given.permissive:
        name, classes = f"{NAME}-permissive", ["permissive"]
        licences = tuple(own for own in licences if not own.startswith("POP909"))
    card = ModelCard(
        name=name,
        family=NAME,
        verbs=VERBS,
        parameters=0,
        bytes=0,
        vocabulary=vocabulary_hash(),
        config=plain_of(config),
        data={"folders": ["data"], "licence classes": classes, **pages[0]},
        licences=licences,
        recipe={
            "name": name,
            "family": NAME,
            "begun from": "chance" if given.permissive else "lstm",
            "steps": int(run["step"]),
            "notes learned from": int(run["notes"]),
            "seed": 1,
            "minutes": round(run["seconds"] / 60),
            "machine": f"{platform.machine()}, 1 thread, torch {torch.__version__}",
            "note": given.note,
        },
        metrics={f"bits per note, valid, {name}": bits for name, bits in valid.items() if "fields" not in name},
    )
    save_checkpoint(net, card, given.checkpoints / f"{name}.safetensors")
    progress = given.sitting / "progress.jsonl"
    progress.write_text(progress_of(pages), "utf-8")
    write_curves(progress, given.checkpoints / f"{name}.svg", title=name)


if __name__ == "__main__":
    main()
