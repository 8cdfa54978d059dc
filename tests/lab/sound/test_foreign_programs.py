"""Programs that we did not write play to the engine and listen to it, on JACK's dummy server."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lab.sound.external_port import against_neighbours, numbered_phrase, received_seconds, send_phrase
from lab.sound.hits import LATE_SECONDS, drum_phrase, exported_onsets, recorded_onsets, timing_of
from lab.sound.keyboard_cycles import cycle_keyboards
from lab.sound.loads import freezing_window
from lab.sound.thru import measure_thru

pytestmark = [pytest.mark.jack, pytest.mark.slow, pytest.mark.usefixtures("jack_server")]
BUSY_SECONDS = 0.1  # LIMIT: how exact it is, `musicassist bench sound` measures on a quiet machine


def test_what_is_exported_sounds_as_what_was_played_although_the_window_was_frozen(tmp_path: Path) -> None:
    song = drum_phrase(20)
    with freezing_window():
        heard = recorded_onsets(song, tmp_path / "heard.wav")
    timing = timing_of(heard, exported_onsets(song, tmp_path / "exported.wav"))
    assert np.abs(against_neighbours(timing.errors)).max() <= LATE_SECONDS  # a busy JACK loses whole periods


def test_a_foreign_receiver_gets_the_notes_in_time(tmp_path: Path) -> None:
    sending = send_phrase(numbered_phrase(20), tmp_path)
    assert sending.lost_notes <= 1  # JACK drops what comes in a cycle that a program misses
    assert sending.timing.percentile_ms(50) < 1000 * BUSY_SECONDS


def test_a_foreign_keyboard_sounds_at_once(tmp_path: Path) -> None:
    delays = measure_thru(4.0, tmp_path / "thru.wav")
    assert np.median(delays) < BUSY_SECONDS


def test_keyboards_come_and_go_without_a_trace() -> None:
    report = cycle_keyboards(20)
    assert (report.crashes, report.ghosts, report.silent) == (0, 0, 0)
    assert report.grown_descriptors <= 0
    assert np.median(report.shown_seconds) < 2.0


def test_the_receivers_words_are_understood() -> None:
    dump = "  45952: 90 3c 40 note on  (channel  0): pitch  60, velocity  64\n  53952: 80 3c 40 note off\n   64: f8\n\n"
    assert received_seconds(dump) == {60: 45952 / 48000}
