"""How well the next chord is foretold: ``python -m lab.evaluation.progressions DATA [--split valid]``.

Bits per chord of the net, which hears the melody and looks back, beside a 3-gram of progressions in the key with
Witten and Bell's smoothing, learned from the same pieces in the same run. Both are told where a chord begins; the net
is told how long it holds as well. A chord that is struck again counts once.
"""

from __future__ import annotations

import argparse
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from lab.training.progressions import progressions
from musicassist.harmony.detection import QUALITIES
from musicassist.harmony.progressions import STATES, Ground, Placed, features, progression_net

ORDER = 3
Degrees = list[int]  # of a piece: the chords as the key sees them


def degrees(grounds: Sequence[Ground], chords: Sequence[Placed]) -> Degrees:
    """The chords with their roots counted from the tonic."""
    kinds = len(QUALITIES)
    return [(c // kinds - g.key.tonic) % 12 * kinds + c % kinds for g, (_, _, c) in zip(grounds, chords, strict=True)]


class Progressions3Gram:
    """Counts of what follows two chords, one and none, interpolated. Source: Witten and Bell (1991), method C."""

    def __init__(self, pieces: Iterable[Degrees]) -> None:
        self._counts: dict[tuple[int, ...], Counter[int]] = defaultdict(Counter)
        for piece in pieces:
            for place, chord in enumerate(piece):
                for length in range(min(place, ORDER - 1) + 1):
                    self._counts[tuple(piece[place - length : place])][chord] += 1

    def bits(self, piece: Degrees) -> float:
        """Of all chords of a piece together."""
        total = 0.0
        for place, chord in enumerate(piece):
            share = 1 / STATES
            for length in range(min(place, ORDER - 1) + 1):
                counts = self._counts.get(tuple(piece[place - length : place]))
                if counts:
                    share = (counts[chord] + len(counts) * share) / (counts.total() + len(counts))
            total -= math.log2(share)
        return total


def net_bits(grounds: Sequence[Ground], chords: Sequence[Placed]) -> float:
    """Of all chords of a piece together, by the net that ships."""
    read = [features(grounds[i], chords[:i], start, end) for i, (start, end, _) in enumerate(chords)]
    scores = progression_net().scores(np.stack([rows for rows, _ in read]), np.stack([facts for _, facts in read]))
    return float(-scores[np.arange(len(chords)), [state for _, _, state in chords]].sum() / math.log(2))


def main() -> None:
    """Measures and prints."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("data", type=Path)
    words.add_argument("--split", default="valid")
    given = words.parse_args()
    counted = Progressions3Gram(
        degrees(grounds, chords) for _, _, grounds, chords in progressions(given.data, ("train",))
    )
    sums: dict[str, list[float]] = {}
    for dataset, _, grounds, chords in progressions(given.data, (given.split,)):
        for name in (dataset, "all"):
            row = sums.setdefault(name, [0.0, 0.0, 0.0, 0.0])
            for place, value in enumerate(
                (net_bits(grounds, chords), counted.bits(degrees(grounds, chords)), len(chords), 1)
            ):
                row[place] += value
    for name, (net, gram, chord_count, pieces) in sorted(sums.items()):
        fewer = 100 * (1 - net / gram)
        print(
            f"{name:10} net {net / chord_count:.3f}, 3-gram {gram / chord_count:.3f} bits a chord, {fewer:.1f} % fewer;"
            f" {chord_count:.0f} chords of {pieces:.0f} pieces, {given.split}"
        )


if __name__ == "__main__":
    main()
