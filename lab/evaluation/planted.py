"""Whether excerpts of the training music are found: ``python -m lab.evaluation.planted DATA [--index FILE]``.

Excerpts of training melodies are transposed and stretched in time, some get two notes changed; counted is how often
their piece is among those that the index names, and how much CPU time a look at a take costs. ``--split`` also says how
many excerpts of melodies that no model has seen, of four and of eight bars, are above the line.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lab.training.originality import PieceLine, excerpts_of, lines_of, names_in
from musicassist.composing.training_music import FILE_NAME, TrainingMusic, training_music_in
from musicassist.resources import checkpoints_folder
from musicassist.score.song import Notes
from musicassist.tokens.codec import Ints

TEMPO_SHARES = (0.5, 2.0)  # of how long an excerpt lasts
BARS = (4, 8)
MIN_PITCH, MAX_PITCH = 12, 115


def planted(line: PieceLine, notes: int, changed: int, random: np.random.Generator) -> Notes:
    """An excerpt of a line as another key and another tempo have it; some inner notes have another pitch."""
    first = int(random.integers(0, len(line.onset) - notes + 1))
    onset, pitch = line.onset[first : first + notes], line.pitch[first : first + notes].copy()
    low, high = MIN_PITCH - int(pitch.min()), MAX_PITCH - int(pitch.max())
    pitch += int(random.choice([shift for shift in range(max(low, -11), min(high, 11) + 1) if shift]))
    for row in random.choice(np.arange(1, notes - 1), changed, replace=False):
        pitch[row] += int(random.choice((-4, -3, -2, -1, 1, 2, 3, 4)))
    start = np.rint((onset - onset[0]) * random.uniform(*TEMPO_SHARES)).astype(np.int64)
    lasts = np.append(np.diff(start), 240)
    return Notes.from_columns(start, pitch, np.maximum(1, lasts), np.full(notes, 80))


def found_share(
    music: TrainingMusic, lines: Sequence[PieceLine], titles: Sequence[str], plan: tuple[int, int, int], seed: int
) -> tuple[float, list[float]]:
    """How often the piece is named, and how many milliseconds each look took.

    Args:
        music: The index.
        lines: Training lines.
        titles: The name of each one's piece.
        plan: How many excerpts, of how many notes, of which so many are changed.
        seed: Chooses them.
    """
    count, notes, changed = plan
    random = np.random.default_rng((seed, notes, changed))
    long = [row for row, line in enumerate(lines) if len(line.onset) >= notes]
    hits, spent = 0, []
    for row in random.choice(long, count):
        take = planted(lines[row], notes, changed, random)
        began = time.thread_time()  # of this thread alone, whatever else the machine does
        evidence = music.evidence_of(take)
        spent.append(1000 * (time.thread_time() - began))
        hits += titles[row] in [run.piece for run in evidence.runs]
    return hits / count, spent


def main() -> None:
    """Plants, looks, prints."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("data", type=Path)
    words.add_argument("--index", type=Path, default=checkpoints_folder() / FILE_NAME)
    words.add_argument("--count", type=int, default=2000)
    words.add_argument("--split", choices=("valid", "test"))
    words.add_argument("--seed", type=int, default=1)
    given = words.parse_args()
    music = training_music_in(given.index.parent)
    assert music is not None, given.index
    names = names_in(given.data)
    every = list(lines_of(given.data, ("train",)))
    for what, lines in (("melodies", [line for line in every if line.is_melody]), ("all lines", every)):
        titles = [names[line.dataset, line.file].title for line in lines]
        for notes, changed in ((16, 0), (24, 2), (32, 2)):
            share, spent = found_share(music, lines, titles, (given.count, notes, changed), given.seed)
            named = f"{what}: {notes} notes, {changed} changed: {100 * share:.2f} % of {given.count} named"
            times = f"{np.mean(spent):.1f} ms a take, 99 % in {np.percentile(spent, 99):.1f}, at most {max(spent):.1f}"
            print(f"{named}, {times}", flush=True)
    if given.split:
        held_out = list(lines_of(given.data, (given.split,)))
        for bars in BARS:
            random: np.random.Generator = np.random.default_rng((given.seed, bars))
            seen = [music.evidence_of(notes) for notes in excerpts_of(held_out, bars, random)]
            runs: Ints = np.array([one.longest_notes for one in seen])
            above = np.mean([one.is_above for one in seen])
            said = (
                f"{given.split}, {bars} bars: {len(seen)} excerpts, longest run {runs.mean():.1f} notes on the average"
            )
            print(f"{said}, 95 % up to {np.percentile(runs, 95):.0f}, {100 * above:.1f} % above the line", flush=True)


if __name__ == "__main__":
    main()
