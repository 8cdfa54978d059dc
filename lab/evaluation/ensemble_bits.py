"""Bits per note of the net of all parts beside adaptive n-grams of the same fields, over the same rows in one run.

``python -m lab.evaluation.ensemble_bits DATA WEIGHTS --splits valid``. Four kinds of music, each once with all parts to
be written and once with each part given the others; bits are summed over gap, role, pitch and length, every note
counting once, the first of a view not at all. Velocities are told apart, where they were played. Counting n-grams takes
longer than the net: with ``--keep FILE`` their bits are kept there, and taken from there if they stand there already.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch

from lab.ensemble.features import rows_of
from lab.ensemble.learning import bits_of, net_of
from lab.ensemble.pieces import Piece, View, piece_of
from lab.evaluation.ensemble_ngrams import NGrams
from musicassist.families.ensemble.net import EnsembleNet
from musicassist.families.ensemble.vocabulary import Role
from musicassist.learning.music_files import archived_files
from musicassist.midi import read_song_bytes

LICENCES = ("permissive", "mit_underlying_copyright")
MOST_NOTES = 15_000
_HANDS = {Role.LEFT_HAND, Role.RIGHT_HAND}
_VOICES = {Role.SOPRANO, Role.ALTO, Role.TENOR, Role.CHORAL_BASS}
KINDS: dict[str, Callable[[Piece], bool]] = {
    "pop909": lambda piece: piece.source.startswith("pop909"),
    "lieder": lambda piece: piece.source.startswith("lieder"),
    "two hands": lambda piece: set(piece.roles) == _HANDS,
    "SATB": lambda piece: set(piece.roles) == _VOICES,
}


def read_pieces(data: Path, split: str) -> list[Piece]:
    """The pieces of one side of the split."""
    pieces = []
    for file in archived_files(data / "split.csv", LICENCES, [split], Counter()):
        piece = piece_of(read_song_bytes(file.data, file.name).song, f"{file.dataset}/{file.name}", file.style, split)
        if piece is not None and 16 <= len(piece.notes) <= MOST_NOTES and any(kind(piece) for kind in KINDS.values()):
            pieces.append(piece)
    return pieces


def views_of(pieces: Sequence[Piece], *, has_given: bool, with_lane: bool = False) -> list[View]:
    """All parts at once, or each part to the others."""
    if not has_given:
        return [View.of(piece, piece.roles, with_lane=with_lane) for piece in pieces]
    views = [
        View.of(piece, [role], [other for other in piece.roles if other != role], with_lane=with_lane)
        for piece in pieces
        for role in piece.roles
        if len(piece.roles) > 1
    ]
    return [view for view in views if len(view.free) > 1]


def main() -> None:
    """Prints a JSON line for each kind of music and view."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("data", type=Path)
    words.add_argument("weights", type=Path, nargs="?", help="without them only the n-grams are counted and kept")
    words.add_argument("--keep", type=Path)
    words.add_argument("--splits", nargs="+", choices=("valid", "test"), default=("valid",))
    words.add_argument("--kinds", nargs="*", choices=tuple(KINDS), default=tuple(KINDS))
    words.add_argument("--every", type=int, default=1, help="only each so manyth piece")
    words.add_argument("--most-training-notes", type=int, default=1_600_000)
    given = words.parse_args()
    torch.set_num_threads(1)
    net = net_of(given.weights) if given.weights else None
    heard = {split: read_pieces(given.data, split) for split in given.splits}
    kept: dict[str, np.ndarray] = dict(np.load(given.keep)) if given.keep and given.keep.exists() else {}
    counted: list[Piece] = []
    for kind in given.kinds:
        for has_given in (False, True):
            sides = {s: [piece for piece in own if KINDS[kind](piece)][:: given.every] for s, own in heard.items()}
            names = {split: f"{kind} {split} {has_given} {given.every}" for split in sides}
            if any(name not in kept for name in names.values()):
                counted = counted or read_pieces(given.data, "train")
                training = _up_to([piece for piece in counted if KINDS[kind](piece)], given.most_training_notes)
                baseline = NGrams([rows_of(v) for v in views_of(training, has_given=has_given)], has_given=has_given)
                for split, own in sides.items():
                    parts = [baseline.bits(rows_of(view)) for view in views_of(own, has_given=has_given)]
                    kept[names[split]] = np.stack([np.concatenate([part[k][1:] for part in parts]) for k in range(2)])
                del baseline
                if given.keep:
                    np.savez(given.keep, allow_pickle=False, **kept)
            for split, own in sides.items():
                if net is not None:
                    line = _line(own, kept[names[split]], net, has_given=has_given)
                    print(json.dumps({"music": kind, "split": split} | line), flush=True)


def _up_to(pieces: Sequence[Piece], notes: int) -> list[Piece]:
    """As many pieces as hold so many notes, spread over all."""
    share = min(1.0, notes / max(1, sum(len(piece.notes) for piece in pieces)))
    places = np.unique((np.arange(int(len(pieces) * share)) / share).astype(int))
    return [pieces[place] for place in places]


def _line(pieces: Sequence[Piece], counted: np.ndarray, net: EnsembleNet, *, has_given: bool) -> dict[str, object]:
    views = views_of(pieces, has_given=has_given)
    once, adaptive = counted
    mine = np.concatenate([own[1:] for own in bits_of(net, views)])
    page: dict[str, object] = {
        "view": "each part, the others given" if has_given else "all parts",
        "pieces": len(pieces),
        "notes": len(mine),
    }
    for name, table in (("n-grams once", once), ("n-grams adaptive", adaptive), ("net", mine)):
        page[name] = round(float(table[:, :4].sum(1).mean()), 3)
        page[f"{name}, fields"] = [round(float(x), 3) for x in table[:, :4].mean(0)]
    page["fewer"] = round(1 - float(mine[:, :4].sum() / adaptive.sum()), 4)
    played = np.concatenate([np.full(len(view.free) - 1, view.has_velocities) for view in views])
    if played.any():
        page["velocity, net"] = round(float(mine[played, 4].mean()), 3)
    if any(len(piece.lane.mask) for piece in pieces):
        told = np.concatenate([o[1:] for o in bits_of(net, views_of(pieces, has_given=has_given, with_lane=True))])
        page["net, chords told"] = round(float(told[:, :4].sum(1).mean()), 3)
    return page


if __name__ == "__main__":
    main()
