"""Answers by rule."""

from __future__ import annotations

from musicassist.score.song import Note, Notes
from musicassist.score.theory import Key
from musicassist.session.answers import motif_answer

BAR = 1920


def test_the_rule_answers_with_the_rhythm_of_the_call_in_its_key_and_comes_home() -> None:
    call = Notes.of(Note(tick, pitch, 400) for tick, pitch in ((0, 62), (480, 64), (960, 66), (1440, 67)))
    answer = motif_answer(call, (BAR, 2 * BAR), Key(2))
    assert answer.start_tick.tolist() == [BAR, BAR + 480, BAR + 960, BAR + 1440]
    assert answer.pitch.tolist() == [66, 67, 69, 74]
    assert all(Key(2).has_pitch(pitch) for pitch in answer.pitch.tolist())


def test_the_rule_never_crosses_the_bar_line_where_the_user_is_listened_to_again() -> None:
    call = Notes.of((Note(0, 100, 4000), Note(1900, 61, 300)))
    answer = motif_answer(call, (BAR, 2 * BAR), Key(0))
    assert answer.start_tick[0] == BAR
    assert answer.end_tick.max() <= 2 * BAR


def test_the_rule_repeats_drums_as_they_are() -> None:
    call = Notes.of(Note(tick, pitch, 100) for tick, pitch in ((0, 36), (480, 42), (960, 38), (1440, 42)))
    answer = motif_answer(call, (BAR, 2 * BAR), None)
    assert [(note.start_tick, note.pitch) for note in answer] == [(BAR + n.start_tick, n.pitch) for n in call]
