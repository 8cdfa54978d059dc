"""Loops and poor takes are recognised, and random requests are wild enough to mean something."""

from __future__ import annotations

from lab.evaluation.takes import has_loop, is_poor, random_requests
from musicassist.score.song import Note, Notes, Song
from musicassist.score.timing import MeterChange

SONG = Song(meter_changes=(MeterChange(0, 4, 4),))
BAR = 4 * 480


def _bars(*pitches_of_bars: tuple[int, ...]) -> Notes:
    return Notes.of(
        Note(bar * BAR + beat * 480, pitch, 480)
        for bar, pitches in enumerate(pitches_of_bars)
        for beat, pitch in enumerate(pitches)
    )


def test_a_bar_that_stands_three_times_running_is_a_loop() -> None:
    assert has_loop(_bars((60, 62), (60, 62), (60, 62), (64, 65)), SONG, 0, 4 * BAR)
    assert not has_loop(_bars((60, 62), (60, 62), (64, 65), (60, 62)), SONG, 0, 4 * BAR)
    assert not has_loop(_bars((60, 62), (60, 62), (60, 63), (60, 62)), SONG, 0, 4 * BAR)


def test_two_pitches_are_poor() -> None:
    assert is_poor(_bars((60, 62, 60, 62)))
    assert not is_poor(_bars((60, 62, 64)))


def test_random_requests_vary_in_meter_division_and_scale() -> None:
    requests = list(random_requests(60, model="lstm", seed=3))
    assert len({str(r.song.meter_changes[0]) for r in requests}) > 4
    assert len({r.song.ticks_per_beat for r in requests}) > 3
    assert len({r.constraints.key for r in requests}) > 20
    again = next(iter(random_requests(1, model="lstm", seed=3)))
    assert again.song == requests[0].song
