"""Notes that are composed anew while others stay: whatever is selected or pinned, nothing else becomes different."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from builders import phrase
from musicassist.composing.engine import Engine
from musicassist.composing.kept_notes import with_accents
from musicassist.composing.request import KEEPS, Constraints, GenerationRequest, Take
from musicassist.document.edits import exchange_span, replace_span
from musicassist.errors import SeedError
from musicassist.families.registry import FAMILIES
from musicassist.score.meant_times import meant_between
from musicassist.score.song import Mask, Note, Notes, Song, Track
from musicassist.score.theory import Key
from musicassist.score.timing import MeterChange
from tiny_models import install_tiny_model

BAR = 1920
ANEW = (*KEEPS, "")


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    folder = tmp_path_factory.mktemp("checkpoints")
    install_tiny_model(folder)
    return Engine(folder, FAMILIES)


def asked(song: Song, span: tuple[int, int], **more: object) -> GenerationRequest:
    given = {"takes": 2, "candidates": 3, "model": "tiny", "seed": 3, "selection": None, **more}
    return GenerationRequest(kind="infill", song=song, from_tick=span[0], to_tick=span[1], **given)  # type: ignore[arg-type]


def wild_song(random: np.random.Generator) -> Song:
    """A line of some bars, perhaps with chords below, played by hand, in any meter and division."""
    beat = int(random.choice([96, 120, 480, 960]))
    steps = random.choice([1, 2, 3, 4, 6, 8, 12, 16], size=int(random.integers(6, 40))) * beat // 4
    starts = np.cumsum(steps) - steps[0]
    pitches = np.clip(60 + np.cumsum(random.integers(-5, 6, len(steps))), 20, 110)
    lengths = np.maximum(1, steps * random.choice([0.5, 1, 1, 1.1], size=len(steps)).astype(float)).astype(int)
    late = random.integers(-4, 5, len(steps)) * (random.random() < 0.5)
    velocity = random.integers(40, 110, len(steps))
    rows = [Note(max(0, int(a + d)), int(p), int(n), int(v)) for a, p, n, v, d in
            zip(starts, pitches, lengths, velocity, late, strict=True)]  # fmt: skip
    if random.random() < 0.4:
        rows += [
            Note(int(a), int(p), 2 * beat, 60) for a in starts[::4] for p in random.choice(range(36, 60), 2, False)
        ]
    meter = [(4, 4), (3, 4), (6, 8), (5, 4)][random.integers(4)]
    return Song((Track("Tune", Notes.of(rows)),), beat, meter_changes=(MeterChange(0, *meter),))


def wild_span(song: Song, random: np.random.Generator) -> tuple[int, int]:
    bars = song.time_map
    last = bars.bar_at(int(song.tracks[0].notes.start_tick.max()))
    first = int(random.integers(0, last + 1))
    return bars.bar_start_tick(first), bars.bar_start_tick(int(random.integers(first, last + 1)) + 1)


def changed(before: Notes, after: Notes) -> tuple[Counter[Note], Counter[Note]]:
    """The notes that went, and those that came."""
    old, new = Counter(before), Counter(after)
    return old - new, new - old


def check_anew(take: Take, request: GenerationRequest, chosen: Mask) -> None:
    song, notes = request.song, request.song.tracks[0].notes
    after = exchange_span(song, 0, take.from_tick, take.to_tick, take.notes).song.tracks[0].notes
    gone, come = changed(notes, after)
    assert not gone - Counter(notes.where(chosen))  # only selected notes go
    assert after.where(after.pinned) == notes.where(notes.pinned)
    was, now = sorted(gone.elements()), sorted(come.elements())
    if request.keep == "rhythm":
        assert [replace(n, pitch=0) for n in was] == [replace(n, pitch=0) for n in now]
    elif request.keep == "notes":
        assert [(n.start_tick, n.pitch, n.duration_ticks) for n in was] == [
            (n.start_tick, n.pitch, n.duration_ticks) for n in now
        ]
    elif was:
        if request.keep == "pitches":
            assert Counter((n.pitch, n.velocity) for n in was) == Counter((n.pitch, n.velocity) for n in now)
        first = min(n.start_tick for n in notes.where(chosen))
        assert all(first <= n.start_tick < n.end_tick <= max(m.end_tick for m in notes.where(chosen)) for n in now)
    if request.constraints.key is not None and request.keep in ("rhythm", ""):
        assert all((n.pitch % 12) in request.constraints.key.pitch_classes for n in now)


@pytest.mark.parametrize("number", range(24))
def test_only_selected_notes_differ_and_what_is_kept_of_them_stays(engine: Engine, number: int) -> None:
    random = np.random.default_rng(number)
    song = wild_song(random)
    notes = song.tracks[0].notes
    pins = random.random(len(notes)) < random.choice([0.0, 0.2])
    song = song.with_track(0, song.tracks[0].with_notes(notes.with_pins(pins)))
    span = wild_span(song, random)
    chosen = meant_between(notes, song.time_map, *span) & (random.random(len(notes)) < random.choice([0.3, 0.7, 1.0]))
    key = Key(int(random.integers(12))) if random.random() < 0.5 else None
    constraints, options = Constraints(key=key), {"temperature": float(random.uniform(0.2, 2)), "seed": number}
    for keep in ANEW:
        request = asked(song, span, keep=keep, selection=chosen, constraints=constraints, **options)
        try:
            takes = engine.generate(request)
        except SeedError:
            continue  # nothing of the top line is free
        assert takes
        for take in takes:
            check_anew(take, request, chosen & ~pins)
            assert (take.from_tick, take.to_tick, take.chords) == (*span, ())
        assert len({tuple(take.notes) for take in takes}) == len(takes)


@pytest.mark.parametrize("number", range(14))
def test_pinned_notes_are_composed_around(engine: Engine, number: int) -> None:
    random = np.random.default_rng(1000 + number)
    song = wild_song(random)
    notes = song.tracks[0].notes
    song = song.with_track(0, song.tracks[0].with_notes(notes.with_pins(random.random(len(notes)) < 0.3)))
    notes, span = song.tracks[0].notes, wild_span(song, random)
    try:
        takes = engine.generate(asked(song, span, seed=number))
    except SeedError:
        return  # no room, or nothing around
    for take in takes:
        after = replace_span(song, 0, take.from_tick, take.to_tick, take.notes).song.tracks[0].notes
        assert after.where(after.pinned) == notes.where(notes.pinned)
        inside = notes.pinned & meant_between(notes, song.time_map, *span)
        assert not Counter(notes.where(inside)) - Counter(take.notes)


def line(*pitches: int) -> Song:
    return Song((Track("Tune", phrase(*pitches, step_ticks=480)),))


def test_one_note_gets_another_pitch_in_every_take_even_the_very_first_one(engine: Engine) -> None:
    song = line(60, 62, 64, 65, 67, 65, 64, 62)
    for row in (0, 3, 7):
        bar = row // 4 * BAR
        for take in engine.generate(asked(song, (bar, bar + BAR), keep="rhythm", selection=np.arange(8) == row)):
            was = [n.pitch for n in song.tracks[0].notes]
            differs = [k for k, n in enumerate(take.notes, 4 * (row // 4)) if n.pitch != was[k]]
            assert differs == [row]


def test_chords_under_a_line_get_louder_with_it_where_they_are_selected(engine: Engine) -> None:
    low = Notes.of(Note(n * 480, 40, 480, 50) for n in range(8))
    tune = line(60, 62, 64, 65, 67, 65, 64, 62).tracks[0].notes
    song = Song((Track("Both", tune.plus(low)),))
    chosen = song.tracks[0].notes.start_tick >= BAR
    for take in engine.generate(asked(song, (BAR, 2 * BAR), keep="notes", selection=chosen, takes=4)):
        by_tick: dict[int, list[Note]] = {}
        for note in take.notes:
            by_tick.setdefault(note.start_tick, []).append(note)
        for bass, top in by_tick.values():
            assert bass.velocity - 50 == top.velocity - 88


def test_even_notes_get_accents_where_the_model_would_leave_them_even() -> None:
    song = line(60, 62, 64, 65, 67, 65, 64, 62)
    notes, chosen = song.tracks[0].notes, np.arange(8) >= 5
    request = asked(song, (BAR, 2 * BAR), keep="notes", selection=chosen)
    stands = Take(notes.where(notes.start_tick >= BAR), BAR, 2 * BAR, "tiny", 3, 1, 1.0, 1.0, Constraints())
    one, other = (with_accents(replace(stands, number=number), request).notes for number in (1, 2))
    assert one.velocity[0] == 88 and len({88, *one.velocity.tolist()}) > 2
    assert one != other and replace(one, velocity=stands.notes.velocity) == stands.notes
    assert with_accents(replace(stands, notes=one), request).notes == one  # what the model made otherwise stays


def test_what_cannot_be_composed_anew_is_said(engine: Engine) -> None:
    song = line(60, 62, 64, 65)
    everything = np.ones(4, dtype=np.bool_)
    pinned = song.with_track(0, song.tracks[0].with_notes(song.tracks[0].notes.with_pins(everything)))
    with pytest.raises(SeedError, match="pinned, or others sound above"):
        engine.generate(asked(pinned, (0, BAR), keep="rhythm", selection=everything))
    notes = line(*range(60, 68)).tracks[0].notes.with_pins(np.arange(8) >= 4)
    pinned = song.with_track(0, song.tracks[0].with_notes(notes))
    with pytest.raises(SeedError, match="leave no room"):
        engine.generate(asked(pinned, (BAR, 2 * BAR)))
    with pytest.raises(SeedError, match="no notes to compose anew"):
        engine.generate(asked(song, (BAR, 2 * BAR), keep="pitches"))
