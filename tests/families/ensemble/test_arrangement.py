"""What is read of a request: roles, hands, limits, the notes before and around."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ensemble_songs import BAR, band
from musicassist.composing.request import Constraints, GenerationRequest
from musicassist.families.ensemble.arrangement import arrangement_of, split_pitch
from musicassist.families.ensemble.vocabulary import Role
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.tokens.demands import ANY_END, End

REQUEST = GenerationRequest("continue", band(), bars=2, model="parts", all_parts=True)


def piano() -> Song:
    low = [Note(beat * 960, 40 + beat % 3, 960) for beat in range(8)]
    high = [Note(beat * 480, pitch, 480) for beat in range(16) for pitch in (72, 76)]
    return Song((Track("Piano", Notes.of(low + high)),))


def test_parts_have_roles_limits_and_their_own_range() -> None:
    own = arrangement_of(REQUEST)
    assert sorted(own.parts) == [Role.BASS, Role.CHORDS, Role.MELODY]
    bass, chords, melody = (own.parts[role] for role in sorted(own.parts))
    assert (bass.track_index, chords.track_index, melody.track_index) == (2, 1, 0)
    assert (bass.polyphony, chords.polyphony, melody.polyphony) == (1, 3, 1)
    assert np.flatnonzero(bass.allowed)[[0, -1]].tolist() == [31, 48]
    assert own.edited_roles == (Role.MELODY,)
    assert (own.from_step, own.to_step, own.begin_step) == (192, 288, 0)
    assert len(own.seed) == 16 + 12 + 8
    assert not len(own.given.notes)


def test_other_tracks_are_given() -> None:
    own = arrangement_of(replace(REQUEST, all_parts=False))
    assert sorted(own.parts) == [Role.MELODY]
    assert own.given.roles == [Role.BASS, Role.CHORDS]


def test_a_piano_track_is_two_hands() -> None:
    own = arrangement_of(GenerationRequest("continue", piano(), bars=2, model="parts"))
    assert sorted(own.parts) == [Role.LEFT_HAND, Role.RIGHT_HAND] == sorted(own.edited_roles)
    assert own.parts[Role.LEFT_HAND].polyphony == 1
    assert own.parts[Role.RIGHT_HAND].polyphony == 2
    assert set(own.seed.where(own.seed.role == Role.LEFT_HAND).pitch.tolist()) == {40, 41, 42}
    line = arrangement_of(
        GenerationRequest("continue", piano(), bars=2, model="parts", constraints=Constraints(polyphony=1))
    )
    assert len(line.parts) == 1


def test_hands_are_split_where_few_notes_are() -> None:
    split = split_pitch(piano().tracks[0].notes)
    assert split is not None and 43 < split <= 72
    assert split_pitch(band().tracks[1].notes) is None


def test_no_two_parts_share_a_role() -> None:
    song = band()
    tracks = (*song.tracks[:3], replace(song.tracks[1], name="Strings"), replace(song.tracks[0], name="Flute"))
    own = arrangement_of(replace(REQUEST, song=replace(song, tracks=tracks)))
    assert len(own.parts) == 5
    assert sorted(part.track_index for part in own.parts.values()) == [0, 1, 2, 3, 4]


def test_the_key_bars_and_harmony_that_are_asked_for_are_told() -> None:
    song = replace(band(), meter_changes=band().meter_changes)
    own = arrangement_of(replace(REQUEST, song=song, kind="infill", from_tick=BAR, to_tick=2 * BAR))
    assert (own.from_step, own.to_step, own.latest_step) == (48, 96, None)
    assert own.given.notes.onset_step.min() >= 96
    assert own.given.roles == []


def test_rhythm_and_rests_are_those_of_the_song() -> None:
    own = arrangement_of(REQUEST)
    assert np.flatnonzero(own.places).tolist() == [0]
    limits = {Role(role): (part.longest_rest_steps, part.shortest_steps) for role, part in own.parts.items()}
    assert limits == {Role.MELODY: (48, 12), Role.BASS: (24, 1), Role.CHORDS: (None, 48)}
    few = arrangement_of(
        GenerationRequest("continue", Song((Track("A", Notes.of([Note(0, 60, 480)])),)), model="parts")
    )
    assert few.places.all() and few.parts[Role.MELODY].longest_rest_steps is None


def test_a_new_part_plays_in_each_bar_near_its_centre() -> None:
    song = band().with_track(2, replace(band().tracks[2], notes=Notes.of()))
    request = GenerationRequest("infill", song, 2, model="parts", to_tick=2 * BAR, parts=(2,))
    (bass,) = arrangement_of(request).parts.values()
    assert (bass.role, bass.polyphony, bass.longest_rest_steps, bass.longest_run) == (Role.BASS, 1, 48, 4)
    assert np.flatnonzero(bass.allowed)[[0, -1]].tolist() == [33, 53]


def test_bars_that_are_filled_while_others_go_on_are_not_closed() -> None:
    end = End(pitches=np.ones(128, dtype=bool), places=(0,), is_last=True)
    request = GenerationRequest("infill", band(4), model="parts", to_tick=2 * BAR, all_parts=True)
    assert arrangement_of(replace(request, from_tick=0), end=end).end is ANY_END
    assert arrangement_of(replace(request, from_tick=2 * BAR, to_tick=4 * BAR), end=end).end is end
