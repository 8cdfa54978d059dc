"""Rules that takes break, of random requests to every model: ``python -m lab.evaluation.form_rules [--takes N]``.

What was asked is checked on the notes that come back, by none of the code that keeps the rules.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from musicassist.composing.engine import Engine
from musicassist.composing.request import (
    DEFAULT_CANDIDATES,
    ENDINGS,
    RHYTHMS,
    SCALE_STRENGTHS,
    VERBS,
    Constraints,
    Place,
    Take,
    Wish,
    request_of,
)
from musicassist.composing.take_plan import INTENTS
from musicassist.errors import MusicAssistError
from musicassist.families.registry import FAMILIES
from musicassist.resources import checkpoints_folder
from musicassist.score.chord_track import ChordMark, with_written_chords
from musicassist.score.song import Notes, Song, Track
from musicassist.score.theory import SCALES, Chord, Key
from musicassist.score.timing import MeterChange, TimeMap
from musicassist.terminal import say
from musicassist.tokens.vocabulary import STYLES

RULES = (
    "scale",
    "range",
    "chords always",
    "chords strong",
    "polyphony",
    "density",
    "leap",
    "rhythm",
    "new to training",
    "exact end",
)
TAKES = 8  # of a request
MAX_TAKES = 1_000_000  # LIMIT
_METERS = ((4, 4), (3, 4), (6, 8), (2, 4), (5, 4), (7, 8), (12, 8))
_SEED_BARS, _SPAN_BARS = 6, (2, 4)
_TRIADS = ((0, 4, 7, ""), (0, 3, 7, "m"))


@dataclass(frozen=True)
class Drawn:
    """A request with what its takes must meet.

    Attributes:
        request: What is asked.
        bars: How many are to be filled.
        chords: One a bar from tick 0 on, where notes have to be tones of them, all or those on strong beats; else none.
        polyphony: Most notes of a track at once.
        writes_parts: Whether what is asked writes chords and further tracks.
    """

    request: Any
    bars: int
    chords: tuple[Chord, ...]
    polyphony: int
    writes_parts: bool = False

    @property
    def strength(self) -> str:
        """How the chords bind the notes."""
        return str(self.request.constraints.chord_strength)

    def is_bound(self, tick: int) -> bool:
        """Whether what starts there has to be a chord tone: all, or what starts a bar or the second half of one."""
        bars = self.request.song.time_map
        bar = bars.bar_at(tick)
        start, length = bars.bar_start_tick(bar), bars.bar_start_tick(bar + 1) - bars.bar_start_tick(bar)
        halves = (0,) if length % (2 * self.request.song.ticks_per_beat) else (0, length // 2)
        return self.strength == "always" or tick - start in halves

    def fits(self, notes: Notes) -> bool:
        """Whether notes keep to the key. Chords have a minor key's raised degrees; in a line they must lead up."""
        key = self.request.constraints.key
        if self.writes_parts:
            return bool(np.isin(notes.pitch % 12, [*key.pitch_classes, *key.leading_steps]).all())
        return bool(notes.in_key(key).all())


def drawn(verb: str, model: str, count: int, *, writes_parts: bool, seed: int) -> Iterator[Drawn]:
    """Random requests to a model, as wild as a user could make them.

    Args:
        verb: What is asked for.
        model: Its name.
        count: How many requests.
        writes_parts: Whether it writes chords and further tracks.
        seed: Random number.
    """
    random = np.random.default_rng([seed, *model.encode(), *verb.encode()])
    for number in range(count):
        meter = _METERS[random.integers(len(_METERS))]
        ticks = int(random.choice([96, 480, 960]))
        bar = MeterChange(0, *meter).bar_ticks(ticks)
        key = Key(int(random.integers(12)), str(random.choice(list(SCALES)))) if random.random() < 0.7 else None
        low = int(random.integers(21, 80))
        highest = min(108, low + int(random.integers(14, 50)))
        is_bound = random.random() < 0.4
        polyphony = int(random.integers(1, 5)) if writes_parts else 1
        tracks = [Track("MELODY", _line(random, ticks, bar, low))]
        if writes_parts:
            tracks += [Track("PIANO", _chords(random, bar)), Track("BASS", _line(random, ticks, bar, 36))]
        song = Song(tuple(tracks), ticks, (), (MeterChange(0, *meter),))
        chords = _progression(random, key) if is_bound else ()
        total = 2 * _SEED_BARS + 8
        if chords:
            song = with_written_chords(song, [ChordMark(i * bar, chords[i % len(chords)]) for i in range(total)])
        rhythm = str(random.choice(RHYTHMS)) if random.random() < 0.5 else "free"
        strengths = ("always", "always", "strong") if is_bound else ("heard", "off")
        wish = Wish(
            model=model,
            takes=2 if writes_parts else TAKES,
            candidates=int(random.choice([1, DEFAULT_CANDIDATES])),
            style=str(random.choice(STYLES[1:])) if random.random() < 0.2 else None,
            bars=int(random.integers(1, 5)),
            amount=float(random.random()),
            ending=str(random.choice(ENDINGS)),
            intent=str(random.choice(["", *INTENTS])),
            temperature=float(random.uniform(0.2, 2.0)),
            top_p=float(random.uniform(0.6, 1.0)),
            closeness=float(random.uniform(-1, 1)) if random.random() < 0.2 else 0.0,
            surprise=float(random.uniform(-1, 1)) if random.random() < 0.2 else 0.0,
            constraints=Constraints(
                key=key,
                scale_strength=str(random.choice(SCALE_STRENGTHS)) if random.random() < 0.3 else "keep",
                chord_strength=str(random.choice(strengths)),
                lowest_pitch=low,
                highest_pitch=highest,
                polyphony=polyphony if writes_parts else None,
                density=float(random.choice([1, 2, 4])) if random.random() < 0.2 else None,
                largest_leap=int(random.choice([2, 3, 5, 7, 12])) if random.random() < 0.3 else None,
                rhythm=rhythm,
                only_new=bool(random.random() < 0.1),
                new_to_training=number % 3 == 1,
            ),
        )
        place, bars = _place(random, verb, bar, wish.bars, song)
        place = replace(place, all_parts=writes_parts and random.random() < 0.5)
        yield Drawn(request_of(wish, place, song, seed=number), bars, chords, polyphony, writes_parts)


