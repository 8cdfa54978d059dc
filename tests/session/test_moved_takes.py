"""Takes go elsewhere as they are: note for note, with their mix, or into tracks of their own."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import note_columns, phrase
from musicassist.composing.request import PLACED, Constraints, GenerationRequest, Part, Take
from musicassist.score.seam import NO_AMENDS, Amends
from musicassist.score.song import Event, Notes, Song, Track
from musicassist.session.comping import MIX, Comp
from musicassist.session.moved_takes import in_new_tracks, of_any_time, placed
from musicassist.session.offers import Offer

BAR = 1920
SPAN = (4 * BAR, 8 * BAR)
SONG = Song(tracks=(Track("Melody", phrase(60)), Track("Bass", phrase(40), 1, 33)))


def offer_of(*rows: Notes) -> Offer:
    """Takes of these notes, with a bass each."""
    request = GenerationRequest("continue", SONG, 0, revision=3)
    amends = Amends((Event(SPAN[0], b"\xb0\x07\x40"),))
    takes = tuple(
        Take(
            own, *SPAN, "lstm", 1, number, 1.0, 1.0, Constraints(), 3, amends, (Part(1, phrase(40, from_tick=SPAN[0])),)
        )
        for number, own in enumerate(rows, 1)
    )
    return Offer("offered", request, takes=takes, auditioned=1)


@given(note_columns(most=6), st.integers(-4 * BAR, 40 * BAR))
def test_each_note_moves_by_as_much_and_comes_back(notes: Notes, shift: int) -> None:
    own = Notes.from_columns(notes.start_tick + SPAN[0], notes.pitch, notes.duration_ticks, notes.velocity)
    offer = offer_of(own)
    moved = placed(offer, SONG, 1, shift)
    assert moved.request is not None and (moved.request.kind, moved.request.track_index) == (PLACED, 1)
    take = moved.takes[0]
    assert (take.from_tick, take.to_tick) == (SPAN[0] + shift, SPAN[1] + shift)
    assert take.notes.start_tick.tolist() == [tick + shift for tick in own.start_tick.tolist()]
    assert placed(moved, SONG, 0, -shift).takes[0].notes == own
    assert take.amends == NO_AMENDS


def test_a_mix_goes_along() -> None:
    low, high = (phrase(*[pitch] * 8, step_ticks=960, from_tick=SPAN[0]) for pitch in (60, 72))
    mixed = offer_of(low, high).mixed(Comp.of(*SPAN, 1).swiped(5 * BAR, 6 * BAR, 2))
    moved = placed(mixed, SONG, 0, BAR)
    assert moved.auditioned == MIX and moved.audition is not None
    assert moved.audition.notes.pitch.tolist() == [60, 60, 72, 72, 60, 60, 60, 60]
    assert int(moved.audition.notes.start_tick[0]) == SPAN[0] + BAR
    heard = of_any_time(mixed).audition
    assert heard is not None and heard.revision == -1 and mixed.audition is not None
    assert heard.notes == mixed.audition.notes


def test_a_part_whose_track_is_gone_stays_behind_and_new_tracks_take_all() -> None:
    offer = offer_of(phrase(64, from_tick=SPAN[0]))
    alone = replace(SONG, tracks=SONG.tracks[:1])
    assert placed(offer, alone, 0, 0).takes[0].parts == ()
    (take,) = in_new_tracks(offer, alone, 0).takes
    assert take.is_part_alone and len(take.notes) == 0 and take.parts == ()
    assert [(track.name, track.program, track.notes.pitch.tolist()) for track in take.new_tracks] == [
        ("Melody", 0, [64]),
        ("Bass", 33, [40]),
    ]


@pytest.mark.parametrize("auditioned", [None, 7])
def test_who_is_heard_is_one_of_them(auditioned: int | None) -> None:
    offer = replace(offer_of(phrase(64, from_tick=SPAN[0])), auditioned=auditioned)
    assert of_any_time(offer).auditioned == 1
