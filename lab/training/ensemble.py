"""Trains the net of all parts: ``python -m lab.training.ensemble DATA FOLDER``; goes on where FOLDER was stopped.

DATA is the archive folder with ``split.csv``. With ``--begin FILE`` a sitting goes on from the weights of the last one.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from lab.ensemble.learning import Plan, bits_of, learn, mean_bits
from lab.ensemble.pieces import Piece, View, piece_of
from musicassist.families.ensemble.columns import EnsembleConfig
from musicassist.families.ensemble.net import EnsembleNet
from musicassist.learning.music_files import archived_files
from musicassist.midi import read_song_bytes

LICENCES = ("permissive", "mit_underlying_copyright")
MOST_NOTES = 15_000  # of a piece
REPEATS = {"pop909": 2, "openewld": 3, "openhymnal": 3}


def read_pieces(data: Path, splits: Sequence[str]) -> list[Piece]:
    """The pieces of some sides of the split."""
    pieces = []
    for file in archived_files(data / "split.csv", LICENCES, splits, Counter()):
        piece = piece_of(
            read_song_bytes(file.data, file.name).song, f"{file.dataset}/{file.name}", file.style, file.split
        )
        if piece is not None and 16 <= len(piece.notes) <= MOST_NOTES:
            pieces.append(piece)
    return pieces


def main() -> None:
    """Reads, trains, writes."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("data", type=Path)
    words.add_argument("folder", type=Path)
    words.add_argument("--begin", type=Path)
    words.add_argument("--minutes", type=float, default=60.0)
    words.add_argument("--rate", type=float, default=2e-3)
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--threads", type=int, default=1)
    given = words.parse_args()
    torch.set_num_threads(given.threads)
    torch.manual_seed(given.seed)
    pieces = read_pieces(given.data, ("train",))
    heard = read_pieces(given.data, ("valid",))
    print(len(pieces), "pieces,", sum(len(piece.notes) for piece in pieces), "notes", flush=True)
    few = [
        p for name in ("pop909", "lieder", "polish") for p in [p for p in heard if p.source.startswith(name)][::7][:9]
    ]

    def validate(net: EnsembleNet) -> dict[str, float]:
        page = {}
        for name in ("pop909", "lieder", "polish"):
            bits = bits_of(net, [View.of(p, p.roles) for p in few if p.source.startswith(name)])
            page[name] = round(float(mean_bits(bits)[:4].sum()), 3)
        return page

    net = EnsembleNet(EnsembleConfig())
    if given.begin:
        net.load_state_dict(load_file(given.begin))
    print(net.parameter_count, "parameters", flush=True)
    plan = replace(Plan(), seconds=60 * given.minutes, learning_rate=given.rate)
    repeats = [REPEATS.get(piece.source.partition("/")[0], 1) for piece in pieces]

    def say(line: str) -> None:
        print(line, flush=True)

    average = learn(net, pieces, repeats, validate, plan, given.folder, seed=given.seed, say=say)
    save_file({name: t.contiguous() for name, t in average.state_dict().items()}, given.folder / "ensemble.safetensors")


if __name__ == "__main__":
    main()
