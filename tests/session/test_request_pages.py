"""What was asked comes back from a page as it was; what nobody asked is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import songs
from musicassist.composing.plan import BarPlan, Ending, Relation
from musicassist.composing.request import VERBS, Constraints, GenerationRequest
from musicassist.score.chord_track import ChordSpan
from musicassist.score.theory import Chord, Key
from musicassist.session.request_pages import plain_request, request_from
from take_laws import request_of

CHORDS = st.builds(Chord, st.integers(0, 11), st.sampled_from(["", "m7", "6"]), st.none() | st.integers(0, 11))
DEMANDS = st.builds(
    Constraints,
    key=st.none() | st.builds(Key, st.integers(0, 11), st.sampled_from(["major", "minor", "dorian"])),
    chords=st.lists(CHORDS, max_size=2).map(tuple),
    lowest_pitch=st.integers(0, 60),
    highest_pitch=st.integers(60, 127),
    density=st.none() | st.floats(0.5, 8),
    only_new=st.booleans(),
)
PLANS = st.builds(BarPlan, st.sampled_from(Relation), st.integers(-4, 8), st.sampled_from(Ending))


@st.composite
def requests(draw: st.DrawFn) -> GenerationRequest:
    song = draw(songs(most_notes=6))
    index = draw(st.integers(0, len(song.tracks) - 1))
    rows = song.tracks[index].note_count
    mask = np.array(draw(st.lists(st.booleans(), min_size=rows, max_size=rows)), dtype=np.bool_)
    return GenerationRequest(
        draw(st.sampled_from(VERBS)),
        song,
        index,
        mask if rows and draw(st.booleans()) else None,
        draw(st.integers(0, 99)),
        seed=draw(st.integers(0, 2**62)),
        other=draw(st.none() | songs(most_notes=3)),
        from_tick=draw(st.integers(0, 99)),
        to_tick=draw(st.integers(100, 999)),
        at_tick=draw(st.none() | st.integers(0, 999)),
        chords=tuple(draw(st.lists(st.builds(ChordSpan, st.integers(0, 9), st.integers(10, 99), CHORDS), max_size=2))),
        plan=tuple(draw(st.lists(PLANS, max_size=3))),
        constraints=draw(DEMANDS),
        temperature=draw(st.floats(0.1, 2)),
        top_p=draw(st.floats(0.1, 1)),
    )


@settings(max_examples=50)
@given(requests())
def test_any_request_comes_back(request: GenerationRequest) -> None:
    plain, own = plain_request(request)
    again = request_from(json.loads(json.dumps(plain)), own)
    assert replace(again, selection=None) == replace(request, selection=None)
    if request.selection is None:
        assert again.selection is None
    else:
        assert again.selection is not None and np.array_equal(again.selection, request.selection)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("track",), 5),
        (("track",), -1),
        (("rows",), 3),
        (("revision",), "x"),
        (("wish", "bars"), 0),
        (("wish", "bars"), 10**9),
        (("wish", "takes"), 10**6),
        (("wish", "seed"), -1),
        (("wish", "seed"), None),
        (("wish", "temperature"), 0.0),
        (("wish", "temperature"), "hot"),
        (("wish", "constraints", "lowest_pitch"), 99),
        (("wish", "constraints", "key"), {"tonic": 3, "scale": "none", "fifths": None}),
        (("place", "to_tick"), 2**40),
        (("place", "parts"), [7]),
        (("place",), []),
    ],
)
def test_what_nobody_asked_is_refused(place: tuple[str, ...], value: object) -> None:
    plain, own = plain_request(request_of(constraints=Constraints(highest_pitch=90)))
    page: Any = json.loads(json.dumps(plain))
    *outer, last = place
    inner = page
    for name in outer:
        inner = inner[name]
    inner[last] = value
    with pytest.raises(ValueError):
        request_from(page, own)


def test_an_older_page_takes_the_defaults_of_what_came_later() -> None:
    request = request_of()
    plain, own = plain_request(request)
    del plain["wish"]["intent"], plain["place"]["chords"]
    plain["wish"]["later"] = 3
    assert request_from(plain, own) == request
