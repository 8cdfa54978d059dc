"""What further takes are asked for, and what they become beside the one that they go from."""

from __future__ import annotations

from dataclasses import replace

import pytest

from builders import phrase
from musicassist.composing.request import Kin
from musicassist.composing.take_plan import INTENTS
from musicassist.errors import SeedError
from musicassist.score.song import Note, Notes
from musicassist.session.take_kin import ending_from, endings, like, of_ideas
from session_desk import BAR, PLAN, SPAN, desk_with, made


def test_more_like_one_keeps_its_plan_and_varies_its_notes() -> None:
    desk = desk_with(60, 64)
    takes = desk.session.takes
    takes.set_controls(replace(takes.controls, models={"vary": "vae"}))
    desk.session.further.ask(like(takes.current, takes.offer[1], takes.controls, lambda: 9))
    asked = desk.generator.asked[-1]
    assert (asked.kind, asked.plan, asked.takes, asked.seed) == ("continue", PLAN.bars, 2, 9)
    assert asked.song is desk.document.song  # the phrase is in view
    made(desk, phrase(66, from_tick=BAR), phrase(67, from_tick=BAR))
    asked = desk.generator.asked[-1]
    assert (asked.kind, asked.model, asked.from_tick, asked.to_tick) == ("vary", "vae", *SPAN)
    assert asked.song.tracks[0].notes.pitch.tolist() == [60, 62, 64, 65, *[64] * 8]
    made(desk, phrase(68, from_tick=BAR))
    assert [take.kin for take in takes.offer[2:]] == [Kin("plan", 2), Kin("plan", 2), Kin("vary", 2)]
    assert [take.plan for take in takes.offer[2:]] == [PLAN] * 3
    with pytest.raises(SeedError, match="no plan"):
        like(takes.current, replace(takes.offer[0], plan=None), replace(takes.controls, models={}), lambda: 9)


def test_another_ending_begins_as_the_take_does() -> None:
    desk = desk_with(60, 64)
    takes = desk.session.takes
    desk.session.further.ask(endings(takes.current, takes.offer[1], takes.controls, lambda: 9))
    asked = desk.generator.asked[-1]
    assert (asked.kind, asked.at_tick, asked.bars, asked.takes) == ("continue", 3 * BAR, 2, 3)
    assert asked.song.tracks[0].notes.pitch.tolist() == [60, 62, 64, 65, 64, 64, 64, 64]
    made(desk, phrase(70, 71, step_ticks=BAR, from_tick=3 * BAR), from_tick=3 * BAR)
    new = takes.offer[2]
    assert new.notes.pitch.tolist() == [64, 64, 64, 64, 70, 71] and new.kin == Kin("ending", 2)
    assert (new.from_tick, new.to_tick) == SPAN


def test_an_ending_begins_behind_what_is_held_over_the_middle() -> None:
    desk = desk_with(60)
    take, bars = desk.session.takes.offer[0], desk.document.song.time_map
    held = replace(take, notes=Notes.of([Note(BAR, 60, 2 * BAR + 480, 80), Note(4 * BAR, 62, BAR, 80)]))
    assert (ending_from(take, bars), ending_from(held, bars)) == (3 * BAR, 3 * BAR + 480)
    with pytest.raises(SeedError, match="two bars"):
        ending_from(replace(take, to_tick=2 * BAR), bars)
    with pytest.raises(SeedError, match="holds a note"):
        ending_from(replace(take, notes=Notes.of([Note(BAR, 60, 4 * BAR, 80)])), bars)


def test_one_take_of_each_idea() -> None:
    desk = desk_with(60)
    desk.session.further.ask(of_ideas(desk.session.takes.current))
    asked = []
    while desk.session.further.is_running:
        asked.append(desk.generator.asked[-1].intent)
        made(desk, phrase(70, from_tick=BAR))
    assert asked == list(INTENTS) and len(desk.session.takes.offer) == 1 + len(INTENTS)
    with pytest.raises(SeedError, match="no plan"):
        of_ideas(desk_with(60, plan=None).session.takes.current)
