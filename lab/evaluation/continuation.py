"""The Nottingham continuation benchmark: given 32 beats of a tune, write the next ten."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from torch import nn

from lab.evaluation.cardinality import Point, mean_over_cutoffs, pitch_overlap
from musicassist.composing.family import Loaded
from musicassist.composing.melody_takes import Sampler, compose
from musicassist.composing.predictor import Passage
from musicassist.disk import read_unpacked
from musicassist.errors import UsageError
from musicassist.evaluation.figures import Figure
from musicassist.learning.batches import gather, note_losses
from musicassist.score.timing import MeterChange, TimeMap
from musicassist.tokens.codec import Melody, Surroundings
from musicassist.tokens.columns import columns_of
from musicassist.tokens.demands import Demands
from musicassist.tokens.vocabulary import STEPS_PER_BEAT

NAME = "nottingham_continuation"
MAX_BYTES = 256 * 2**20  # LIMIT: of the tables of a benchmark, unpacked
PRIME_BEATS = 32
TRUTH_BEATS = 10
TAKES = 24  # of which the one most like all others is given
TEMPERATURE = 0.8


@dataclass(frozen=True)
class Tune:
    """One test tune; times in beats from its first note."""

    meter: tuple[int, int]
    prime: tuple[tuple[float, float, int], ...]
    truth: tuple[Point, ...]
    truth_is_restart: bool


def read_tunes(folder: Path) -> list[Tune]:
    """The test tunes.

    Raises:
        UsageError: The folder does not hold the benchmark.
    """
    path = folder / "continuation_test.json.gz"
    try:
        rows = json.loads(read_unpacked(path, MAX_BYTES))["tunes"]
    except (OSError, ValueError, KeyError) as error:
        raise UsageError("{folder} does not hold the benchmark {name}.", folder=folder, name=NAME) from error
    return [
        Tune(
            tuple(int(part) for part in row["meter"].split("/")),  # type: ignore[arg-type]
            tuple((onset, duration, pitch) for onset, duration, pitch in row["prime"]),
            tuple((onset, pitch) for onset, _, pitch in row["truth"]),
            row["truth_is_restart"],
        )
        for row in rows
    ]


def copy_forward(prime: Sequence[tuple[float, float, int]]) -> list[Point]:
    """Goes on after the earlier place with the longest matching suffix of intervals and onset steps."""
    steps = [(round(b[0] - a[0], 4), b[2] - a[2]) for a, b in pairwise(prime)]
    best, length = 0, 0
    for place in range(1, len(steps)):
        run = 0
        while run < place and steps[place - 1 - run] == steps[len(steps) - 1 - run]:
            run += 1
        if run >= length and run > 0:
            best, length = place, run
    made: list[Point] = []
    onset, pitch = prime[-1][0], prime[-1][2]
    while steps and onset < PRIME_BEATS + TRUTH_BEATS:
        gap, interval = steps[best]
        onset, pitch, best = onset + gap, pitch + interval, best + 1
        steps.append((gap, interval))  # past the prime's end it goes on with what it has made
        made.append((round(onset, 6), pitch))
    return made


def restart(prime: Sequence[tuple[float, float, int]]) -> list[Point]:
    """The tune's first ten beats again."""
    return [(onset + PRIME_BEATS, pitch) for onset, _, pitch in prime if onset <= TRUTH_BEATS]


def figures(model_name: str, ready: Loaded, folder: Path, *, seed: int) -> list[Figure]:
    """A model that reads notes beside "copy forward" and "restart", on all tunes and where the truth is no restart.

    Raises:
        UsageError: The folder does not hold the benchmark, or the model does not read note by note.
    """
    if not ready.reads_notes:
        raise UsageError("The model {name} does not read a tune note by note.", name=model_name)
    tunes = read_tunes(folder)
    answers = {
        "copy forward": [copy_forward(tune.prime) for tune in tunes],
        "restart": [restart(tune.prime) for tune in tunes],
        model_name: [continue_tune(ready, tune, seed=seed + number) for number, tune in enumerate(tunes)],
    }
    rows = []
    for name, made in answers.items():
        rows += _rows(name, tunes, made, "", seed)
        fresh = [place for place, tune in enumerate(tunes) if not tune.truth_is_restart]
        rows += _rows(name, [tunes[i] for i in fresh], [made[i] for i in fresh], ", truth is not the opening", seed)
    return rows


