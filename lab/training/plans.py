"""Counts the model of plans, and when holes are echoes: ``python -m lab.training.plans MUSIC BENCHMARK FILE``.

MUSIC is the archive folder with ``split.csv``; the test tunes of BENCHMARK, a ``splits.json``, are left out. Prints how
many bits a bar of a valid melody's plan takes, and how many it takes without any context.
"""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path
from typing import Any

from lab.form.lines import read_lines
from musicassist.composing.echoes import Echoes
from musicassist.composing.plan import Plan, first_whole_bar
from musicassist.composing.plan_model import PlanModel
from musicassist.learning.corpus import leave_out_of

_LEAST_CHANCE = 1e-4  # of what was never counted


def bits_of(model: PlanModel, plans: list[tuple[Plan, int]]) -> float:
    """Mean bits of a bar, each given those before it."""
    bits = [
        -math.log2(max(_LEAST_CHANCE, model.chance(plan, plan.first_bar + row, origin)))
        for plan, origin in plans
        for row in range(len(plan.bars))
    ]
    return sum(bits) / len(bits)


def main() -> None:
    """Reads, counts, writes."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("music", type=Path)
    words.add_argument("benchmark", type=Path)
    words.add_argument("file", type=Path)
    given = words.parse_args()
    leave_out = leave_out_of(given.benchmark)
    lines = {
        split: [line for line in read_lines(given.music, (split,), leave_out, seed=1) if line.is_melody]
        for split in ("train", "valid")
    }
    plans = {
        split: [(line.form.plan, first_whole_bar(line.melody, line.place)) for line in own]
        for split, own in lines.items()
    }
    model = PlanModel.counted(plans["train"])
    melodies = ((line.melody, line.place.bars) for line in lines["train"])
    page: dict[str, Any] = {**model.as_json(), "echoes": Echoes.counted(melodies).as_json()}
    given.file.write_text(json.dumps(page, separators=(",", ":"), sort_keys=True) + "\n")
    alone = PlanModel({"": page["taken"][""]}, {"": page["endings"][""]})
    print(len(plans["train"]), "melodies;", round(bits_of(model, plans["valid"]), 3), "bits a bar of valid melodies;")
    print(round(bits_of(alone, plans["valid"]), 3), "without context;", given.file.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
