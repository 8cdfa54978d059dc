"""What leads a take of all parts: where in the bar they have played, and the bar that its plan takes up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ensemble_songs import BAR, band, small_model
from musicassist.composing.melody_task import melody_task
from musicassist.composing.plan import BarPlan, Ending, Plan, Relation
from musicassist.composing.request import GenerationRequest, Take
from musicassist.composing.seed_reading import never
from musicassist.families.ensemble import leading
from musicassist.families.ensemble.arrangement import Arrangement, arrangement_of
from musicassist.families.ensemble.composing import compose
from musicassist.families.ensemble.habits import Habits
from musicassist.families.ensemble.leading import Leading
from musicassist.families.ensemble.vocabulary import Role, length_class
from musicassist.score.song import Notes, Song

FROM = 384  # eight bars of the band
FREE = {Role.MELODY: FROM, Role.CHORDS: FROM, Role.BASS: FROM}
SONG = band(8)
REQUEST = GenerationRequest("continue", SONG, bars=2, takes=4, candidates=1, model="parts", all_parts=True, seed=3)
MODEL = small_model()


def led(relation: Relation = Relation.NEW, back_bars: int = 0, ending: Ending = Ending.NONE) -> Leading:
    own = arrangement_of(REQUEST)
    return Leading(own, Habits(own), Plan(8, (BarPlan(relation, back_bars, ending),)))


def own_rhythm(notes: Notes, from_tick: int = 0) -> set[int]:
    later = notes.where(notes.start_tick >= from_tick)
    return set((later.start_tick % BAR).tolist())


def takes_of(request: GenerationRequest) -> tuple[Take, ...]:
    made = compose(MODEL, request, melody_task(request), lambda _number, _note: None, lambda _share: None, never)
    assert made is not None
    return made


def test_other_parts_keep_to_their_places_in_the_bar_though_the_net_is_wild(monkeypatch: pytest.MonkeyPatch) -> None:
    def strange() -> float:
        notes = [note for take in takes_of(replace(REQUEST, bars=4)) for note in take.parts[1].notes]
        return float(np.mean([note.start_tick % 960 > 0 for note in notes]))

    led_share = strange()
    monkeypatch.setattr(leading, "STRANGE_WEIGHT", 0.0)
    assert led_share < strange() / 2


@pytest.mark.parametrize(("role", "pitches"), [(Role.MELODY, [72]), (Role.CHORDS, [60]), (Role.BASS, [36])])
def test_the_bar_that_comes_again_says_onset_part_pitch_and_length(role: int, pitches: list[int]) -> None:
    own = led(Relation.SAME, 4)
    assert own.pitches(role, FROM).nonzero()[0].tolist() == pitches
    assert own.lengths(role, FROM).nonzero()[0].tolist() == [length_class(np.array({9: 12, 3: 48, 0: 24}[role]))]
    assert own.roles(FROM)[Role.BASS] == own.roles(FROM).max() > 0
    own.add(FROM, Role.BASS, 36, 13)
    assert own.roles(FROM).argmax() == Role.CHORDS
    assert own.gaps(FROM, Role.BASS, FREE, is_begun=True).argmax() == 0
    for pitch in (60, 64, 67):
        own.add(FROM, Role.CHORDS, pitch, 17)
    own.add(FROM, Role.MELODY, 72, 7)
    assert own.gaps(FROM, Role.MELODY, FREE, is_begun=True).argmax() == 12


def test_a_rhythm_says_no_pitch_and_a_sequence_moves_the_line_alone() -> None:
    assert not led(Relation.RHYTHM, 4).pitches(Role.MELODY, FROM).any()
    own = led(Relation.SEQUENCE_UP, 4)
    assert own.pitches(Role.MELODY, FROM).nonzero()[0].tolist() == [73, 74, 75, 76, 77]
    own.add(FROM, Role.MELODY, 76, 7)
    assert own.pitches(Role.MELODY, FROM + 12).nonzero()[0].tolist() == [77, 78, 79]  # it moved by two there
    assert not own.pitches(Role.CHORDS, FROM).any()


def test_other_parts_take_up_only_tones_of_a_chord_that_is_known() -> None:
    own = arrangement_of(REQUEST)
    told = replace(own, chord_starts=(FROM,), chord_masks=(1 << 1 | 1 << 5 | 1 << 8,))  # D flat
    same = Plan(8, (BarPlan(Relation.SAME, 4, Ending.NONE),))
    own_lead = Leading(told, Habits(told), same)
    assert not own_lead.pitches(Role.CHORDS, FROM).any() and own_lead.pitches(Role.MELODY, FROM).any()


def test_takes_have_plans_and_those_of_one_that_is_chosen_return() -> None:
    plan = tuple(BarPlan(Relation.SAME, 4, Ending.NONE) for _ in range(2))
    asked, free = replace(REQUEST, plan=plan), replace(REQUEST, intent="contrast")
    for take in takes_of(asked):
        assert take.plan is not None and take.plan.intent is None and take.plan.bars == plan

    def returned(request: GenerationRequest) -> float:
        known = {(note.start_tick % BAR, note.pitch) for note in SONG.tracks[0].notes}
        notes = [note for take in takes_of(request) for note in take.notes]
        return float(np.mean([(note.start_tick % BAR, note.pitch) in known for note in notes]))

    assert returned(asked) > 2 * returned(free)


def test_a_song_without_notes_before_is_led_as_well() -> None:
    song = Song(tuple(replace(track, notes=Notes.of()) if at == 0 else track for at, track in enumerate(SONG.tracks)))
    request = replace(REQUEST, kind="infill", song=song, from_tick=0, to_tick=2 * BAR, all_parts=False, parts=(0,))
    own: Arrangement = arrangement_of(request)
    assert not Habits(own).is_strange(Role.MELODY, 5)
    assert all(take.plan is not None for take in takes_of(request))
