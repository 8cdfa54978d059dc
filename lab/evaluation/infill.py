"""Bars filled in beside the bars that truly stood there, and how well the music goes on behind them.

Each hole is two bars of a melody of the held-out side, with eight bars before it and at least two behind. A model that
hears the past only fills the same holes, so that what the notes behind are worth can be seen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from musicassist.composing.engine import Engine
from musicassist.composing.melody_takes import Sampler, compose
from musicassist.composing.melody_task import MelodyTask, melody_task
from musicassist.composing.outline import Row
from musicassist.composing.request import GenerationRequest
from musicassist.evaluation.figures import Figure
from musicassist.evaluation.phrases import FOLLOWING_BARS, Phrase
from musicassist.learning.batches import gather, note_losses
from musicassist.tokens.codec import Melody, encode
from musicassist.tokens.columns import columns_of

HOLE_BARS = 2
Counts = NDArray[np.float64]
Player = tuple[Engine, str]  # an engine and the name of a model that it has loaded
_BEHIND = "bits per note of the bar behind a hole"
_MELODY_COLUMNS = ("onset_step", "pitch", "duration_steps", "velocity")


@dataclass(frozen=True)
class Hole:
    """A task with what truly stood in it, on the models' grid.

    Attributes:
        request, task: The infill.
        truth: The notes that stood in the hole.
        behind_step: Where the first bar behind it ends.
    """

    request: GenerationRequest
    task: MelodyTask
    truth: Melody
    behind_step: int

    @property
    def bar_steps(self) -> int:
        """Length of its bars."""
        demands = self.task.passage.demands
        return (demands.to_step - demands.from_step) // HOLE_BARS


def hole_of(phrase: Phrase, *, seed: int) -> Hole | None:
    """The first bars that follow a phrase as a hole; None where they, or the bar behind them, are empty."""
    bar_ticks = (phrase.to_tick - phrase.from_tick) // FOLLOWING_BARS
    stop = phrase.from_tick + HOLE_BARS * bar_ticks
    (track,) = phrase.song.tracks
    song = replace(phrase.song, tracks=(replace(track, notes=track.notes.plus(phrase.truth)),))
    request = GenerationRequest(
        "infill",
        song,
        takes=1,
        candidates=1,
        seed=seed,
        temperature=1.0,
        top_p=1.0,
        style=phrase.style or None,
        from_tick=phrase.from_tick,
        to_tick=stop,
    )
    task = melody_task(request)
    truth = encode(phrase.truth.where(phrase.truth.start_tick < stop), song.ticks_per_beat)
    following = task.passage.following
    step = task.passage.demands.to_step
    hole = Hole(request, task, truth, step + (step - task.passage.demands.from_step) // HOLE_BARS)
    return hole if len(truth) and len(following) and following.onset_step[0] < hole.behind_step else None


def infill_figures(players: Sequence[Player], judge: nn.Module, phrases: Sequence[Phrase], split: str) -> list[Figure]:
    """Overlap with the true bars, and bits of the bar behind beside those after the true bars.

    Args:
        players: What fills the holes.
        judge: The model whose bits are counted, one for all.
        phrases: Of the held-out side.
        split: Its name.
    """
    made = (hole_of(phrase, seed=number) for number, phrase in enumerate(phrases))
    holes = [hole for hole in made if hole is not None]
    if not holes:
        return []
    smooth = _bits_behind(judge, holes, [hole.truth for hole in holes])
    rows = [Figure(_BEHIND, "true bars", smooth, "bits", len(holes), None, split)]
    for engine, name in players:
        filled = [_filled(engine, name, hole) for hole in holes]
        bits = _bits_behind(judge, holes, filled)
        table = [
            *_overlaps(holes, filled),
            (_BEHIND, bits),
            (f"{_BEHIND}, more than after the true bars", bits - smooth),
        ]
        rows += [Figure(what, name, value, "bits" * ("bits" in what), len(holes), 0, split) for what, value in table]
    return rows


def _overlaps(holes: Sequence[Hole], filled: Sequence[Melody]) -> list[tuple[str, float]]:
    """Of each hole by itself, and of what all holes hold together."""
    rows = []
    for what, count in _COUNTS.items():
        own = [count(hole, melody) for hole, melody in zip(holes, filled, strict=True)]
        true = [count(hole, hole.truth) for hole in holes]
        each = [overlap(one, other) for one, other in zip(own, true, strict=True)]
        rows.append((f"{what} in common, each hole", float(np.mean(each))))
        rows.append((f"{what} in common, all holes", overlap(np.sum(own, 0), np.sum(true, 0))))
    return rows


def _filled(engine: Engine, name: str, hole: Hole) -> Melody:
    """One take of a hole, also by a model that does not offer to fill in."""
    takes = compose(
        engine.ready(name).predictor(hole.task, hole.request),
        hole.task.passage,
        1,
        Sampler(1.0, 1.0, hole.request.seed),
        on_note=lambda _index, _row: None,
        is_cancelled=lambda: False,
    )
    assert takes is not None  # nothing cancels here
    return _melody(takes[0].rows)


def _melody(rows: Sequence[Row]) -> Melody:
    table = np.array(rows, dtype=np.int64)
    return Melody(*(table[:, column].copy() for column in range(4)))


def _pitch_classes(hole: Hole, melody: Melody) -> Counts:
    """(12,) how often each pitch class occurs, above the tonic where one is known."""
    tonic = hole.task.key.tonic if hole.task.key is not None else 0
    return np.bincount((melody.pitch - tonic) % 12, minlength=12).astype(np.float64)


def _onsets(hole: Hole, melody: Melody) -> Counts:
    """(97,) how many notes start at each step of a bar; the last class is for bars of more than eight beats."""
    place = (melody.onset_step - hole.task.passage.demands.from_step) % hole.bar_steps
    return np.bincount(np.minimum(place, 96), minlength=97).astype(np.float64)


_COUNTS: dict[str, Callable[[Hole, Melody], Counts]] = {
    "pitch classes": _pitch_classes,
    "onsets": _onsets,
}


def overlap(one: Counts, other: Counts) -> float:
    """Sum over classes of the smaller of the two shares."""
    return float(np.minimum(one / one.sum(), other / other.sum()).sum())


@torch.no_grad()
def _bits_behind(judge: nn.Module, holes: Sequence[Hole], filled: Sequence[Melody]) -> float:
    """Mean bits per note (gap, pitch, duration) of the first bar behind each hole, after what was filled in."""
    bits: list[float] = []
    for hole, melody in zip(holes, filled, strict=True):
        passage = hole.task.passage
        parts = (passage.seed, melody, passage.following)
        whole = Melody(*(np.concatenate([getattr(part, name) for part in parts]) for name in _MELODY_COLUMNS))
        columns = columns_of(whole, replace(passage.place, last_bar=None))
        losses = note_losses(judge, gather(columns, np.array([0]), np.array([len(columns)])))
        onset = whole.onset_step[1:]
        behind = (onset >= passage.demands.to_step) & (onset < hole.behind_step)
        bits += (torch.stack(losses[:3]).sum(0)[0][torch.from_numpy(behind)] / np.log(2)).tolist()
    return float(np.mean(bits))
