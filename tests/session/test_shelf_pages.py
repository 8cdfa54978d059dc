"""Offers become pages and come back as they were; what nobody offered is refused."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import note_columns, phrase, song_of, songs
from musicassist.composing.composed import Composed, Stretch, WeightsFile, with_composed
from musicassist.composing.originality import Evidence, SharedRun
from musicassist.composing.plan import BarPlan, Ending, Relation
from musicassist.composing.request import VERBS, Constraints, GenerationRequest, Kin, Part, Take
from musicassist.composing.take_plan import Intent, TakePlan
from musicassist.document.entry import Entry
from musicassist.document.entry_bytes import pack_entry, unpack_entry
from musicassist.document.pages import Page
from musicassist.score.chord_track import ChordSpan
from musicassist.score.seam import Amends
from musicassist.score.song import Event, Track
from musicassist.score.theory import Chord, Key
from musicassist.score.timing import TempoChange
from musicassist.session.comping import MIX, Comp
from musicassist.session.offers import Offer
from musicassist.session.shelf_pages import Shelved, page_of, shelved_of

BAR = 1920
SPAN = (BAR, 5 * BAR)
KEYS = st.builds(Key, st.integers(0, 11), st.sampled_from(["major", "minor", "dorian"]))
CHORDS = st.builds(Chord, st.integers(0, 11), st.sampled_from(["", "m7", "6"]), st.none() | st.integers(0, 11))
SPANS = st.builds(ChordSpan, st.integers(0, 99), st.integers(100, 999), CHORDS, st.booleans())
DEMANDS = st.builds(
    Constraints,
    key=st.none() | KEYS,
    chords=st.lists(CHORDS, max_size=2).map(tuple),
    density=st.none() | st.floats(0.5, 8),
    only_new=st.booleans(),
)
PLANS = st.builds(
    TakePlan,
    st.none() | st.sampled_from(Intent),
    st.integers(0, 9),
    st.lists(
        st.builds(BarPlan, st.sampled_from(Relation), st.integers(-4, 8), st.sampled_from(Ending)), max_size=4
    ).map(tuple),
    st.integers(-4, 4),
    st.integers(0, 9),
)
AMENDS = st.builds(
    Amends,
    st.lists(st.builds(Event, st.integers(0, 999), st.binary(min_size=2, max_size=3)), max_size=2).map(tuple),
    st.lists(st.builds(TempoChange, st.integers(0, 999), st.integers(200_000, 900_000)), max_size=1).map(tuple),
    st.lists(st.tuples(st.sampled_from(["volume", "bend"]), st.floats(0, 127)), max_size=2).map(tuple),
)
RUNS = st.builds(SharedRun, st.text(max_size=9), st.text(max_size=9), st.just("folk"), *[st.integers(0, 99)] * 5)
EVIDENCE = st.builds(Evidence, *[st.integers(0, 99)] * 3, st.lists(RUNS, max_size=2).map(tuple), st.integers(0, 9))


def takes(number: int, tracks: int) -> st.SearchStrategy[Take]:
    """Any take of a number, for a song of so many tracks."""
    return st.builds(
        Take,
        note_columns(most=6),
        st.just(SPAN[0]),
        st.just(SPAN[1]),
        st.sampled_from(["lstm", "", "ünï"]),
        st.integers(0, 2**31 - 1),
        st.just(number),
        st.floats(0, 1),
        st.floats(0, 1),
        DEMANDS,
        st.integers(0, 99),
        AMENDS,
        st.lists(st.builds(Part, st.integers(0, tracks - 1), note_columns(most=4), AMENDS), max_size=2).map(tuple),
        st.lists(SPANS, max_size=2).map(tuple),
        st.integers(0, 16),
        st.none() | PLANS,
        st.booleans(),
        st.just(()),
        st.sampled_from(["", "Round {number}"]),
        st.none() | EVIDENCE,
    )


@st.composite
def shelves(draw: st.DrawFn) -> Shelved:
    song = draw(songs(most_notes=6).filter(lambda song: not song.tracks[0].is_drums))
    index = draw(st.integers(0, len(song.tracks) - 1))
    rows = song.tracks[index].note_count
    mask = np.array(draw(st.lists(st.booleans(), min_size=rows, max_size=rows)), dtype=np.bool_)
    request = GenerationRequest(
        draw(st.sampled_from(VERBS)),
        song,
        index,
        mask if rows and draw(st.booleans()) else None,
        draw(st.integers(0, 99)),
        seed=draw(st.integers(0, 2**31)),
        other=draw(st.none() | songs(most_notes=3)),
        from_tick=SPAN[0],
        to_tick=SPAN[1],
        at_tick=draw(st.none() | st.integers(0, 999)),
        chords=tuple(draw(st.lists(SPANS, max_size=2))),
        constraints=draw(DEMANDS),
        temperature=draw(st.floats(0.1, 2)),
    )
    made = tuple(draw(takes(number, len(song.tracks))) for number in range(1, 1 + draw(st.integers(1, 3))))
    added = (Track("New", draw(note_columns(most=3)), 4, 48),)
    made = tuple(replace(take, new_tracks=added) for take in made) if draw(st.booleans()) else made
    other = replace(request, seed=7, bars=2)
    made = tuple(with_composed(take, request, (WeightsFile("lstm", "a" * 64),)) for take in made)
    mended = Stretch(SPAN[0], BAR + 9, Composed(other, replace(made[0], number=9, composed=(), new_tracks=()), ()))
    made = (replace(made[0], composed=(mended, *made[0].composed)), *made[1:]) if draw(st.booleans()) else made
    kept = (song, draw(songs(most_notes=3))) if draw(st.booleans()) else None
    return Shelved(Offer("offered", request, takes=made, auditioned=1), draw(st.floats(0, 1e10)), "kept", True, 0, kept)


def same(a: object, b: object) -> bool:
    """Whether two values are equal; masks are compared by their rows."""
    if isinstance(a, GenerationRequest) and isinstance(b, GenerationRequest):
        mine, others = ([getattr(x, row.name) for row in fields(x)] for x in (a, b))
        return all(map(same, mine, others))
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return np.array_equal(a, b)  # type: ignore[arg-type]
    return a == b and type(a) is type(b)


def stretch_words(stretch: Stretch) -> tuple[object, ...]:
    own = stretch.composed
    return stretch.from_tick, stretch.to_tick, own.request.seed, own.take, own.weights


def is_same(a: Shelved, b: Shelved) -> bool:
    assert same(a.request, b.request)
    assert same(a.offer.fits, b.offer.fits) and a.offer.is_blind == b.offer.is_blind
    mine, others = replace(a.offer, request=None), replace(b.offer, request=None)
    for one, two in zip(mine.takes, others.takes, strict=True):
        assert one.composed == () or same(one.composed[0].composed.request, two.composed[0].composed.request)
        assert [stretch_words(s) for s in one.composed] == [stretch_words(s) for s in two.composed]
    assert mine.takes == others.takes and (mine.auditioned, mine.comp) == (others.auditioned, others.comp)
    assert (mine.mix is None) == (others.mix is None)
    assert mine.mix is None or others.mix is None or mine.mix.take == others.mix.take
    return (a.at_unix_seconds, a.fate, a.is_pinned, a.track_index, a.kept) == (
        b.at_unix_seconds,
        b.fate,
        b.is_pinned,
        b.track_index,
        b.kept,
    )


@given(shelves())
@settings(max_examples=15)
def test_every_offer_comes_back_from_its_page(shelved: Shelved) -> None:
    assert is_same(shelved_of(page_of(shelved)), shelved)


def test_an_offer_comes_back_with_its_mix_from_the_bytes_of_a_project() -> None:
    shelved = mixed()
    song = shelved.request.song
    page = page_of(shelved)
    entry = Entry(song, Path("/x.mid"), 0, pages={"shelf/1": page})
    again = unpack_entry(pack_entry(entry, None), None)
    assert is_same(shelved_of(again.pages["shelf/1"]), shelved)
    assert again.pages["shelf/1"].songs[0] is again.song  # what both have is one object


def mixed() -> Shelved:
    song = song_of(*phrase(60, 62, 64, 65, step_ticks=480))
    request = GenerationRequest("continue", song, takes=2)
    made = tuple(
        with_composed(
            Take(
                phrase(*[pitch] * 8, step_ticks=960, from_tick=BAR),
                *SPAN,
                "lstm",
                1,
                n,
                1.0,
                1.0,
                Constraints(),
                kin=Kin("ending", 1),
                ranked_by="critic",
            ),
            request,
            (WeightsFile("lstm", "0" * 64),),
        )
        for n, pitch in ((1, 60), (2, 64))
    )
    offer = Offer("offered", request, takes=made, auditioned=1).mixed(Comp.of(*SPAN, 1).swiped(3 * BAR, 5 * BAR, 2))
    assert offer.auditioned == MIX
    return Shelved(replace(offer, is_blind=True, fits=replace(request, revision=4)), 5.0)


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("facts", "at"), -1),
        (("facts", "fate"), "sold"),
        (("facts", "track"), -7),
        (("asked",), 7),
        (("requests", 0, "track"), 7),
        (("requests", 0, "rows"), 9),
        (("requests", 0, "songs"), [3]),
        (("kept",), [0]),
        (("made", 0, "request"), 4),
        (("made", 0, "take"), 4),
        (("made", 0, "weights"), 3),
        (("weights",), [[{"name": "lstm", "sha256": "none"}]]),
        (("takes", 0, "composed"), [[0, 0, 0]]),
        (("takes", 0, "composed"), [[0, 9, 9]]),
        (("facts", "comp", "pieces", 0, "to_tick"), 10**6),
        (("facts", "comp", "pieces", 0, "take"), 9),
        (("facts", "comp", "pieces"), []),
        (("requests", 0, "wish", "bars"), "many"),
        (("requests", 0, "wish", "constraints", "key"), {"tonic": 0, "scale": "blue", "fifths": None}),
        (("requests", 0, "place", "kind"), "sing"),
        (("requests", 0, "place", "parts"), [3]),
        (("takes",), []),
        (("takes", 0, "notes"), -1),
        (("takes", 0, "notes"), 5),
        (("takes", 0, "number"), 2),
        (("takes", 0, "new_tracks"), 0),
        (("takes", 1, "to_tick"), 0),
        (("takes", 1, "parts"), [{"track_index": 4, "notes": 0}]),
        (("takes", 1, "chords"), [{"from_tick": 0, "to_tick": 1, "chord": {"root": 0, "quality": "?"}}]),
        (("takes", 1), None),
    ],
)
def test_a_page_that_nobody_made_is_refused(where: tuple[str | int, ...], value: object) -> None:
    page = page_of(mixed())
    plain = page.plain
    inner = plain
    for step in where[:-1]:
        inner = inner[step]
    inner[where[-1]] = value
    with pytest.raises(ValueError):
        shelved_of(Page(json.dumps(plain), page.notes, page.songs))
    for damaged in ("", "[]", "{}", "null", page.text[:-9]):
        with pytest.raises(ValueError):
            shelved_of(Page(damaged, page.notes, page.songs))
    with pytest.raises(ValueError):
        shelved_of(Page(page.text, page.notes))


def test_what_other_versions_write_is_passed_over_or_takes_its_default() -> None:
    page = page_of(mixed())
    plain = page.plain
    asked = plain["requests"][0]
    asked["wish"] |= {"mood": "blue"}
    plain["takes"][0] |= {"colour": 3}
    del asked["wish"]["temperature"], plain["takes"][1]["evidence"]
    assert is_same(shelved_of(Page(json.dumps(plain), page.notes, page.songs)), mixed())
