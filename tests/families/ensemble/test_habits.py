"""Where in the bar a part has played, and where it is a stranger."""

from __future__ import annotations

from dataclasses import replace

from ensemble_songs import band
from musicassist.composing.request import GenerationRequest
from musicassist.families.ensemble.arrangement import arrangement_of
from musicassist.families.ensemble.habits import Habits
from musicassist.families.ensemble.vocabulary import Role

FROM = 384  # eight bars of the band
FREE = {Role.MELODY: FROM, Role.CHORDS: FROM, Role.BASS: FROM}
REQUEST = GenerationRequest("continue", band(8), bars=2, model="parts", all_parts=True)


def test_a_part_is_strange_where_it_has_not_played_in_its_last_bars() -> None:
    habits = Habits(arrangement_of(REQUEST))
    assert [habits.known_from(Role.BASS, FROM + step) - FROM for step in (0, 1, 25, 95)] == [0, 24, 48, 96]
    assert [habits.is_strange(Role.BASS, FROM + step) for step in (0, 12, 24, 36)] == [False, True, False, True]
    assert not habits.is_strange(Role.MELODY, FROM + 12) and habits.is_strange(Role.MELODY, FROM + 6)
    assert not habits.is_strange(Role.BASS, FROM + 48 + 24)
    free = dict(FREE)
    strange = habits.strange_gaps(FROM - 12, free).tolist()
    assert [gap for gap in range(12, 49) if gap not in strange] == [12, 24, 36, 48]
    free[Role.MELODY] = FROM + 24  # till then it sounds, and only others may begin
    strange = habits.strange_gaps(FROM - 12, free).tolist()
    assert [gap for gap in range(12, 49) if gap not in strange] == [12, 36, 48]


def test_who_shows_little_is_strange_nowhere() -> None:
    few = replace(REQUEST, song=band(1))
    habits = Habits(arrangement_of(few))
    assert not any(habits.is_strange(Role.BASS, 48 + step) for step in range(48))
