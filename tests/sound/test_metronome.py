"""Clicks stand on the beats of the meter, whatever the division of a file and however absurd its tempo."""

from __future__ import annotations

import pytest

from musicassist.score.midi_bytes import NOTE_ON, Message
from musicassist.score.timing import MeterChange, TempoChange, TimeMap
from musicassist.sound.metronome import clicks_between, count_in


def strokes(clicks: list[tuple[float, Message]]) -> list[tuple[float, int]]:
    """Second and pitch of each click."""
    return [(round(seconds, 4), pitch) for seconds, (status, pitch, _) in clicks if status & 0xF0 == NOTE_ON]


@pytest.mark.parametrize("ticks_per_beat", [1, 25, 96, 480, 32767])
@pytest.mark.parametrize(("numerator", "denominator"), [(6, 8), (4, 4), (2, 2), (10, 8)])
def test_a_bar_has_as_many_clicks_as_beats(ticks_per_beat: int, numerator: int, denominator: int) -> None:
    time_map = TimeMap(ticks_per_beat, (), (MeterChange(0, numerator, denominator),))
    beat_seconds = 0.5 * 4 / denominator
    bar = [(beat * beat_seconds, 77 if beat % numerator else 76) for beat in range(2 * numerator)]
    bars_seconds = 2 * numerator * beat_seconds
    assert strokes(clicks_between(time_map, 0.0, bars_seconds - 0.001)) == bar
    seconds, clicks = count_in(time_map, 0, 2)
    assert round(seconds, 4) == bars_seconds
    assert strokes(clicks) == [(at - bars_seconds, pitch) for at, pitch in bar]


def test_a_bar_that_is_no_whole_number_of_ticks_long_has_no_click_too_many() -> None:
    time_map = TimeMap(25, (), (MeterChange(0, 5, 16),))
    pitches = [pitch for _, pitch in strokes(clicks_between(time_map, 0.0, 1.2))]
    assert pitches == [76, 77, 77, 77, 77] * 2
    assert [pitch for _, pitch in strokes(count_in(time_map, 31, 1)[1])] == [76, 77, 77, 77, 77]


@pytest.mark.parametrize(
    ("meter", "velocities"),
    [
        ((6, 8), [115, 45, 45, 80, 45, 45]),
        ((9, 8), [115, 45, 45, 80, 45, 45, 80, 45, 45]),
        ((3, 8), [115, 80, 80]),
        ((6, 4), [115, 80, 80, 80, 80, 80]),
    ],
)
def test_dotted_quarters_stand_out_of_the_clicks_of_a_compound_meter(
    meter: tuple[int, int], velocities: list[int]
) -> None:
    time_map = TimeMap(480, (), (MeterChange(0, *meter),))
    bar_seconds = 0.5 * 4 * meter[0] / meter[1]
    for clicks in (clicks_between(time_map, 0.0, bar_seconds - 0.001), count_in(time_map, 0, 1)[1]):
        assert [velocity for _, (status, _, velocity) in clicks if status & 0xF0 == NOTE_ON] == velocities


def test_a_bar_whose_only_beat_is_shorter_than_a_tick_has_one_click() -> None:
    time_map = TimeMap(1, (), (MeterChange(0, 1, 8),))
    assert strokes(clicks_between(time_map, 0.0, 1.9)) == [(0.0, 76), (0.5, 76), (1.0, 76), (1.5, 76)]


def test_no_tempo_makes_more_clicks_than_can_be_told_apart() -> None:
    time_map = TimeMap(480, (TempoChange(0, 1), TempoChange(480 * 1_000_000, 500_000)))  # a million beats in a second
    clicks = strokes(clicks_between(time_map, 0.0, 3.0))
    assert len(clicks) < 200
    assert [seconds for seconds, _ in clicks if seconds > 1.1] == [1.5, 2.0, 2.5]
