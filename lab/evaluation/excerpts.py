"""A phrase with four bars after it, true or made: what the scoreboard compares."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from musicassist.composing.engine import Engine
from musicassist.composing.request import GenerationRequest
from musicassist.evaluation.phrases import FOLLOWING_BARS, SEED_BARS, Phrase
from musicassist.score.keys import find_key
from musicassist.score.song import Notes
from musicassist.score.theory import Key
from musicassist.tokens.codec import Melody, encode, step_map

Bar = tuple[tuple[int, int, int], ...]  # of each note: steps after the bar line, pitch, steps


@dataclass(frozen=True)
class Excerpt:
    """One continuation of one phrase.

    Attributes:
        phrase: What was continued.
        notes: The notes of the bars after it, in the phrase's ticks.
        lead_in: Notes that were made in the phrase's last bars, where it ends with a rest. They count as its own.
    """

    phrase: Phrase
    notes: Notes
    lead_in: Notes = field(default_factory=Notes.of)

    @cached_property
    def seed(self) -> Melody:
        """The phrase on the grid; at least one note."""
        return encode(self.phrase.song.tracks[0].notes.plus(self.lead_in), self.phrase.song.ticks_per_beat)

    @cached_property
    def melody(self) -> Melody:
        """The continuation on the grid."""
        return encode(self.notes, self.phrase.song.ticks_per_beat)

    @cached_property
    def key(self) -> Key:
        """The key that the seed is heard in."""
        return find_key(self.phrase.song.tracks[0].notes) or Key(0)

    @cached_property
    def bar_steps(self) -> int:
        """Length of each bar in steps."""
        return step_map(self.phrase.song).bar_start_tick(1)

    @cached_property
    def bars(self) -> tuple[Bar, ...]:
        """The seed's bars, then those of the continuation."""
        rows: list[list[tuple[int, int, int]]] = [[] for _ in range(SEED_BARS + FOLLOWING_BARS)]
        for melody in (self.seed, self.melody):
            for onset, pitch, duration, _ in melody:
                rows[min(onset // self.bar_steps, len(rows) - 1)].append((onset % self.bar_steps, pitch, duration))
        return tuple(map(tuple, rows))


@dataclass(frozen=True)
class Speed:
    """How fast the continuations were made, one take at a time.

    Attributes:
        first_note_seconds: Of each request, until its first note was told.
        notes_per_second: Over all requests, reading the seeds included.
    """

    first_note_seconds: tuple[float, ...]
    notes_per_second: float


def true_excerpts(phrases: Sequence[Phrase]) -> list[Excerpt]:
    """What really followed."""
    return [Excerpt(phrase, phrase.truth) for phrase in phrases]


def made_excerpts(
    engine: Engine, model: str, phrases: Sequence[Phrase], *, seed: int, extra_bars: int = 0
) -> tuple[list[Excerpt], Speed]:
    """One take of each phrase as it comes, without a critic; else as a user gets it who changes no setting.

    Args:
        engine: Makes them.
        model: Its name there.
        phrases: What is continued.
        seed: The first request's random number; each further request has the next one.
        extra_bars: Bars asked for beyond those that are compared. A take comes to an end where it was asked to, while
            what really followed goes on; with some bars more it need not end where it is cut.
    """
    engine.load(model)
    excerpts: list[Excerpt] = []
    first: list[float] = []
    begin = time.perf_counter()
    for number, phrase in enumerate(phrases):
        heard: list[float] = []
        bars = _bars_after_seed(phrase) + extra_bars
        request = GenerationRequest(
            "continue", phrase.song, bars=bars, takes=1, candidates=1, seed=seed + number, model=model
        )
        start = time.perf_counter()
        take = engine.generate(request, on_note=lambda _take, _note: heard.append(time.perf_counter()))[0]  # noqa: B023
        first += [at - start for at in heard[:1]]
        excerpts.append(_cut(phrase, take.notes))
    notes = sum(len(excerpt.notes) + len(excerpt.lead_in) for excerpt in excerpts)
    return excerpts, Speed(tuple(first), notes / (time.perf_counter() - begin))


def _cut(phrase: Phrase, notes: Notes) -> Excerpt:
    """The part of a take that stands beside the truth; like there, a note ends with the last bar."""
    early, late = notes.start_tick < phrase.from_tick, notes.start_tick >= phrase.to_tick
    kept = notes.where(~early & ~late)
    length = np.minimum(kept.duration_ticks, phrase.to_tick - kept.start_tick)
    return Excerpt(phrase, replace(kept, duration_ticks=length), notes.where(early))


def _bars_after_seed(phrase: Phrase) -> int:
    """Whole bars to ask for, after the one in which the seed's last note ends, to come to the phrase's end."""
    bars = phrase.song.time_map
    last_line = bars.bar_line_at_or_after(phrase.song.tracks[0].end_tick)
    return (phrase.to_tick - last_line) // bars.bar_start_tick(1)


def repeated_excerpts(phrases: Sequence[Phrase]) -> list[Excerpt]:
    """The seed's last bars again: what a model must beat that is to have ideas."""
    excerpts = []
    for phrase in phrases:
        notes = phrase.song.tracks[0].notes
        span = phrase.to_tick - phrase.from_tick
        last = notes.where(notes.start_tick >= phrase.from_tick - span)
        excerpts.append(Excerpt(phrase, moved(last, span, 0)))
    return excerpts


def borrowed_excerpts(phrases: Sequence[Phrase], *, seed: int) -> list[Excerpt]:
    """For each phrase what followed another piece's phrase of the same meter, moved into its key and register.

    The other phrase is drawn at random, if possible from those whose seed is heard in the same mode. Its continuation
    is transposed by the distance of the two seeds' tonics, in the octave that brings its first note nearest to the
    seed's last. A phrase whose meter no other piece has is left out.
    """
    random = np.random.default_rng(seed)
    true = true_excerpts(phrases)
    chosen = ((own, _other(own, true, random)) for own in true)
    return [Excerpt(own.phrase, _fitted(own, other)) for own, other in chosen if other is not None]


def _other(own: Excerpt, others: Sequence[Excerpt], random: np.random.Generator) -> Excerpt | None:
    meter = str(own.phrase.song.meter_changes[0])
    possible = [
        other
        for other in others
        if other.phrase.source != own.phrase.source and str(other.phrase.song.meter_changes[0]) == meter
    ]
    alike = [other for other in possible if other.key.scale == own.key.scale] or possible
    return alike[int(random.integers(len(alike)))] if alike else None


def _fitted(own: Excerpt, other: Excerpt) -> Notes:
    up = (own.key.tonic - other.key.tonic) % 12
    target, first = int(own.seed.pitch[-1]), int(other.melody.pitch[0])
    octaves = range(-120, 121, 12)
    shift = min((up + octave for octave in octaves), key=lambda semitones: abs(first + semitones - target))
    return moved(other.notes, own.phrase.from_tick - other.phrase.from_tick, shift)


def moved(notes: Notes, ticks: int, semitones: int) -> Notes:
    """The same notes later and higher; pitches stay within what MIDI knows, by octaves."""
    pitch = notes.pitch + semitones
    pitch = np.where(pitch < 0, pitch % 12, np.where(pitch > 127, 108 + pitch % 12, pitch))
    return replace(notes, start_tick=notes.start_tick + ticks, pitch=pitch)
