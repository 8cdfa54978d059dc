"""Arrangements judged from outside: ``python -m lab.evaluation.form_parts DATA [--split valid] [--places N]``.

Four bars of all tracks behind eight of POP909 and of piano music for two hands, beside what really follows. The edited
part is the melody or the right hand; what the others do is counted together.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from lab.evaluation.form_features import Floats, Tones, bars_of, motion, passage_of, returns
from lab.evaluation.form_judges import areas, telling
from musicassist.composing.engine import Engine
from musicassist.composing.request import Take
from musicassist.errors import MidiImportError, UsageError
from musicassist.families.registry import FAMILIES
from musicassist.learning.music_files import archived_files
from musicassist.midi import read_song_bytes
from musicassist.resources import checkpoints_folder
from musicassist.score.chord_track import is_chord_track
from musicassist.score.keys import key_at
from musicassist.score.song import Notes, Song
from musicassist.session.offers import Ask, Controls, request_for
from musicassist.terminal import say

SEED_BARS, BARS = 8, 4
MIN_NOTES = 8  # of each part's seed
LICENCES = ("permissive", "mit_underlying_copyright")
HANDS = ("PIANO_RH", "PIANO_LH")
_LEADING = ("MELODY", "PIANO_RH")
_SEMITONE_CLASHES = (1, 11)  # pitch classes that rub


@dataclass(frozen=True)
class Seam:
    """Eight bars of several tracks, with what follows.

    Attributes:
        piece: ``dataset/file``.
        song: Its tracks up to the seam; the edited one is the first.
        truth: What really follows in each track, cut at the end of the four bars.
        bar_ticks: Of every bar.
        tonic: Pitch class.
    """

    piece: str
    song: Song
    truth: tuple[Tones, ...]
    bar_ticks: int
    tonic: int

    @property
    def from_tick(self) -> int:
        """The seam."""
        return SEED_BARS * self.bar_ticks

    @property
    def seeds(self) -> tuple[Tones, ...]:
        """What stands before it, track by track."""
        return tuple(tones_of(track.notes) for track in self.song.tracks)


def tones_of(notes: Notes) -> Tones:
    """The notes as plain numbers."""
    return tuple((note.start_tick, note.pitch, note.duration_ticks) for note in notes)


def places(data: Path, split: str, count: int, *, seed: int) -> list[Seam]:
    """One place a piece, of pieces in random order; as many of POP909 as of piano music where there are."""
    found: dict[bool, list[Seam]] = {True: [], False: []}
    files = list(archived_files(data / "split.csv", LICENCES, (split,), Counter()))
    random = np.random.default_rng(seed)
    for at in random.permutation(len(files)):
        file = files[int(at)]
        is_pop = file.dataset == "pop909"
        if len(found[is_pop]) >= -(-count // 2):
            continue
        try:
            song = read_song_bytes(file.data, file.name).song
        except MidiImportError:
            continue
        own = next(places_of(song, f"{file.dataset}/{file.name}", random), None)
        if own is not None:
            found[is_pop].append(own)
    return [*found[True], *found[False]]


def places_of(song: Song, piece: str, random: np.random.Generator) -> Iterator[Seam]:
    """The places of a song with a melody and other tracks, or with two hands, in random order."""
    tracks = [track for track in song.tracks if len(track.notes) and not is_chord_track(track) and not track.is_drums]
    leading = [track for track in tracks if track.name.upper().startswith(_LEADING)]
    others = [track for track in tracks if track is not leading[0]] if leading else []
    if not others or (leading[0].name.upper().startswith(HANDS) and len(tracks) != len(HANDS)):
        return
    bars, rows = song.time_map, [leading[0], *others]
    last = bars.bar_at(song.end_tick) - SEED_BARS - BARS
    for first in random.permutation(max(0, last)).tolist():
        lines = [bars.bar_start_tick(first + n) for n in range(SEED_BARS + BARS + 1)]
        size = lines[1] - lines[0]
        if any(b - a != size for a, b in pairwise(lines)):
            continue
        cut, end = lines[SEED_BARS], lines[-1]
        seeds = [_moved(track.notes, lines[0], cut) for track in rows]
        truth = [_moved(track.notes, cut, end, lines[0]) for track in rows]
        if min(len(notes) for notes in (*seeds, truth[0])) < MIN_NOTES:
            continue
        meter = replace(bars.meter_at(lines[0]), tick=0)
        own = tuple(replace(track, notes=notes, events=()) for track, notes in zip(rows, seeds, strict=True))
        short = Song(own, song.ticks_per_beat, (), (meter,))
        heard = key_at(short, 0).key
        yield Seam(piece, short, tuple(map(tones_of, truth)), size, heard.tonic if heard is not None else 0)


def _moved(notes: Notes, start: int, stop: int, zero: int | None = None) -> Notes:
    """The notes that start in a stretch, cut at its end, counted from its begin or from another tick."""
    inside = notes.where(notes.starting_between(start, stop))
    length = np.minimum(inside.duration_ticks, stop - inside.start_tick)
    at = inside.start_tick - (start if zero is None else zero)
    return Notes.from_columns(at, inside.pitch, length, inside.velocity)


def arranged(engine: Engine, model: str, place: Seam, *, takes: int, seed: int) -> list[tuple[Tones, ...]]:
    """What the takes write, track by track: as the window asks for it that nobody has set up."""
    controls = Controls(model=model, takes=takes, bars=BARS)
    request = request_for(Ask(at_tick=place.from_tick, all_parts=True), place.song, 0, controls, seed=seed, revision=0)
    return [_tracks(take, len(place.song.tracks)) for take in engine.generate(request)]


def _tracks(take: Take, count: int) -> tuple[Tones, ...]:
    parts = {part.track_index: tones_of(part.notes) for part in take.parts}
    return (tones_of(take.notes), *(parts.get(index, ()) for index in range(1, count)))


def row_of(place: Seam, tracks: Sequence[Tones]) -> dict[str, float]:
    """What the parts do together, and the edited one and all others each for itself."""
    lead, low = sorted(tracks[0]), _joined(tracks[1:])
    seed_lead, seed_low = sorted(place.seeds[0]), _joined(place.seeds[1:])
    whole, seed_whole = _joined(tracks), _joined(place.seeds)
    bar, begin = place.bar_ticks, place.from_tick
    rows: dict[str, float] = {}
    for name, own, before in (("leading", lead, seed_lead), ("others", low, seed_low)):
        rows[f"density of {name} against seed"] = len(own) / BARS / max(1, len(before)) * SEED_BARS
        rows[f"notes at once, {name}"] = _at_once(own)
        rows[f"notes at once against seed, {name}"] = _at_once(own) - _at_once(before)
        rows[f"register of {name} against seed"] = _register(own) - _register(before) if own else 0.0
        rows[f"length of notes against seed, {name}"] = (_length(own) - _length(before)) / bar
        rows[f"bars of {name} with a rhythm of the seed"] = _known_rhythms(own, before, begin, bar)
        rows[f"bars of {name} without notes"] = _silent(own, begin, bar)
    rows["register distance"] = _register(lead) - _register(low)
    rows["onsets together"] = _together(lead, low)
    rows["onsets together against seed"] = _together(lead, low) - _together(seed_lead, seed_low)
    rows["leading notes that are tones of the others"] = _chord_tones(lead, low)
    rows["the same against seed"] = _chord_tones(lead, low) - _chord_tones(seed_lead, seed_low)
    rows["semitone clashes"] = _clashes(lead, low)
    rows["parallel motion"] = _parallel(lead, low)
    rows["notes outside the seed's pitch classes"] = _strange(whole, seed_whole)
    return rows


def known_places(place: Seam, tracks: Sequence[Tones]) -> float:
    """Of the onsets of the other tracks the share at places of the bar where their own last eight bars had some.

    No judge knows it: what composes may look at it.
    """
    flags = []
    for before, own in zip(place.seeds[1:], tracks[1:], strict=True):
        known = {tick % place.bar_ticks for tick, _, _ in before}
        flags += [tick % place.bar_ticks in known for tick in {tick for tick, _, _ in own}]
    return float(np.mean(flags)) if flags else 1.0


def described(place: Seam, tracks: Sequence[Tones]) -> Floats:
    """(features,) for the two-sample test: the row, and what melodies are judged by, of the edited part and others."""
    values = list(row_of(place, tracks).values())
    for own, before in ((sorted(tracks[0]), sorted(place.seeds[0])), (_joined(tracks[1:]), _joined(place.seeds[1:]))):
        passage = passage_of(
            tuple(before), own, from_tick=place.from_tick, bars=BARS, bar_ticks=place.bar_ticks, tonic=place.tonic
        )
        values += [*returns(passage).values(), *motion(passage).values()]
    return np.array(values)


def _joined(tracks: Sequence[Tones]) -> list[tuple[int, int, int]]:
    return sorted(tone for track in tracks for tone in track)


def _register(tones: Sequence[tuple[int, int, int]]) -> float:
    return float(np.mean([pitch for _, pitch, _ in tones])) if tones else 0.0


def _length(tones: Sequence[tuple[int, int, int]]) -> float:
    return float(np.mean([length for _, _, length in tones])) if tones else 0.0


def _at_once(tones: Sequence[tuple[int, int, int]]) -> float:
    """How many notes sound where one starts, mean over these places."""
    counts = [len(_sounding(tones, tick)) for tick in {tick for tick, _, _ in tones}]
    return float(np.mean(counts)) if counts else 0.0


def _sounding(tones: Sequence[tuple[int, int, int]], tick: int) -> list[int]:
    return [pitch for at, pitch, length in tones if at <= tick < at + length]


def _known_rhythms(
    own: Sequence[tuple[int, int, int]], before: Sequence[tuple[int, int, int]], begin: int, bar: int
) -> float:
    def rhythms(tones: Sequence[tuple[int, int, int]], start: int, count: int) -> list[frozenset[int]]:
        return [frozenset(place for place, _ in row) for row in bars_of(tones, start, count, bar)]

    known = set(rhythms(before, 0, SEED_BARS))
    return float(np.mean([row in known for row in rhythms(own, begin, BARS)]))


def _silent(own: Sequence[tuple[int, int, int]], begin: int, bar: int) -> float:
    return float(np.mean([not row for row in bars_of(own, begin, BARS, bar)]))


def _together(lead: Sequence[tuple[int, int, int]], low: Sequence[tuple[int, int, int]]) -> float:
    one, other = ({tick for tick, _, _ in tones} for tones in (lead, low))
    return len(one & other) / max(1, len(one | other))


def _chord_tones(lead: Sequence[tuple[int, int, int]], low: Sequence[tuple[int, int, int]]) -> float:
    """Of the leading notes under which something sounds, the share whose pitch class sounds there."""
    found = [(pitch % 12, {other % 12 for other in _sounding(low, tick)}) for tick, pitch, _ in lead]
    flags = [pitch_class in tones for pitch_class, tones in found if tones]
    return float(np.mean(flags)) if flags else 0.0


def _clashes(lead: Sequence[tuple[int, int, int]], low: Sequence[tuple[int, int, int]]) -> float:
    """The share of leading notes that begin a semitone away from something that sounds."""
    flags = [
        any((pitch - other) % 12 in _SEMITONE_CLASHES for other in _sounding(low, tick)) for tick, pitch, _ in lead
    ]
    return float(np.mean(flags)) if flags else 0.0


def _parallel(lead: Sequence[tuple[int, int, int]], low: Sequence[tuple[int, int, int]]) -> float:
    """Of the steps from one leading note to the next under which the lowest note moves, the share in one direction."""
    flags = []
    for (tick, pitch, _), (later, follows, _) in pairwise(lead):
        one, other = _sounding(low, tick), _sounding(low, later)
        if one and other and pitch != follows and min(one) != min(other):
            flags.append((follows > pitch) == (min(other) > min(one)))
    return float(np.mean(flags)) if flags else 0.5


def _strange(own: Sequence[tuple[int, int, int]], before: Sequence[tuple[int, int, int]]) -> float:
    known = {pitch % 12 for _, pitch, _ in before}
    return float(np.mean([pitch % 12 not in known for _, pitch, _ in own])) if own else 0.0


def main() -> None:
    """Measures and prints.

    Raises:
        UsageError: There is nothing to judge, or no model writes all tracks.
    """
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("data", type=Path)
    words.add_argument("--split", default="valid", choices=("valid", "test"))
    words.add_argument("--places", type=int, default=128, help="places of as many pieces (default: 128)")
    words.add_argument("--takes", type=int, default=2, help="of each place (default: 2)")
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--json", action="store_true")
    given = words.parse_args()
    engine = Engine(checkpoints_folder(), FAMILIES)
    models = FAMILIES.writing_parts(engine.models(), "continue")
    found = places(given.data, given.split, given.places, seed=given.seed)
    if not models or not found:
        raise UsageError("There is no model that writes several tracks, or no piece to judge it by.")
    made, pieces = [], []
    rows: dict[str, list[dict[str, float]]] = {"real": [], "this build": []}
    known: dict[str, list[float]] = {"real": [], "this build": []}
    for number, place in enumerate(found):
        rows["real"].append(row_of(place, place.truth))
        known["real"].append(known_places(place, place.truth))
        for tracks in arranged(engine, models[0].name, place, takes=given.takes, seed=given.seed + number):
            rows["this build"].append(row_of(place, tracks))
            known["this build"].append(known_places(place, tracks))
            made.append(described(place, tracks))
            pieces.append(place.piece)
    real = np.array([described(place, place.truth) for place in found])
    judged = areas(np.array(made), real, pieces, [place.piece for place in found], seed=given.seed)
    names = list(rows["real"][0])
    table = {name: {kind: float(np.mean([row[name] for row in own])) for kind, own in rows.items()} for name in names}
    table["onsets of others where their bars had some"] = {kind: float(np.mean(own)) for kind, own in known.items()}
    if given.json:
        print(json.dumps({"split": given.split, "places": len(found), "table": table, "AUC": judged}, indent=1))
        return
    say(f"{len(found)} places, {given.split}, {models[0].name}, {given.takes} takes each, random number {given.seed}")
    for name, values in table.items():
        say(f"| {name} | {values['real']:.3f} | {values['this build']:.3f} |")
    for judge, area in judged.items():
        say(f"| AUC, {judge} | | {area:.3f} |")
    for name, area in telling(np.array(made)[:, : len(names)], real[:, : len(names)], names)[:8]:
        say(f"tells by itself: {name} {area:.2f}", on_stderr=True)


if __name__ == "__main__":
    main()
