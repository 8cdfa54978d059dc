"""Notes composed anew: ``python -m lab.evaluation.anew [--requests N]``, random requests to all models that can.

Random notes of random songs are selected, others pinned. What has become of all notes is checked by none of the code
that keeps them.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from lab.evaluation.form_rules import Drawn, drawn
from musicassist.composing.engine import Engine
from musicassist.composing.request import KEEPS, Take
from musicassist.document.edits import exchange_span, replace_span
from musicassist.errors import MusicAssistError
from musicassist.families.registry import FAMILIES
from musicassist.resources import checkpoints_folder
from musicassist.score.song import Note, Notes
from musicassist.terminal import say

AROUND_PINS = {"filled around pins": "infill", "varied around pins": "vary"}  # only what is pinned stays of whole bars
WAYS = (*KEEPS, "", *AROUND_PINS)
LAWS = ("others changed", "pins changed", "not kept", "outside its place", "scale", "range", "chords")
_SELECTED, _PINNED = 0.6, 0.15


def asked_anew(model: str, count: int, way: str, *, seed: int) -> Iterator[Drawn]:
    """Requests as :func:`form_rules.drawn` makes them, of which only some notes are composed.

    Args:
        model: Its name.
        count: How many.
        way: One of ``WAYS``.
        seed: Random number.
    """
    random = np.random.default_rng([seed, *model.encode(), *way.encode()])
    for own in drawn(AROUND_PINS.get(way, "infill"), model, count, writes_parts=False, seed=seed):
        request = own.request
        constraints = replace(request.constraints, new_to_training=False, rhythm="free", largest_leap=None)
        track = request.song.tracks[0]
        pins = random.random(len(track.notes)) < (2 * _PINNED if way in AROUND_PINS else _PINNED)
        song = request.song.with_track(0, track.with_notes(track.notes.with_pins(pins)))
        request = replace(request, song=song, constraints=constraints)
        if way not in AROUND_PINS:
            chosen = random.random(len(track.notes)) < _SELECTED
            chosen &= track.notes.starting_between(request.from_tick, request.to_tick)
            request = replace(request, keep=way, selection=chosen)
        yield replace(own, request=request)


def broken_laws(asked: Drawn, take: Take) -> list[str]:
    """What went wrong in a take."""
    request = asked.request
    before = request.song.tracks[0].notes
    write = exchange_span if request.is_reroll else replace_span
    after = write(request.song, 0, take.from_tick, take.to_tick, take.notes).song.tracks[0].notes
    old, new = Counter(before), Counter(after)
    gone, come = old - new, new - old
    if not request.is_reroll:  # what is held into the bars ends where they begin
        come = Counter({note: count for note, count in come.items() if note.start_tick >= take.from_tick})
    inside = before.starting_between(take.from_tick, take.to_tick)
    free = inside & ~before.pinned
    if request.is_reroll:
        free &= request.selection
    held = Counter(before.where((before.start_tick < take.from_tick) & (before.end_tick > take.from_tick)))
    found = ["others changed"] if gone - Counter(before.where(free)) - held else []
    found += ["pins changed"] if after.where(after.pinned) != before.where(before.pinned) else []
    was, now = _plain(gone - held, request.keep), _plain(come, request.keep)
    found += ["not kept"] if request.keep and was != now else []
    chosen, made = before.where(free), Notes.of(come.elements())
    first, last = (_hull(chosen) if request.is_reroll else (take.from_tick, take.to_tick)) if len(chosen) else (0, 0)
    if len(made) and not first <= int(made.start_tick.min()) <= int(made.end_tick.max()) <= last:
        found.append("outside its place")
    return found if request.keep in ("pitches", "notes") else [*found, *_broken_rules(asked, take, made)]


def _hull(notes: Notes) -> tuple[int, int]:
    return int(notes.start_tick.min()), int(notes.end_tick.max())


def _plain(notes: Counter[Note], keep: str) -> list[tuple[int, ...]]:
    """What is to be the same of notes that went and of those that came."""
    rows = sorted(notes.elements())
    if keep == "pitches":
        return sorted((note.pitch, note.velocity) for note in rows)
    if keep == "notes":
        return [(note.start_tick, note.pitch, note.duration_ticks) for note in rows]
    return sorted((note.start_tick, note.duration_ticks, note.velocity) for note in rows)


def _broken_rules(asked: Drawn, take: Take, made: Notes) -> Iterator[str]:
    rules = asked.request.constraints
    if rules.kept_key is not None and not take.notes.in_key(rules.kept_key)[take.notes.among(made)].all():
        yield "scale"
    if len(made) and not rules.lowest_pitch <= made.pitch.min() <= made.pitch.max() <= rules.highest_pitch:
        yield "range"
    chords, bars = asked.chords, asked.request.song.time_map
    bound = [note for note in made if chords and asked.is_bound(note.start_tick)]
    if any(not chords[bars.bar_at(n.start_tick) % len(chords)].mask >> n.pitch % 12 & 1 for n in bound):
        yield "chords"


def counted(engine: Engine, requests: int, *, seed: int, models: tuple[str, ...] = ()) -> dict[str, Counter[str]]:
    """For each way and model how many takes were made, how many requests refused, and which laws were broken."""
    pairs = [
        (way, card.name)
        for way in WAYS
        for card in FAMILIES.serving(engine.models(), AROUND_PINS.get(way, "infill"))
        if not FAMILIES.variant(card.variant).writes_parts and (not models or card.name in models)
    ]
    share = -(-requests // max(1, len(pairs)))
    found: dict[str, Counter[str]] = {}
    for way, name in pairs:
        row = found.setdefault(f"{way or 'nothing'}, {name}", Counter())
        for asked in asked_anew(name, share, way, seed=seed):
            row["requests"] += 1
            try:
                takes = engine.generate(asked.request)
            except MusicAssistError:
                row["refused"] += 1
                continue
            row["takes"] += len(takes)
            for take in takes:
                row.update(broken_laws(asked, take))
    return found


def main() -> None:
    """Measures and prints."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--requests", type=int, default=500, help="over all ways and models (default: 500)")
    words.add_argument("--model", action="append", default=[], help="only this one; may be given several times")
    words.add_argument("--seed", type=int, default=1)
    given = words.parse_args()
    total: Counter[str] = Counter()
    engine = Engine(checkpoints_folder(), FAMILIES)
    for name, row in counted(engine, given.requests, seed=given.seed, models=tuple(given.model)).items():
        total.update(row)
        say(f"{name:34} {_described(row)}")
    say(f"{'all':34} {_described(total)}")


def _described(row: Counter[str]) -> str:
    made = f"{row['requests']:4} requests, {row['refused']:3} refused, {row['takes']:5} takes; broken: "
    return made + ", ".join(f"{law} {row[law]}" for law in LAWS)


if __name__ == "__main__":
    main()
