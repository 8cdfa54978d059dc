"""The masks: what may begin where, and when a take may end."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ensemble_songs import band
from musicassist.composing.request import Constraints, GenerationRequest
from musicassist.families.ensemble.arrangement import arrangement_of
from musicassist.families.ensemble.habits import Habits
from musicassist.families.ensemble.rules import Rules
from musicassist.families.ensemble.vocabulary import LENGTHS_STEPS, Role
from musicassist.score.theory import Key
from musicassist.tokens.demands import End

REQUEST = GenerationRequest("continue", band(), bars=2, model="parts", all_parts=True)
FROM, TO = 192, 288


def rules(**changes: object) -> Rules:
    own = arrangement_of(replace(REQUEST, **changes))  # type: ignore[arg-type]
    return Rules(own, Habits(own))


def gaps(own: Rules) -> tuple[list[int], bool]:
    possible, ends = own.gaps()
    return (own.step + np.flatnonzero(possible)).tolist(), bool(ends.any())


def test_a_take_begins_in_its_first_bar_and_may_not_end_before() -> None:
    assert gaps(rules()) == (list(range(FROM, FROM + 48, 12)), False)  # the song has no notes between beats
    assert gaps(rules(constraints=Constraints(begins_at_once=True))) == ([FROM], False)


def test_a_part_waits_until_its_notes_end_and_strikes_nothing_twice() -> None:
    own = rules()
    own.add(FROM, Role.BASS, 40, 24)
    assert own.roles(FROM).nonzero()[0].tolist() == [Role.CHORDS, Role.MELODY]
    own.add(FROM, Role.CHORDS, 60, 24)
    allowed = own.pitches(Role.CHORDS, FROM)
    assert not allowed[:61].any() and allowed[61]
    assert not own.roles(FROM + 12)[Role.BASS] and own.roles(FROM + 24)[Role.BASS]
    assert not own.pitches(Role.CHORDS, FROM + 12)[60] and own.pitches(Role.CHORDS, FROM + 24)[60]


def test_a_chord_has_no_more_notes_than_its_part_may() -> None:
    own = rules()
    for pitch in (60, 64, 67):
        assert own.roles(FROM)[Role.CHORDS]
        own.add(FROM, Role.CHORDS, pitch, 48)
    assert not own.roles(FROM)[Role.CHORDS]


def test_nothing_sounds_beyond_the_end() -> None:
    assert LENGTHS_STEPS[rules().lengths(Role.MELODY, TO - 6)].max() == 6


def test_a_part_that_rested_for_long_comes_first_and_the_take_cannot_end_without_it() -> None:
    own = rules()
    own.add(FROM, Role.BASS, 40, 12)
    own.add(FROM, Role.CHORDS, 60, 96)
    for step in range(FROM, FROM + 48, 12):
        own.add(step, Role.MELODY, 72, 12)
    possible, may_end = gaps(own)
    assert possible[-1] == FROM + 48 and not may_end  # the bass is due a bar after it began
    assert own.roles(FROM + 48).nonzero()[0].tolist() == [Role.BASS]


def test_where_nothing_is_owed_the_take_may_end() -> None:
    own = rules()
    for role, pitch in ((Role.BASS, 40), (Role.CHORDS, 60), (Role.MELODY, 72)):
        own.add(FROM + 60, role, pitch, 36)
    assert gaps(own)[1]


def test_a_bar_has_no_more_onsets_of_the_edited_track_than_asked() -> None:
    own = rules(constraints=Constraints(density=0.5))
    own.add(FROM, Role.BASS, 40, 96)
    own.add(FROM, Role.CHORDS, 60, 96)
    own.add(FROM, Role.MELODY, 72, 6)
    own.add(FROM + 12, Role.MELODY, 74, 6)
    assert not own.roles(FROM + 24)[Role.MELODY]
    assert own.roles(FROM + 48)[Role.MELODY]


def test_one_note_does_not_come_forever() -> None:
    own = rules()
    for beat in range(4):
        assert own.pitches(Role.MELODY, FROM + 12 * beat)[72]
        own.add(FROM + 12 * beat, Role.MELODY, 72, 12)
    assert not own.pitches(Role.MELODY, FROM + 48)[72]
    own.add(FROM + 48, Role.MELODY, 74, 12)
    assert own.pitches(Role.MELODY, FROM + 60)[72]


def test_four_voices_do_not_cross() -> None:
    band_tracks = band().tracks
    names = ("Soprano", "Alto", "Tenor", "Bass")
    tracks = tuple(replace(band_tracks[0], name=name, channel=place) for place, name in enumerate(names))
    own = rules(song=replace(band(), tracks=tracks))
    own.add(FROM, Role.CHORAL_BASS, 70, 24)
    own.add(FROM, Role.SOPRANO, 74, 24)
    assert np.flatnonzero(own.pitches(Role.TENOR, FROM + 12))[[0, -1]].tolist() == [70, 74]


CLOSED = End(TO, np.isin(np.arange(128) % 12, (0, 4, 7)), (TO - 48, TO - 24), 12, 12, is_last=True)


def closing(home_step: int) -> Rules:
    own = arrangement_of(REQUEST, end=CLOSED, key=Key(0))
    return Rules(own, Habits(own), home_step)


def test_all_parts_come_home_together_and_the_edited_one_begins_nothing_more() -> None:
    home = TO - 24
    own = closing(home)
    assert LENGTHS_STEPS[own.lengths(Role.MELODY, home - 12, 74)].max() == 12  # over the place of the last note
    assert LENGTHS_STEPS[own.lengths(Role.CHORDS, home - 24, 60)].max() == 48  # a tone of the end may sound on
    assert LENGTHS_STEPS[own.lengths(Role.CHORDS, home - 24, 62)].max() == 24
    own.add(home - 24, Role.BASS, 43, 24)
    own.add(home - 24, Role.CHORDS, 62, 24)
    own.add(home - 24, Role.MELODY, 74, 24)
    possible, may_end = gaps(own)
    assert possible[-1] == home and not may_end
    assert set((np.flatnonzero(own.pitches(Role.BASS, home)) % 12).tolist()) == {0}  # the root
    assert set((np.flatnonzero(own.pitches(Role.CHORDS, home)) % 12).tolist()) == {0, 4, 7}
    assert np.flatnonzero(own.pitches(Role.MELODY, home)).tolist() == [67, 72, 76, 79]  # a fifth from 74 at most
    own.add(home, Role.BASS, 36, 24)
    assert not gaps(own)[1] and gaps(own)[0] == [home]  # not without the edited one
    own.add(home, Role.MELODY, 72, 12)
    assert not own.roles(home + 12)[Role.MELODY] and own.roles(home + 12)[Role.CHORDS]
    assert LENGTHS_STEPS[own.lengths(Role.MELODY, home, 72)].min() == 12


def test_a_chord_at_home_has_no_other_tones() -> None:
    home = TO - 48
    own = closing(home)
    own.add(home, Role.CHORDS, 64, 48)
    assert set((np.flatnonzero(own.pitches(Role.CHORDS, home)) % 12).tolist()) <= {0, 4, 7}


def test_what_leads_back_hears_its_first_bar_behind_it_and_comes_near_its_first_note() -> None:
    end = End(pitches=np.isin(np.arange(128), (71, 74)), leads_back=True)
    arrangement = arrangement_of(REQUEST, end=end)
    behind = arrangement.given.notes.where(arrangement.given.notes.onset_step >= TO)
    seed = arrangement.seed.where(arrangement.seed.onset_step < 48)
    assert (behind.onset_step - TO).tolist() == seed.onset_step.tolist()
    assert behind.pitch.tolist() == seed.pitch.tolist()
    own = Rules(arrangement, Habits(arrangement))
    assert np.flatnonzero(own.pitches(Role.MELODY, TO - 12)).tolist() == [71, 74]
    assert own.pitches(Role.MELODY, TO - 13).sum() > 2
