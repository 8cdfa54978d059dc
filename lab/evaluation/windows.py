"""Two bars that a model made, against what really stands there: the figures by which GANs are told from music.

Two kinds of windows are made: the two bars after a phrase, and two bars from nothing in the same meter, key and style.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musicassist.composing.engine import Engine
from musicassist.composing.request import GenerationRequest
from musicassist.evaluation.figures import Figure
from musicassist.evaluation.phrases import Phrase
from musicassist.families.gan.predictor import LOWEST_ROW, row_in_reach, symbols_of
from musicassist.score.song import Notes, Song
from musicassist.tokens.codec import encode
from musicassist.tokens.vocabulary import MODES, STEPS_PER_BEAT
from musicassist.tokens.windows import (
    MAX_BAR_STEPS,
    WINDOW_BARS,
    WindowNotes,
    empty_bar_share,
    histograms,
    key_agreement,
    overlap,
    pitch_classes_per_bar,
    polyphony_share,
    qualified_share,
)

BARS_MADE = 4  # the first two are measured, so that no ending is
TAKES = 8  # of one phrase, for the distance between takes
REAL = "real music"


@dataclass(frozen=True)
class Window:
    """Two bars of notes.

    Attributes:
        place, pitch, length: One row a note: steps from the first bar line, semitones from the tonic, steps.
        bar_steps: Length of its bars.
        mode: Row of ``MODES``.
    """

    place: NDArray[np.int64]
    pitch: NDArray[np.int64]
    length: NDArray[np.int64]
    bar_steps: int
    mode: int


def is_measured(phrase: Phrase) -> bool:
    """Whether its key is known, and two of its bars fill no more than a window."""
    return bool(phrase.song.key_changes) and _bar_steps(phrase.song) <= MAX_BAR_STEPS


def window_of(notes: Notes, song: Song, start_tick: int) -> Window:
    """The two bars of some notes from a bar line on, in a song of one meter and a key."""
    melody, start = encode(notes, song.ticks_per_beat), round(start_tick * STEPS_PER_BEAT / song.ticks_per_beat)
    steps, key = _bar_steps(song), song.key_changes[0]
    inside = (melody.onset_step >= start) & (melody.onset_step < start + WINDOW_BARS * steps)
    place, length = melody.onset_step[inside] - start, melody.duration_steps[inside]
    cut = np.minimum(length, WINDOW_BARS * steps - place)
    return Window(place, melody.pitch[inside] - key.tonic, cut, steps, MODES.index(key.scale))


def _bar_steps(song: Song) -> int:
    return song.meter_changes[0].bar_ticks(STEPS_PER_BEAT)


def joined(windows: Sequence[Window]) -> WindowNotes:
    """All windows side by side."""
    counts = [len(window.place) for window in windows]
    place, pitch, length = (
        np.concatenate([getattr(window, name) for window in windows]).astype(np.int64)
        for name in ("place", "pitch", "length")
    )
    bar_steps, mode = (np.array([getattr(window, name) for window in windows]) for name in ("bar_steps", "mode"))
    return WindowNotes(np.repeat(np.arange(len(windows)), counts), place, pitch, length, bar_steps, mode)


def hamming_distance(windows: Sequence[Window]) -> float:
    """Mean share of the slots in which two windows differ, over all pairs; the rolls of ``families.gan.predictor``."""
    notes = joined(windows)
    rows = row_in_reach(notes.pitch % 12 - LOWEST_ROW)
    rolls = symbols_of(notes.window, notes.place, rows, notes.length, len(windows))
    slots = int((WINDOW_BARS * windows[0].bar_steps) // 2)  # a slot is two steps long on the average
    differ = (rolls[:, None, :slots] != rolls[None, :, :slots]).mean(-1)
    return float(differ[np.triu_indices(len(windows), 1)].mean())


def window_figures(engine: Engine, model: str, phrases: Sequence[Phrase], *, seed: int, split: str) -> list[Figure]:
    """The figures of a model's windows beside those of real music, composed as anything is unless told otherwise.

    Args:
        engine: Has the model.
        model: Its name.
        phrases: Those of which :func:`is_measured`.
        seed: Of the takes.
        split: Where the phrases are from.
    """
    verbs = next(card.verbs for card in engine.models() if card.name == model)
    real = [window_of(phrase.truth, phrase.song, phrase.from_tick) for phrase in phrases]
    rows = _shares(real, real, REAL, "", split, seed)
    rows += [Figure("distance of windows of one meter", REAL, _real_distance(real, seed), "", len(real), seed, split)]
    for kind in ("continue", "generate"):
        if kind in verbs:
            takes = [_made(engine, model, phrase, kind, seed) for phrase in phrases]
            rows += _shares([window for own in takes for window in own], real, model, f", {kind}", split, seed)
            distance = float(np.mean([hamming_distance(own) for own in takes]))
            name = f"distance of {TAKES} takes, {kind}"
            rows.append(Figure(name, model, distance, "", len(takes), seed, split))
    return rows


def _made(engine: Engine, model: str, phrase: Phrase, kind: str, seed: int) -> list[Window]:
    """The takes of one phrase, each as its first two bars."""
    song = phrase.song
    if kind == "generate":
        song = Song((), song.ticks_per_beat, (), song.meter_changes, song.key_changes)
    takes = engine.generate(
        GenerationRequest(
            kind,
            song,
            bars=BARS_MADE,
            takes=TAKES,
            candidates=1,
            seed=seed,
            style=phrase.style,
            model=model,
        )
    )
    return [window_of(take.notes, song, song.time_map.bar_line_at_or_after(take.from_tick)) for take in takes]


def _shares(
    windows: Sequence[Window], real: Sequence[Window], model: str, kind: str, split: str, seed: int
) -> list[Figure]:
    made = joined(windows)
    values = {
        "qualified notes": qualified_share(made),
        "polyphony": polyphony_share(made),
        "pitch classes per bar": pitch_classes_per_bar(made),
        "empty bars": empty_bar_share(made),
        "key agreement": key_agreement(made),
    }
    if windows is not real:
        own, other = histograms(made), histograms(joined(real))
        values |= {f"overlap of {name}": overlap(own[name], other[name]) for name in own}
    return [Figure(f"{name}{kind}", model, value, "", made.windows, seed, split) for name, value in values.items()]


def _real_distance(windows: Sequence[Window], seed: int) -> float:
    """Mean distance of ``TAKES`` windows of different pieces in the commonest meter."""
    lengths = [window.bar_steps for window in windows]
    alike = [window for window in windows if window.bar_steps == max(set(lengths), key=lengths.count)]
    random = np.random.default_rng(seed)
    if len(alike) < 2:
        return 0.0
    groups = [random.permutation(len(alike))[:TAKES] for _ in windows]
    return float(np.mean([hamming_distance([alike[place] for place in group]) for group in groups]))
