"""Takes are mixed, heard and kept as one step, and a rough join is mended."""

from __future__ import annotations

from dataclasses import replace

import pytest

from builders import phrase
from musicassist.errors import ConstraintError, SeedError
from musicassist.score.song import Notes
from musicassist.session.comping import MIX, Comp
from musicassist.session.mixing import around
from session_desk import Desk

BAR = 1920
SPAN = (BAR, 5 * BAR)


def with_takes(*pitches: int) -> Desk:
    """Takes of half notes, each on one pitch."""
    desk = Desk()
    desk.session.takes.ask()
    made = desk.makes(len(pitches))
    takes = [
        replace(take, notes=phrase(*[pitch] * 8, step_ticks=960, from_tick=BAR))
        for take, pitch in zip(made, pitches, strict=True)
    ]
    desk.session.takes.put_on_offer(replace(desk.session.takes.current, takes=tuple(takes)))
    return desk


def test_a_mix_is_heard_at_once_and_kept_as_one_step() -> None:
    desk = with_takes(60, 64, 67)
    takes, mixing = desk.session.takes, desk.session.mixing
    comp = Comp.of(*SPAN, 1).swiped(2 * BAR, 3 * BAR, 3)
    mixing.mix(comp)
    assert (takes.auditioned, mixing.comp) == (MIX, comp)
    assert takes.heard is not None and desk.sound.heard is takes.heard.notes
    assert takes.heard.notes.pitch.tolist() == [60, 60, 67, 67, 60, 60, 60, 60]
    takes.audition(2)
    assert desk.sound.heard is takes.offer[1].notes
    takes.audition_by(2)
    assert takes.auditioned == MIX and mixing.comp == comp
    takes.accept()
    assert desk.document.undo_name == "Continue phrase"
    assert [note.pitch for note in desk.notes[4:]] == [60, 60, 67, 67, 60, 60, 60, 60]
    desk.document.undo()
    assert (len(desk.notes), takes.phase, mixing.comp) == (4, "offered", comp)


def test_bars_come_from_the_next_take_by_keys() -> None:
    desk = with_takes(60, 64, 67)
    mixing = desk.session.mixing
    mixing.take_from(2 * BAR, 3 * BAR, 1)
    assert mixing.comp == Comp.of(*SPAN, 1).swiped(2 * BAR, 3 * BAR, 2)
    mixing.take_from(2 * BAR, 3 * BAR, 1)
    mixing.take_from(2 * BAR, 3 * BAR, 1)
    assert mixing.comp == Comp.of(*SPAN, 1)
    mixing.take_from(BAR, 2 * BAR, -1)
    assert mixing.comp.takes == (3, 1)
    with pytest.raises(SeedError, match="playhead"):
        mixing.take_from(0, BAR, 1)


def test_other_takes_have_no_mix_yet() -> None:
    desk = with_takes(60, 64)
    desk.session.mixing.mix(Comp.of(*SPAN, 1).swiped(2 * BAR, 3 * BAR, 2))
    desk.session.takes.again()
    assert desk.session.mixing.comp is None
    desk.makes(2)
    assert desk.session.mixing.comp is None and desk.session.takes.auditioned == 1


def test_a_rough_join_is_mended_with_both_sides_as_they_are() -> None:
    desk = with_takes(60, 72)
    takes, mixing = desk.session.takes, desk.session.mixing
    mixing.mix(Comp.of(*SPAN, 1).swiped(3 * BAR, 5 * BAR, 2))
    (join,) = mixing.rough_joins
    assert (join.tick, join.leap_semitones) == (3 * BAR, 12)
    mixing.mend(join.tick)
    asked = desk.generator.asked[-1]
    assert (asked.kind, asked.from_tick, asked.to_tick, asked.takes) == ("infill", 3 * BAR - 960, 3 * BAR + 960, 1)
    assert asked.song.tracks[0].notes.pitch.tolist() == [60, 62, 64, 65, 60, 60, 60, 60, 72, 72, 72, 72]
    assert desk.session.further.is_running and takes.phase == "offered"
    mended = replace(takes.offer[0], notes=phrase(64, 67, 69, 71, step_ticks=480, from_tick=3 * BAR - 960), number=1)
    desk.session.further.on_takes(asked, (mended,))
    assert takes.heard is not None and not desk.session.further.is_running
    assert takes.heard.notes.pitch.tolist() == [60, 60, 60, 64, 67, 69, 71, 72, 72, 72]
    assert mixing.rough_joins == ()
    assert len(takes.offer) == 3  # what mends it is a take to swipe from


def test_what_comes_too_late_for_a_mix_or_cannot_be_mended_changes_nothing() -> None:
    desk = with_takes(60, 72)
    mixing = desk.session.mixing
    mixing.mix(Comp.of(*SPAN, 1).swiped(3 * BAR, 5 * BAR, 2))
    mixing.mend()
    asked = desk.generator.asked[-1]
    mixing.mix(Comp.of(*SPAN, 1).swiped(2 * BAR, 5 * BAR, 2))
    desk.session.further.on_takes(asked, desk.session.takes.offer[:1])
    assert len(desk.session.takes.offer) == 2
    mixing.mend()
    desk.session.further.on_failure(desk.generator.asked[-1], ConstraintError("No room."))
    assert any(change.template == "No room." for change in desk.changes) and not desk.session.further.is_running


def test_what_is_mended_begins_and_ends_with_whole_notes() -> None:
    desk = with_takes(60)
    take = replace(desk.session.takes.offer[0], notes=phrase(60, 62, 64, step_ticks=1440, from_tick=BAR))
    assert around(3 * BAR, take, desk.document.song.time_map) == (4800, SPAN[1])
    assert around(BAR, replace(take, notes=Notes.of()), desk.document.song.time_map) == SPAN
