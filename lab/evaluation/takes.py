"""What takes are like: do they loop or die where real music does not, and do they keep to their span and scale."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from musicassist.composing.engine import Engine
from musicassist.composing.request import Constraints, GenerationRequest, Take
from musicassist.evaluation.figures import Figure
from musicassist.evaluation.phrases import FOLLOWING_BARS, Phrase
from musicassist.score.song import Notes, Song, Track
from musicassist.score.theory import SCALES, Key
from musicassist.score.timing import MeterChange

MAX_EQUAL_BARS = 2
MIN_PITCHES = 3
_METERS = ((4, 4), (3, 4), (6, 8), (2, 4), (5, 4), (7, 8), (12, 8))


def has_loop(notes: Notes, song: Song, from_tick: int, to_tick: int) -> bool:
    """Whether a bar (onsets, pitches and lengths) stands more than twice running."""
    bars = song.time_map
    seen: list[tuple[tuple[int, int, int], ...]] = []
    for bar in range(bars.bar_at(from_tick), bars.bar_at(to_tick - 1) + 1):
        start, stop = bars.bar_start_tick(bar), bars.bar_start_tick(bar + 1)
        own = notes.where(notes.starting_between(start, stop))
        seen.append(tuple((n.start_tick - start, n.pitch, n.duration_ticks) for n in own))
    return any(len(set(seen[i : i + 3])) == 1 for i in range(len(seen) - MAX_EQUAL_BARS))


def is_poor(notes: Notes) -> bool:
    """Whether it has fewer than three pitches."""
    return len(np.unique(notes.pitch)) < MIN_PITCHES


def loop_figures(
    engine: Engine, model: str, phrases: Sequence[Phrase], *, takes: int, seed: int, split: str
) -> list[Figure]:
    """Share of takes that loop or are poor, at temperature 1, beside the true continuations."""
    made: list[tuple[bool, bool]] = []
    in_key: list[float] = []
    for phrase in phrases:
        request = GenerationRequest(
            "continue",
            phrase.song,
            bars=FOLLOWING_BARS,
            takes=takes,
            candidates=1,
            seed=seed,
            temperature=1.0,
            top_p=1.0,
            model=model,
        )
        for take in engine.generate(request):
            made.append((has_loop(take.notes, phrase.song, take.from_tick, take.to_tick), is_poor(take.notes)))
            in_key.append(take.in_scale_share)
    true = [(has_loop(p.truth, p.song, p.from_tick, p.to_tick), is_poor(p.truth)) for p in phrases]
    rows = []
    for name, flags in ((model, made), ("true continuations", true)):
        loops, poor = (float(np.mean([flag[i] for flag in flags])) for i in range(2))
        either = float(np.mean([any(flag) for flag in flags]))
        table = (("takes with a loop", loops), ("takes with fewer than 3 pitches", poor), ("takes with either", either))
        rows += [Figure(metric, name, value, "", len(flags), seed, split) for metric, value in table]
    return [
        *rows,
        Figure("notes in the key, no scale asked for", model, float(np.mean(in_key)), "", len(made), seed, split),
    ]


def span_figures(engine: Engine, model: str, *, count: int, seed: int) -> list[Figure]:
    """Takes of random requests that fill their bars exactly, and their notes outside the scale asked for."""
    ends, outside, notes = 0, 0, 0
    for request in random_requests(count, model=model, seed=seed):
        take = engine.generate(request)[0]
        ends += fills_its_bars(take, request.song)
        key = request.constraints.key
        if key is not None:
            outside += int((~take.notes.in_key(key)).sum())
            notes += len(take.notes)
    return [
        Figure("takes that fill their bars exactly", model, ends, f"of {count}", count, seed, "random phrases"),
        Figure("notes outside the scale asked for", model, outside, f"of {notes}", notes, seed, "random phrases"),
    ]


def fills_its_bars(take: Take, song: Song) -> bool:
    """Whether the span ends on a bar line, the last bar has a note (a rest may follow), and none lies outside."""
    bars = song.time_map
    is_bar_line = bars.bar_line_at_or_after(take.to_tick) == take.to_tick
    inside = int(take.notes.start_tick.min()) >= take.from_tick and int(take.notes.end_tick.max()) <= take.to_tick
    last_bar_tick = bars.bar_start_tick(bars.bar_at(take.to_tick - 1)) - bars.ticks_per_beat / 24  # half a step
    return is_bar_line and inside and int(take.notes.start_tick.max()) >= last_bar_tick


def random_requests(count: int, *, model: str, seed: int) -> Iterator[GenerationRequest]:
    """Phrases and settings as wild as a user could make them."""
    random = np.random.default_rng(seed)
    for number in range(count):
        beats = int(random.choice([96, 120, 480, 960, 1024]))
        numerator, denominator = _METERS[random.integers(len(_METERS))]
        size = int(random.integers(1, 40))
        start = np.cumsum(random.integers(1, 3 * beats, size)) - 1
        length = np.maximum(1, random.integers(1, 3 * beats, size))
        pitch = np.clip(np.cumsum(random.integers(-5, 6, size)) + random.integers(40, 85), 0, 127)
        seed_notes = Notes.from_columns(start, pitch, length, np.full(size, 80))
        key = Key(int(random.integers(12)), str(random.choice(list(SCALES)))) if random.random() < 0.8 else None
        low = int(random.integers(0, 100))
        constraints = Constraints(
            key=key,
            lowest_pitch=low,
            highest_pitch=min(127, low + int(random.integers(12, 60))),
            density=float(random.choice([0.5, 1, 2, 4])) if random.random() < 0.3 else None,
            only_new=bool(random.random() < 0.2),
        )
        yield GenerationRequest(
            "continue",
            Song((Track("MELODY", seed_notes),), beats, (), (MeterChange(0, numerator, denominator),)),
            bars=int(random.integers(1, 9)),
            takes=1,
            candidates=1,
            seed=number,
            temperature=float(random.uniform(0.1, 2.0)),
            top_p=float(random.uniform(0.5, 1.0)),
            constraints=constraints,
            model=model,
        )
