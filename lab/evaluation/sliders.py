"""Whether takes go where the sliders point: ``python -m lab.evaluation.sliders DATA ... [--phrases 24]``.

Phrases of valid pieces are continued at nine positions of *closer*, and of *surprising*, with the same random number.
How much a take is like its phrase is told by bars that have the same pitch classes at the same places, which is none of
what the takes were chosen by; how little the model expected it, by the model's own distributions without any heat.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from lab.evaluation.excerpts import Bar
from lab.evaluation.latent import spearman
from lab.evaluation.structure import likeness
from musicassist.composing.engine import Engine
from musicassist.composing.request import Place, Take, Wish, request_of
from musicassist.evaluation.phrases import FOLLOWING_BARS, Phrase, phrases_of
from musicassist.families.registry import FAMILIES
from musicassist.learning.corpus import Report, read_lines
from musicassist.resources import checkpoints_folder
from musicassist.score.song import Notes, Song
from musicassist.terminal import say

POSITIONS = tuple(float(at) for at in np.linspace(-1, 1, 9))
SLIDERS = ("closeness", "surprise")
TAKES = 4


@dataclass(frozen=True)
class Course:
    """What one slider did.

    Attributes:
        slider: Its field in ``Wish``.
        values: (phrases, positions), the mean over the takes of each request.
    """

    slider: str
    values: np.ndarray

    @property
    def of_means(self) -> float:
        """Spearman's correlation of the positions with the means over all phrases."""
        return spearman(np.array(POSITIONS), self.values.mean(0))

    @property
    def of_phrases(self) -> float:
        """The mean over the phrases of that of each phrase."""
        moved = [row for row in self.values if np.ptp(row) > 0]
        return float(np.mean([spearman(np.array(POSITIONS), row) for row in moved])) if moved else 0.0


def similarity(song: Song, phrase: Notes, take: Take) -> float:
    """How like the bars of a phrase those of a take are, 0..1: of each the bar that is most like it, on the average."""
    own = _bars(song, take.notes, take.from_tick, take.to_tick)
    known = _bars(song, phrase, 0, take.from_tick)
    table = likeness([*own, *known])[: len(own), len(own) :]
    return float(table.max(1).mean()) if table.size else 0.0


def _bars(song: Song, notes: Notes, from_tick: int, to_tick: int) -> list[Bar]:
    bars = song.time_map
    lines = [bars.bar_start_tick(bar) for bar in range(bars.bar_at(from_tick), bars.bar_at(to_tick - 1) + 2)]
    return [
        tuple(
            (n.start_tick - start, n.pitch, n.duration_ticks) for n in notes.where(notes.starting_between(start, stop))
        )
        for start, stop in pairwise(lines)
    ]


def course(engine: Engine, slider: str, phrases: Sequence[Phrase], *, model: str, seed: int) -> Course:
    """What a slider does with some phrases.

    Args:
        engine: Composes.
        slider: One of ``SLIDERS``.
        phrases: What is continued.
        model: Its name.
        seed: Random number.
    """
    return Course(slider, np.array([list(_row(engine, slider, own, model, seed)) for own in phrases]))


def _row(engine: Engine, slider: str, phrase: Phrase, model: str, seed: int) -> Iterator[float]:
    for position in POSITIONS:
        plain = Wish(model=model, takes=TAKES, bars=FOLLOWING_BARS)
        wish = replace(plain, closeness=position) if slider == "closeness" else replace(plain, surprise=position)
        takes = engine.generate(request_of(wish, Place(), phrase.song, seed=seed))
        if slider == "closeness":
            yield float(np.mean([similarity(phrase.song, phrase.song.tracks[0].notes, take) for take in takes]))
        else:
            yield float(np.mean([take.surprisal_bits or 0.0 for take in takes]))


def main() -> None:
    """Measures and prints."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("data", type=Path, nargs="+")
    words.add_argument("--split", default="valid")
    words.add_argument("--model", default="lstm-form")
    words.add_argument("--phrases", type=int, default=24)
    words.add_argument("--slider", choices=SLIDERS, action="append", default=[])
    words.add_argument("--seed", type=int, default=1)
    given = words.parse_args()
    lines = [line for line in read_lines(given.data, Report(), splits=(given.split,)) if line.is_melody]
    phrases = phrases_of(lines, given.phrases, seed=given.seed)
    engine = Engine(checkpoints_folder(), FAMILIES)
    for slider in given.slider or SLIDERS:
        found = course(engine, slider, phrases, model=given.model, seed=given.seed)
        means = " ".join(f"{value:.3f}" for value in found.values.mean(0))
        say(f"{slider}: {means} at {POSITIONS[0]:g} to {POSITIONS[-1]:g}, {len(phrases)} phrases of {given.split}")
        say(f"{slider}: Spearman {found.of_means:.3f} of the means, {found.of_phrases:.3f} of single phrases")


if __name__ == "__main__":
    main()