def _rows(name: str, tunes: Sequence[Tune], made: Sequence[Sequence[Point]], which: str, seed: int) -> list[Figure]:
    pairs = []
    for tune, own in zip(tunes, made, strict=True):
        inside = [p for p in own if PRIME_BEATS <= p[0] <= PRIME_BEATS + TRUTH_BEATS]
        pairs.append((tune.prime[-1][0], tune.truth, inside))
    strict, _ = mean_over_cutoffs(pairs)
    lenient, _ = mean_over_cutoffs(pairs, is_strict=False)
    overlap = float(np.mean([pitch_overlap(truth, own) for _, truth, own in pairs]))
    table = (("cardinality F1, strict", strict), ("cardinality F1", lenient), ("pitch overlap", overlap))
    return [Figure(metric + which, name, value, "", len(tunes), seed, NAME) for metric, value in table]


def continue_tune(ready: Loaded, tune: Tune, *, seed: int) -> list[Point]:
    """The next ten beats: of several takes the one that is, on the mean, most like all the others."""
    melody = _melody(tune.prime)
    bar_steps = STEPS_PER_BEAT * 4 * tune.meter[0] // tune.meter[1]
    shift = _best_shift(ready.whole(), melody, tune.meter, bar_steps)
    melody = replace(melody, onset_step=melody.onset_step + shift)
    place = Surroundings(_bars(tune.meter))
    demands = Demands(
        bars=place.bars,
        from_step=shift + PRIME_BEATS * STEPS_PER_BEAT,
        to_step=shift + (PRIME_BEATS + TRUTH_BEATS + 4) * STEPS_PER_BEAT,
        pitch_allowed=np.ones(128, dtype=bool),
    )
    takes = compose(
        ready.note_reader(),
        Passage(melody, place, demands),
        TAKES,
        Sampler(TEMPERATURE, 0.95, seed),
        on_note=lambda _index, _row: None,
        is_cancelled=lambda: False,
    )
    assert takes is not None  # nothing cancels here
    points = [[((row[0] - shift) / STEPS_PER_BEAT, row[1]) for row in take.rows] for take in takes]
    return max(points, key=lambda own: sum(_likeness(own, other) for other in points))


def _likeness(one: Sequence[Point], other: Sequence[Point]) -> float:
    """Share of the points that stand at the same place."""
    return len(set(one) & set(other)) / max(1, len(one) + len(other))


def _melody(prime: Sequence[tuple[float, float, int]]) -> Melody:
    rows = {round(onset * STEPS_PER_BEAT): (duration, pitch) for onset, duration, pitch in sorted(prime)}
    onset = np.array(sorted(rows), dtype=np.int64)
    length = np.array([max(1, round(rows[at][0] * STEPS_PER_BEAT)) for at in onset.tolist()], dtype=np.int64)
    gap = np.diff(np.append(onset, PRIME_BEATS * STEPS_PER_BEAT))
    pitch = np.array([rows[at][1] for at in onset.tolist()], dtype=np.int64)
    return Melody(onset, pitch, np.clip(length, 1, np.maximum(gap, 1)), np.full(len(onset), 88, dtype=np.int64))


def _bars(meter: tuple[int, int]) -> TimeMap:
    return TimeMap(STEPS_PER_BEAT, meter_changes=(MeterChange(0, *meter),))


@torch.no_grad()
def _best_shift(model: nn.Module, melody: Melody, meter: tuple[int, int], bar_steps: int) -> int:
    """Where in a bar the tune begins: the place at which the model finds the prime most likely."""
    shifts = range(0, bar_steps, STEPS_PER_BEAT // 2)
    parts = [
        columns_of(replace(melody, onset_step=melody.onset_step + shift), Surroundings(_bars(meter)))
        for shift in shifts
    ]
    losses = []
    for part in parts:
        batch = gather(part, np.array([0]), np.array([len(part)]))
        losses.append(float(torch.stack(note_losses(model, batch)[:3]).sum()))
    return shifts[int(np.argmin(losses))]
