"""Whether excerpts of the training music are found: ``python -m lab.evaluation.planted DATA [--index FILE]``.

Excerpts of training melodies are transposed and stretched in time, some get two notes changed; counted is how often
their piece is among those that the index names, and how much CPU time a look at a take costs. ``--split`` also says how
many excerpts of melodies that no model has seen, of four and of eight bars, are above the line; ``--model`` the same of
takes that go on from phrases of these melodies.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from lab.training.originality import PieceLine, excerpts_of, lines_of
from musicassist.composing.engine import Engine
from musicassist.composing.originality import Evidence
from musicassist.composing.request import GenerationRequest
from musicassist.composing.training_music import (
    FILE_NAME,
    IndexedLines,
    PieceName,
    TrainingMusic,
    training_music_in,
)
from musicassist.evaluation.phrases import FOLLOWING_BARS, Phrase, phrases_of
from musicassist.families.registry import FAMILIES
from musicassist.learning.corpus import Report, read_lines
from musicassist.models.weights import open_weights
from musicassist.resources import checkpoints_folder
from musicassist.score.song import Notes

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
    music: TrainingMusic, lines: Sequence[PieceLine], names: Sequence[str], plan: tuple[int, int, int], seed: int
) -> tuple[float, list[float]]:
    """How often the piece is named, and how many milliseconds each look took.

    Args:
        music: The index.
        lines: Training lines.
        names: What each one's piece is called.
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
        hits += names[row] in [run.piece for run in evidence.runs]
    return hits / count, spent


def music_by_file(index: Path, lines: Sequence[PieceLine]) -> TrainingMusic:
    """An index whose pieces are called by their files: titles stand above several pieces."""
    with open_weights(index) as weights:
        held = IndexedLines.of(weights)
    files = dict.fromkeys((line.dataset, line.file) for line in lines)
    assert len(files) == len(held.names), "the index is one of other music"
    return TrainingMusic(replace(held, names=tuple(PieceName(dataset, file, "") for dataset, file in files)))


def takes_of(engine: Engine, model: str, phrases: Sequence[Phrase], seed: int) -> list[Evidence]:
    """What the first takes of a model share with the training music, one for each phrase."""
    found = []
    for number, phrase in enumerate(phrases):
        take = engine.generate(
            GenerationRequest("continue", phrase.song, bars=FOLLOWING_BARS, takes=1, seed=seed + number, model=model)
        )[0]
        assert take.evidence is not None
        found.append(take.evidence)
    return found


def said(evidences: Sequence[Evidence]) -> str:
    """Their runs in words."""
    runs = np.array([one.longest_notes for one in evidences])
    above = 100 * np.mean([one.is_above for one in evidences])
    mean, highest = f"longest run {runs.mean():.1f} notes on the average", f"95 % up to {np.percentile(runs, 95):.0f}"
    return f"{len(runs)}, {mean}, {highest}, {above:.1f} % above the line"


def main() -> None:
    """Plants, looks, prints."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("data", type=Path)
    words.add_argument("--index", type=Path, default=checkpoints_folder() / FILE_NAME)
    words.add_argument("--count", type=int, default=2000, help="excerpts that are planted (0: none)")
    words.add_argument("--split", choices=("valid", "test"))
    words.add_argument("--model", action="append", default=[], help="also say what its takes share, of --split")
    words.add_argument("--phrases", type=int, default=100, help="that are continued (default: 100)")
    words.add_argument("--seed", type=int, default=1)
    given = words.parse_args()
    if given.count:
        every = list(lines_of(given.data, ("train",)))
        music = music_by_file(given.index, every)
        for what, lines in (("melodies", [line for line in every if line.is_melody]), ("all lines", every)):
            files = [line.file for line in lines]
            for notes, changed in ((16, 0), (24, 2), (32, 2)):
                share, spent = found_share(music, lines, files, (given.count, notes, changed), given.seed)
                named = f"{what}: {notes} notes, {changed} changed: {100 * share:.2f} % of {given.count} named"
                slow = f"99 % in {np.percentile(spent, 99):.1f}, at most {max(spent):.1f}"
                print(f"{named}, {np.mean(spent):.1f} ms a take, {slow}", flush=True)
    shipped = training_music_in(given.index.parent)
    if shipped is None or not given.split:
        return
    held_out = list(lines_of(given.data, (given.split,)))
    for bars in BARS:
        excerpts = excerpts_of(held_out, bars, np.random.default_rng((given.seed, bars)))
        print(f"{given.split}, {bars} bars: {said([shipped.evidence_of(notes) for notes in excerpts])}", flush=True)
    if given.model:
        melodies = read_lines([given.data], Report(), splits=(given.split,))
        phrases = phrases_of([line for line in melodies if line.is_melody], given.phrases, seed=given.seed)
        print(f"what really followed: {said([shipped.evidence_of(phrase.truth) for phrase in phrases])}", flush=True)
        for model in given.model:
            takes = takes_of(Engine(given.index.parent, FAMILIES), model, phrases, given.seed)
            print(f"{model}: {said(takes)}", flush=True)


if __name__ == "__main__":
    main()