def _place(random: np.random.Generator, verb: str, bar: int, bars: int, song: Song) -> tuple[Place, int]:
    if verb == "continue":
        return Place(), bars
    if verb == "generate":
        return Place(kind="generate", from_tick=bar * int(random.integers(4))), bars
    first, length = int(random.integers(1, 3)), int(random.choice(_SPAN_BARS))
    other = song if verb == "interpolate" else None
    return Place(kind=verb, from_tick=first * bar, to_tick=(first + length) * bar, other=other), length


def _line(random: np.random.Generator, ticks: int, bar: int, low: int) -> Notes:
    """A walk of eighths to halves over the seed's bars."""
    start, pitch, rows = 0, low + 7, []
    while start < _SEED_BARS * bar:
        length = ticks // 2 * int(random.integers(1, 5))
        rows.append((start, int(np.clip(pitch, 12, 115)), min(length, _SEED_BARS * bar - start), 80))
        start, pitch = start + length, pitch + int(random.integers(-4, 5))
    columns = np.array(rows, dtype=np.int64).T
    return Notes.from_columns(*columns)


def _chords(random: np.random.Generator, bar: int) -> Notes:
    """A triad a bar."""
    rows = []
    for number in range(_SEED_BARS):
        root = int(random.integers(48, 60))
        rows += [(number * bar, root + step, bar, 70) for step in _TRIADS[int(random.integers(2))][:3]]
    return Notes.from_columns(*np.array(rows, dtype=np.int64).T)


def _progression(random: np.random.Generator, key: Key | None) -> tuple[Chord, ...]:
    """Four triads inside the key, so that no demand stands against another; any where it has none or none is known."""
    found = []
    for root in range(12):
        for *steps, quality in _TRIADS:
            if key is None or {(root + int(step)) % 12 for step in steps} <= key.pitch_classes:
                found.append(Chord(root, quality))
    return tuple(found[int(random.integers(len(found)))] for _ in range(4)) if found else ()


def broken(asked: Drawn, take: Take) -> list[str]:
    """The rules that a take breaks."""
    request, bars = asked.request, asked.request.song.time_map
    constraints, found = request.constraints, []
    lines = [(request.track_index, take.notes), *((part.track_index, part.notes) for part in take.parts)]
    pitched = [notes for index, notes in lines if not request.song.is_drum_track(index) and len(notes)]
    pitches = np.concatenate([notes.pitch for notes in pitched]) if pitched else np.zeros(0, dtype=np.int64)
    if constraints.kept_key is not None and not all(asked.fits(notes) for notes in pitched):
        found.append("scale")
    own = take.notes.pitch
    if len(own) and (own.min() < constraints.lowest_pitch or own.max() > constraints.highest_pitch):
        found.append("range")
    if len(pitches) and (pitches.min() < 0 or pitches.max() > 127):
        found.append("range")
    bound = [note for notes in pitched for note in notes if asked.chords and asked.is_bound(note.start_tick)]
    if not all(_is_tone(asked, note.start_tick, note.pitch) for note in bound):
        found.append(f"chords {asked.strength}")
    if any(most_at_once(notes) > asked.polyphony for notes in pitched):
        found.append("polyphony")
    found += [rule for rule, is_kept in _line_rules(asked, take) if not is_kept]
    if constraints.new_to_training and (take.evidence is None or take.evidence.is_above):
        found.append("new to training")
    is_whole = bars.bar_line_at_or_after(take.to_tick) == take.to_tick and _filled_bars(request, take) == asked.bars
    inside = all(
        int(notes.start_tick.min()) >= take.from_tick and int(notes.end_tick.max()) <= take.to_tick
        for _, notes in lines
        if len(notes)
    )
    return found if is_whole and inside and len(take.notes) else [*found, "exact end"]


