"""The benchmark of chorales on a grid of 16ths by the kind of net that writes all parts, in nats per note token.

``python -m lab.evaluation.ensemble_sixteenths FOLDER RUN``: FOLDER holds ``Jsb16thSeparated.json.gz``; RUN keeps the
sitting, which goes on where it was stopped.

The net foretells notes, not 16ths: a note is a run of equal pitches of a voice, cut behind a whole bar. Notes and grid
say the same, so the nats of all notes, by the chain rule, are those of the grid. As in the papers the first 16th of a
chorale is only read: of the notes that begin there only the lengths count. Of a note that sounds to the end only that
it reaches the end counts. Chorales stand in their original keys; nothing that the net reads depends on the key.
"""

from __future__ import annotations

import argparse
import gzip
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from lab.ensemble.features import rows_of
from lab.ensemble.learning import Plan, batch_of, learn
from lab.ensemble.pieces import Piece, View
from musicassist.families.ensemble.columns import EnsembleConfig
from musicassist.families.ensemble.net import EnsembleNet
from musicassist.families.ensemble.stream import NO_LANE, BarGrid, stream_of
from musicassist.families.ensemble.vocabulary import Role

VOICES = (Role.SOPRANO, Role.ALTO, Role.TENOR, Role.CHORAL_BASS)
STEPS = 3  # of a 16th
LONGEST = 16  # 16ths of one note
PLAN = Plan(
    seconds=840, notes=400, windows=12, learning_rate=3e-3, all_share=1.0, blind_share=0.2, average=0.99,
    weight_decay=0.1, validate_every_seconds=200, save_every_seconds=120,
)  # fmt: skip
CONFIG = EnsembleConfig(hidden=256, layers=1, head_hidden=224, dropout=0.4)


def piece_of(chorale: list[list[int]], name: str, split: str) -> Piece:
    """The notes of a chorale."""
    grid = np.array(chorale)
    rows = []
    for voice, role in enumerate(VOICES):
        start = 0
        for step in range(1, len(grid) + 1):
            is_over = step == len(grid) or grid[step, voice] != grid[start, voice] or step - start == LONGEST
            if is_over:
                if grid[start, voice] >= 0:
                    rows.append((start * STEPS, int(role), int(grid[start, voice]), (step - start) * STEPS, 80))
                start = step
    table = np.array(rows, dtype=np.int64)
    bars = BarGrid(np.array([0]), np.array([16 * STEPS]), np.array([0]))
    return Piece(f"{split}/{name}", "", split, stream_of(*table.T), bars, NO_LANE, has_velocities=False)


def nats_per_token(net: EnsembleNet, pieces: list[Piece], tokens: int) -> tuple[float, list[float]]:
    """Over all tokens but those of the first 16ths; and the shares of gap, role, pitch and length."""
    net.eval()
    sums = np.zeros(4)
    with torch.no_grad():
        for first in range(0, len(pieces), 16):
            some = pieces[first : first + 16]
            read = [rows_of(View.of(piece, piece.roles)) for piece in some]
            batch = batch_of(read)
            output, _ = net.read(batch)
            scores = net.scores(output, batch)
            for place, piece in enumerate(some):
                n, notes = len(piece.notes), piece.notes
                is_behind = notes.onset_step > 0
                for field in range(3):
                    nats = functional.cross_entropy(
                        scores[field][place, :n], batch["target"][place, :n, field], reduction="none"
                    )
                    sums[field] += float(nats.numpy()[is_behind].sum())
                chances = functional.softmax(scores[3][place, :n], -1).numpy()
                reaches = chances[:, ::-1].cumsum(1)[:, ::-1]  # at least that long
                at = np.arange(n)
                is_last = notes.end_step == notes.end_step.max()
                chance = np.where(is_last, reaches[at, notes.length], chances[at, notes.length])
                sums[3] -= float(np.log(chance).sum())
    return float(sums.sum() / tokens), [round(float(x), 4) for x in sums / tokens]


def main() -> None:
    """Trains and prints the figures of both splits."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("folder", type=Path)
    words.add_argument("run", type=Path)
    words.add_argument("--minutes", type=float, default=PLAN.seconds / 60)
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--hidden", type=int, default=CONFIG.hidden)
    words.add_argument("--dropout", type=float, default=CONFIG.dropout)
    given = words.parse_args()
    torch.set_num_threads(1)
    with gzip.open(given.folder / "Jsb16thSeparated.json.gz", "rt") as file:
        page = json.load(file)
    sides = {split: [piece_of(own, str(at), split) for at, own in enumerate(page[split])] for split in page}
    tokens = {split: sum(4 * (len(own) - 1) for own in page[split]) for split in page}
    torch.manual_seed(given.seed)
    net = EnsembleNet(replace(CONFIG, hidden=given.hidden, dropout=given.dropout))
    print(
        {split: (len(own), sum(len(p.notes) for p in own), tokens[split]) for split, own in sides.items()}, flush=True
    )
    print(net.parameter_count, "parameters", flush=True)

    def validate(net: EnsembleNet) -> dict[str, float]:
        value, shares = nats_per_token(net, sides["valid"], tokens["valid"])
        return {"valid": round(value, 4), **dict(zip(("gap", "role", "pitch", "length"), shares, strict=True))}

    plan = replace(PLAN, seconds=60 * given.minutes)
    best = learn(net, sides["train"], [1] * len(sides["train"]), validate, plan, given.run, seed=given.seed,
                 say=lambda line: print(line, flush=True))  # fmt: skip
    for split in ("valid", "test"):
        value, shares = nats_per_token(best, sides[split], tokens[split])
        print(json.dumps({"split": split, "nats per token": round(value, 4), "of fields": shares}), flush=True)


if __name__ == "__main__":
    main()
