"""Finds the weights of ``score.keys`` again: ``python -m lab.evaluation.key_fitting DATA``.

A multinomial logistic regression over 72 keys, tied over transpositions and modes as key finding ties them. A piece's
label allows every key with its tonic and third, and for half of the loss its relatives. Training pieces only, all
parts and the first part alone, sets weighted against their size.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from lab.evaluation.labelled_keys import WHOLE, LabelledKey, labelled_keys
from musicassist.score.keys import EXCHANGED, FEATURES, HEARD_MODES, MIN_NOTES, THIRDS, features_of
from musicassist.score.theory import Key

LENGTHS = (4, 8, WHOLE)
STEPS, BATCH, SLOW_AT = 1500, 2000, 1000
RATE, SLOW_RATE = 0.12, 0.03
_SIZE_POWER = 0.25  # how much a large set is held back
_DECAY = 1e-4
_KEYS = tuple(Key(tonic, mode) for mode in HEARD_MODES for tonic in range(12))


def fitted(stretches: Sequence[LabelledKey], seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Weights of major and minor, (2, features, 12), and of each mode against major, (modes,)."""
    known = [s for s in stretches if s.evidence is not None and s.evidence.strokes.sum() >= MIN_NOTES]
    features = torch.tensor(np.stack([features_of(s.evidence) for s in known if s.evidence]), dtype=torch.float32)
    right = torch.tensor(
        [[s.is_right(key) if s.names_tonic else s.is_right_or_relative(key) for key in _KEYS] for s in known]
    )
    near = torch.tensor([[s.is_right_or_relative(key) for key in _KEYS] for s in known])
    size = Counter(s.dataset for s in known)
    weight = torch.tensor([size[s.dataset] ** -_SIZE_POWER for s in known])
    weights = torch.zeros(2, len(FEATURES), 12, requires_grad=True)
    modes = torch.zeros(len(HEARD_MODES), requires_grad=True)
    optimizer = torch.optim.Adam([weights, modes], lr=RATE)
    draw = torch.Generator().manual_seed(seed)
    for step in range(STEPS):
        rows = torch.randint(len(known), (min(BATCH, len(known)),), generator=draw)
        scores = torch.log_softmax(_scores(weights, modes, features[rows]), 1)
        loss = -(weight[rows] * (_allowed(scores, right[rows]) + _allowed(scores, near[rows]))).mean() / weight.mean()
        optimizer.zero_grad()
        (loss + _DECAY * (weights**2).sum()).backward()
        optimizer.step()
        if step == SLOW_AT:
            optimizer.param_groups[0]["lr"] = SLOW_RATE
    return weights.detach(), modes.detach() - modes.detach()[0]


def _scores(weights: torch.Tensor, modes: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
    """(N, 72), each key's sum; modes take the weights of major or minor with two degrees exchanged."""
    tables = []
    for third, exchanged in zip(THIRDS, EXCHANGED, strict=True):
        degrees = list(range(12))
        if exchanged is not None:
            degrees[exchanged[0]], degrees[exchanged[1]] = exchanged[1], exchanged[0]
        tables.append(weights[third][:, degrees])
    turned = torch.stack([torch.roll(features, -tonic, dims=2) for tonic in range(12)], 2)
    sums = torch.einsum("nftd,mfd->nmt", turned, torch.stack(tables)) + modes[None, :, None]
    return sums.reshape(len(features), len(_KEYS))


def _allowed(scores: torch.Tensor, allowed: torch.Tensor) -> torch.Tensor:
    return torch.logsumexp(scores.masked_fill(~allowed, -1e9), 1)


def main() -> None:
    """Prints the weights, rounded as they are used."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", nargs="+", type=Path, help="archive folders with a split.csv")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    stretches = labelled_keys(args.data, ("train",), LENGTHS)
    stretches += [replace(s, parts=s.parts[:1]) for s in stretches if len(s.parts) > 1]
    weights, modes = fitted(stretches, args.seed)
    for name, table in zip(("major", "minor"), weights, strict=True):
        for feature, row in zip(FEATURES, table, strict=True):
            print(f"{name:6} {feature:10}", ", ".join(f"{value:.1f}" for value in row.tolist()))
    print("modes", ", ".join(f"{value:.1f}" for value in modes.tolist()))


if __name__ == "__main__":
    main()
