"""The answer comes on the next bar line, always: a clock that the test winds, and keys that fall on it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import phrase
from musicassist.score.song import Note, Notes
from musicassist.score.timing import MeterChange, TimeMap, tempo_change
from musicassist.session.conversation import (
    ASK_SECONDS,
    NOTICE_SECONDS,
    Action,
    Compose,
    Composed,
    Conversation,
    Cut,
    Finished,
    Hurry,
    KeyDown,
    KeysLost,
    KeyUp,
    Pedal,
    Sound,
    Withdraw,
    bars_of_call,
)

BEAT, BAR = 480, 1920
FRAME_SECONDS = 0.016


class Clock:
    """Winds a conversation on, frame by frame, and writes down what it does and when."""

    def __init__(
        self, meter: tuple[int, int] = (4, 4), tempo_bpm: float = 120, frame_seconds: float = FRAME_SECONDS
    ) -> None:
        changes = (MeterChange(0, *meter),)
        self.time_map = TimeMap(tempo_changes=(tempo_change(0, tempo_bpm),), meter_changes=changes)
        self.talk = Conversation(self.time_map)
        self.frame_seconds = frame_seconds
        self.tick = 0.0
        self.done: list[tuple[float, Action]] = []

    def wind_to(self, tick: float) -> None:
        while self.tick < tick:
            seconds = self.time_map.tick_to_seconds(self.tick) + self.frame_seconds
            self.tick = min(float(tick), self.time_map.seconds_to_tick(seconds))
            self.done += [(self.tick, action) for action in self.talk.pass_to(self.tick)]

    def play(self, start_tick: int, end_tick: int, pitch: int = 60) -> None:
        self.wind_to(start_tick)
        self.done += [(self.tick, action) for action in self.talk.receive(KeyDown(start_tick, pitch, 80))]
        self.wind_to(end_tick)
        self.talk.receive(KeyUp(end_tick, pitch))

    def all(self, kind: type) -> list:
        return [action for _, action in self.done if isinstance(action, kind)]

    def when(self, kind: type) -> float:
        return next(tick for tick, action in self.done if isinstance(action, kind))


@pytest.mark.parametrize("meter", [(2, 4), (3, 4), (4, 4), (6, 8)])
@pytest.mark.parametrize("tempo_bpm", [60, 90, 133, 200])
@pytest.mark.parametrize("bars", range(1, 9))
def test_a_call_is_answered_on_the_next_bar_line_for_as_many_bars(
    meter: tuple[int, int], tempo_bpm: int, bars: int
) -> None:
    clock = Clock(meter, tempo_bpm)
    bar_ticks = clock.time_map.bar_start_tick(1)
    beat_ticks = BEAT * 4 // meter[1]
    for tick in range(bar_ticks, (bars + 1) * bar_ticks, beat_ticks):
        clock.play(tick, tick + beat_ticks - 20)
    last_up = (bars + 1) * bar_ticks - 20
    rest = max(3 * beat_ticks // 2, bar_ticks // 2)
    wanted = clock.time_map.bar_line_at_or_after(last_up + rest)
    clock.wind_to(wanted + 1)
    (sound,) = clock.all(Sound)
    assert (sound.plan.from_tick, sound.plan.to_tick) == (wanted, wanted + bars * bar_ticks)
    early_seconds = clock.time_map.tick_to_seconds(wanted) - clock.time_map.tick_to_seconds(clock.when(Sound))
    rest_seconds = clock.time_map.tick_to_seconds(wanted) - clock.time_map.tick_to_seconds(last_up)
    assert early_seconds >= min(NOTICE_SECONDS, rest_seconds - ASK_SECONDS) - FRAME_SECONDS - 0.001
    assert clock.talk.is_answering
    clock.wind_to(wanted + bars * bar_ticks)
    (finished,) = clock.all(Finished)
    assert finished.plan is sound.plan
    assert not clock.talk.is_answering


@settings(max_examples=60, deadline=None)
@given(
    meter=st.sampled_from([(2, 4), (3, 4), (4, 4), (6, 8), (5, 8)]),
    tempo_bpm=st.integers(60, 200),
    lengths=st.lists(st.tuples(st.integers(10, 700), st.integers(10, 900)), min_size=1, max_size=12),
    frame_seconds=st.floats(0.004, 0.1),
)
def test_whatever_was_played_the_answer_stands_on_the_first_bar_line_after_the_rest(
    meter: tuple[int, int], tempo_bpm: int, lengths: list[tuple[int, int]], frame_seconds: float
) -> None:
    clock = Clock(meter, tempo_bpm, frame_seconds)
    bar_ticks, beat_ticks = clock.time_map.bar_start_tick(1), BEAT * 4 // meter[1]
    rest_ticks = max(round(1.5 * beat_ticks), bar_ticks // 2)
    tick = 100
    for duration, rest in lengths:
        clock.play(tick, tick + duration)
        tick += duration + min(rest, rest_ticks - 1)
    last_up = tick - min(lengths[-1][1], rest_ticks - 1)
    wanted = clock.time_map.bar_line_at_or_after(last_up + rest_ticks)
    clock.wind_to(wanted + 1)
    sounds = [action for action in clock.all(Sound) if action.plan.from_tick == wanted]
    assert len(sounds) == 1
    assert len(clock.all(Sound)) - len(clock.all(Withdraw)) == 1
    assert clock.talk.is_answering


def test_the_model_is_asked_before_the_rest_is_over_and_what_it_made_sounds() -> None:
    clock = Clock()
    clock.play(0, 900)
    clock.wind_to(1000)
    (ask,) = clock.all(Compose)
    assert [note.end_tick for note in ask.plan.call] == [900]
    notes = phrase(60, from_tick=BAR)
    clock.talk.receive(Composed(ask.plan, notes))
    clock.wind_to(BAR)
    (sound,) = clock.all(Sound)
    assert sound.plan is ask.plan and sound.notes is notes
    assert not clock.all(Hurry)


def test_a_model_that_is_late_is_hurried_and_where_nothing_comes_a_rule_answers() -> None:
    clock = Clock()
    clock.play(0, 900)
    clock.wind_to(BAR)
    assert clock.when(Compose) < clock.when(Sound) < clock.when(Hurry)
    (sound,) = clock.all(Sound)
    assert sound.notes is None


def test_what_a_model_made_replaces_the_answer_by_rule_as_long_as_there_is_time() -> None:
    clock = Clock()
    clock.play(0, 900)
    clock.wind_to(BAR - 150)
    (ask,) = clock.all(Compose)
    assert [sound.notes for sound in clock.all(Sound)] == [None]
    notes = phrase(60, from_tick=BAR)
    (better,) = clock.talk.receive(Composed(ask.plan, notes))
    assert isinstance(better, Sound) and better.notes is notes
    clock.wind_to(BAR)
    assert clock.talk.receive(Composed(ask.plan, phrase(61))) == ()


def test_notes_that_come_after_the_answer_was_handed_on_change_nothing() -> None:
    clock = Clock()
    clock.play(0, 900)
    clock.wind_to(BAR - 10)
    (ask,) = clock.all(Compose)
    clock.talk.receive(Composed(ask.plan, phrase(60)))
    clock.wind_to(BAR)
    assert clock.all(Sound)[0].notes is None


def test_going_on_playing_takes_the_answer_back() -> None:
    clock = Clock()
    clock.play(0, 900)
    clock.play(BAR - 20, BAR + 200)
    assert len(clock.all(Withdraw)) == 1
    assert not clock.talk.is_answering
    clock.wind_to(2 * BAR)
    assert [sound.plan.from_tick for sound in clock.all(Sound)] == [BAR, 2 * BAR]
    assert len(clock.all(Sound)[1].plan.call) == 2


def test_the_pedal_pressed_and_released_in_silence_ends_the_call() -> None:
    clock = Clock()
    clock.play(0, 1700)
    clock.talk.receive(Pedal(1710, is_down=True))
    clock.talk.receive(Pedal(1760, is_down=False))
    clock.wind_to(BAR)
    assert [sound.plan.from_tick for sound in clock.all(Sound)] == [BAR]


def test_the_pedal_takes_back_an_answer_that_was_handed_on_for_a_later_bar() -> None:
    clock = Clock()
    clock.play(0, 900)
    clock.wind_to(BAR - 200)  # the answer is handed on
    clock.talk.receive(Pedal(BAR - 190, is_down=True))
    assert clock.talk.receive(Pedal(BAR - 180, is_down=False)) == (Withdraw(),)
    clock.wind_to(BAR)
    assert [sound.plan.from_tick for sound in clock.all(Sound)] == [BAR, BAR]


def test_keys_that_nobody_lets_go_are_up_when_they_are_lost() -> None:
    clock = Clock()
    clock.wind_to(100)
    clock.talk.receive(KeyDown(100, 60, 80))
    clock.wind_to(480)
    clock.talk.receive(KeysLost(480))
    clock.wind_to(BAR)
    (sound,) = clock.all(Sound)
    assert [(note.start_tick, note.end_tick) for note in sound.plan.call] == [(100, 480)]


def test_the_pedal_within_a_call_is_just_a_pedal() -> None:
    clock = Clock()
    clock.wind_to(0)
    clock.talk.receive(KeyDown(0, 60, 80))
    clock.talk.receive(Pedal(100, is_down=True))
    clock.talk.receive(Pedal(1700, is_down=False))
    clock.talk.receive(KeyUp(1700, 60))
    clock.wind_to(BAR)
    assert not clock.all(Sound)


def test_whoever_plays_into_the_answer_has_it_end_with_that_bar_and_is_listened_to() -> None:
    clock = Clock()
    for bar in range(3):
        clock.play(bar * BAR, bar * BAR + 1200)
    clock.play(3 * BAR, 3 * BAR + 900)
    clock.play(5 * BAR + 200, 5 * BAR + 700, pitch=72)
    (cut,) = clock.all(Cut)
    assert (cut.plan.from_tick, cut.plan.to_tick) == (4 * BAR, 6 * BAR)
    clock.wind_to(6 * BAR)
    assert [finished.until_tick for finished in clock.all(Finished)] == [6 * BAR]
    clock.wind_to(7 * BAR)
    assert clock.all(Sound)[-1].plan.from_tick == 6 * BAR
    assert [note.pitch for note in clock.all(Sound)[-1].plan.call] == [72]


def test_an_upbeat_makes_a_call_no_longer() -> None:
    clock = Clock()
    clock.play(BAR - 480, BAR - 20)
    for bar in range(1, 4):
        clock.play(bar * BAR, bar * BAR + 1200)
    clock.play(4 * BAR, 4 * BAR + 900)
    clock.wind_to(5 * BAR)
    plan = clock.all(Sound)[-1].plan
    assert plan.to_tick - plan.from_tick == 4 * BAR


@pytest.mark.parametrize(("starts", "bars"), [
    ((0, 1680), 1),  # an eighth at the end of the bar
    ((0, 1680 + 40), 1),  # which comes late, as all keys do but the first, on which the song starts
    ((0, 1800 + 40), 1),  # a late sixteenth
    ((50, BAR), 2),  # the first one is late, and the last one is on the next bar line
    ((-480, 1440), 2),  # an upbeat and the bar that it leads into
    ((0, BAR - 40), 2),  # a hasty last note
])  # fmt: skip
def test_the_bars_of_a_call_are_counted_as_they_are_heard_not_by_the_tick(starts: tuple[int, ...], bars: int) -> None:
    call = Notes.of(Note(BAR + start, 60, 200) for start in starts)
    assert bars_of_call(TimeMap(), call) == bars


def test_stopping_gives_what_was_played_and_what_was_answered_so_far() -> None:
    clock = Clock()
    clock.play(0, 900)
    clock.wind_to(BAR + 300)
    (finished,) = clock.talk.stop(BAR + 300)
    assert isinstance(finished, Finished)
    assert (finished.plan.from_tick, finished.until_tick) == (BAR, BAR + 300)
    clock.play(BAR + 400, BAR + 600)
    (alone,) = clock.talk.stop(BAR + 700)
    assert isinstance(alone, Finished)
    assert len(alone.plan.call) == 1 and alone.until_tick == alone.plan.from_tick