def _line_rules(asked: Drawn, take: Take) -> Iterator[tuple[str, bool]]:
    """Rules of the edited line, and those of rhythm of all parts, and whether each is kept."""
    request, bars, constraints = asked.request, asked.request.song.time_map, asked.request.constraints
    onsets = np.unique(take.notes.start_tick)
    lowest = [int(take.notes.pitch[take.notes.start_tick == tick].min()) for tick in onsets]
    leap = constraints.largest_leap
    yield "leap", leap is None or all(abs(b - a) <= leap for a, b in pairwise(lowest))
    if constraints.density is not None:
        lines, counts = np.unique(bars.bar_spans(onsets)[0], return_counts=True)
        most = np.maximum(1, np.rint(constraints.density * bars.bar_lengths(lines) / bars.ticks_per_beat))
        yield "density", bool((counts <= most).all())
    if constraints.rhythm != "free":
        lines_of = [(request.track_index, onsets)]
        lines_of += [(part.track_index, part.notes.start_tick) for part in take.parts]
        yield "rhythm", all(_keeps_rhythm(asked, index, own) for index, own in lines_of)


def _keeps_rhythm(asked: Drawn, index: int, onsets: np.ndarray) -> bool:
    """Of a line each bar but the last is one that the track has; of other parts the places alone are looked at."""
    request, bars, kind = asked.request, asked.request.song.time_map, asked.request.constraints.rhythm
    offsets, ticks = onsets - bars.bar_spans(onsets)[0], bars.ticks_per_beat
    if kind != "kept":
        return bool((offsets * {"straight": 4, "triplets": 3, "swing": 2}[kind] % ticks == 0).all())
    if request.kind == "generate":
        return True  # from nothing there is none to keep
    known = {_places_in(request.song.tracks[index].notes.start_tick, bars, bar) for bar in range(_SEED_BARS)}
    if not set(offsets.tolist()) <= {place for own in known for place in own}:
        return False
    first, last = (bars.bar_at(int(tick)) for tick in (onsets[0], onsets[-1]))
    return asked.writes_parts or all(_places_in(onsets, bars, bar) in known for bar in range(first, last))


def _places_in(ticks: np.ndarray, bars: TimeMap, bar: int) -> tuple[int, ...]:
    start, stop = bars.bar_start_tick(bar), bars.bar_start_tick(bar + 1)
    return tuple(np.unique(ticks[(ticks >= start) & (ticks < stop)] - start).tolist())


def _filled_bars(request: Any, take: Take) -> int:
    bars = request.song.time_map
    return bars.bar_at(take.to_tick) - bars.bar_at(bars.bar_line_at_or_after(take.from_tick))


def _is_tone(asked: Drawn, tick: int, pitch: int) -> bool:
    chord = asked.chords[asked.request.song.time_map.bar_at(tick) % len(asked.chords)]
    return bool((chord.mask >> (pitch % 12)) & 1)


def most_at_once(notes: Notes) -> int:
    """How many notes sound together at most; one that ends where another begins does not sound with it."""
    starts, ends = np.sort(notes.start_tick), np.sort(notes.end_tick)
    return int((np.arange(1, len(starts) + 1) - np.searchsorted(ends, starts, side="right")).max(initial=0))


def rows_of(engine: Engine, wanted: int, *, seed: int, models: Sequence[str] = ()) -> dict[str, Counter[str]]:
    """For each verb and model how many takes were made, how many requests refused, and how often a rule was broken.

    Args:
        engine: Makes them.
        wanted: How many takes over all.
        seed: Random number.
        models: Only these, where some are named.
    """
    cards = engine.models()
    pairs = [
        (verb, card) for verb in VERBS for card in FAMILIES.serving(cards, verb) if not models or card.name in models
    ]
    share = -(-wanted // max(1, len(pairs)))
    found: dict[str, Counter[str]] = {}
    for verb, card in pairs:
        row = found.setdefault(f"{verb}, {card.name}", Counter())
        is_wide = FAMILIES.variant(card.variant).writes_parts
        for asked in drawn(verb, card.name, 4 * share, writes_parts=is_wide, seed=seed):
            if row["takes"] >= share:
                break
            try:
                takes = engine.generate(asked.request)
            except MusicAssistError:
                row["refused"] += 1
                continue
            row["takes"] += len(takes)
            for take in takes:
                row.update(broken(asked, take))
    return found


def main() -> None:
    """Measures and prints."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--takes", type=int, default=1000, help="over all models (default: 1000)")
    words.add_argument("--model", action="append", default=[], help="only this one; may be given several times")
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--json", action="store_true")
    given = words.parse_args()
    found = rows_of(
        Engine(checkpoints_folder(), FAMILIES), min(given.takes, MAX_TAKES), seed=given.seed, models=given.model
    )
    if given.json:
        print(json.dumps(found, indent=1))
        return
    total: Counter[str] = Counter()
    for name, row in found.items():
        total.update(row)
        say(f"{name:28} {_described(row)}")
    say(f"{'all':28} {_described(total)}")


def _described(row: Counter[str]) -> str:
    return f"{row['takes']:6} takes, {row['refused']:4} requests refused; broken: " + ", ".join(
        f"{rule} {row[rule]}" for rule in RULES
    )


if __name__ == "__main__":
    main()
