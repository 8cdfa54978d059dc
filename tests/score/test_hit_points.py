"""Music for pictures: what is promised within 10 ms is met, and what cannot be met is said."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musicassist.errors import ConstraintError
from musicassist.score.hit_points import HitPoints, fitted, parsed_time, spoken_time
from musicassist.score.timing import MeterChange, TempoChange, TimeMap, tempo_change

METERS = st.sampled_from([(4, 4), (3, 4), (6, 8), (5, 4), (7, 8), (2, 2), (12, 8)])
DIVISIONS = st.sampled_from([96, 220, 480, 960])


@st.composite
def time_maps(draw: st.DrawFn) -> TimeMap:
    """One to three meters, and tempos on and off bar lines."""
    meters, division = draw(st.lists(METERS, min_size=1, max_size=3)), draw(DIVISIONS)
    tick, changes = 0, []
    for meter in meters:
        changes.append(MeterChange(tick, *meter))
        tick += changes[-1].bar_ticks(division) * draw(st.integers(1, 6))
    tempos = [tempo_change(0, draw(st.floats(50, 200)))]
    for _ in range(draw(st.integers(0, 2))):
        tempos.append(tempo_change(draw(st.integers(1, tick)), draw(st.floats(60, 180))))
    return TimeMap(division, tuple(sorted(tempos, key=lambda t: t.tick)), tuple(changes))


@given(
    time_map=time_maps(),
    own_bars=st.integers(1, 40),
    end=st.floats(5, 90),
    accents=st.lists(st.floats(0.02, 0.98), max_size=4),
    most=st.floats(0.05, 0.5),
)
@settings(max_examples=60, deadline=None)
def test_what_is_promised_is_met_and_else_it_is_said(
    time_map: TimeMap, own_bars: int, end: float, accents: list[float], most: float
) -> None:
    wanted = tuple(end * share for share in accents)
    try:
        fit = fitted(time_map, own_bars, HitPoints(end, wanted, most_change_share=most))
    except ConstraintError as error:
        assert "%" in str(error)
        return
    new = TimeMap(time_map.ticks_per_beat, fit.tempo_changes, time_map.meter_changes)
    assert fit.end_tick == new.bar_start_tick(fit.bars)
    assert new.tick_to_seconds(fit.end_tick) == pytest.approx(end, abs=0.010)
    pulses = [
        new.tick_to_seconds(round(new.bar_start_tick(bar) + pulse * new.pulse_ticks_at(new.bar_start_tick(bar))))
        for bar in range(fit.bars)
        for pulse in range(int(new.meter_at(new.bar_start_tick(bar)).numerator))
    ]
    for hit, accent in zip(fit.accents, sorted(set(wanted)), strict=True):
        assert hit.wanted_seconds == accent
        assert min(abs(seconds - accent) for seconds in pulses) <= 0.010
        assert new.tick_to_seconds(hit.tick) == pytest.approx(accent, abs=0.010)
    for bar in range(fit.bars):  # in every bar, and the rest of the shape is the song's own
        first, last = time_map.bar_start_tick(bar), time_map.bar_start_tick(bar + 1)
        share = time_map.seconds_between(first, last) / new.seconds_between(first, last)
        assert 1 - most - 0.002 <= share <= 1 + most + 0.002
    lines = {new.bar_start_tick(bar) for bar in range(fit.bars + 1)}
    own = {change.tick for change in time_map.tempo_changes}
    assert {change.tick for change in fit.tempo_changes} <= lines | own


def test_one_tempo_is_preferred_and_the_songs_own_number_of_bars() -> None:
    fit = fitted(TimeMap(tempo_changes=(tempo_change(0, 112.0),)), 16, HitPoints(32.0, (16.0, 20.5)))
    assert (fit.bars, fit.steps, len(fit.tempo_changes)) == (16, 0, 1)
    assert fit.tempo_changes[0].tempo_bpm == pytest.approx(120.0, abs=0.001)
    assert [hit.tick for hit in fit.accents] == [16 * 960, 41 * 480]


def test_steps_come_at_bar_lines_where_one_tempo_does_not_serve() -> None:
    fit = fitted(TimeMap(), 15, HitPoints(30.0, (12.7,)))
    assert fit.steps > 0
    assert fit.most_off_ms < 1
    assert all(change.tick % 1920 == 0 for change in fit.tempo_changes)


def test_other_bars_are_taken_where_the_songs_own_would_change_its_tempo_too_far() -> None:
    fit = fitted(TimeMap(), 40, HitPoints(30.0))
    assert fit.bars == 15
    assert fit.tempo_changes == (TempoChange(0, 500_000),)
    assert fitted(TimeMap(), 16, HitPoints(30.0, bars=13)).bars == 13


def test_a_ritardando_keeps_its_shape() -> None:
    tempos = (tempo_change(0, 120.0), tempo_change(4 * 1920 - 960, 100.0), tempo_change(4 * 1920 - 480, 80.0))
    fit = fitted(TimeMap(tempo_changes=tempos), 4, HitPoints(9.0))
    ratios = [new.tempo_bpm / old.tempo_bpm for new, old in zip(fit.tempo_changes, tempos, strict=True)]
    assert max(ratios) - min(ratios) < 1e-4


@pytest.mark.parametrize(
    ("points", "said"),
    [
        (HitPoints(0.0), "behind the start"),
        (HitPoints(30.0, (31.0,)), "0:31.0 does not lie between"),
        (HitPoints(30.0, bars=4), "4 bars cannot end at 0:30.0 with a tempo within 20 % of the song's: it would be 27"),
        (HitPoints(8.0, (3.0, 3.1)), "is off by"),
        (HitPoints(30.0, tuple(n / 2 + 1 for n in range(17))), "up to 16 accents"),
    ],
)
def test_what_cannot_be_met_is_said(points: HitPoints, said: str) -> None:
    with pytest.raises(ConstraintError, match=said):
        fitted(TimeMap(), 4, points)


@pytest.mark.parametrize(
    ("text", "seconds", "spoken"),
    [("30", 30.0, "0:30.0"), ("0:12.5", 12.5, "0:12.5"), ("1:02:03.25", 3723.25, "1:02:03.25"), ("2:5", 125, "2:05.0")],
)
def test_times_are_read_and_written_as_people_do(text: str, seconds: float, spoken: str) -> None:
    assert parsed_time(text) == seconds
    assert spoken_time(seconds) == spoken
    assert parsed_time(spoken) == seconds


@pytest.mark.parametrize("text", ["", "abc", "1:2:3:4", "-3", "1e3", "0:30,5"])
def test_what_is_no_time_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match="no time"):
        parsed_time(text)
