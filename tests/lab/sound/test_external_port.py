"""What a foreign receiver hears."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.sound.external_port import numbered_phrase, received_seconds, send_phrase

pytestmark = [pytest.mark.jack, pytest.mark.slow, pytest.mark.usefixtures("jack_server")]


BUSY_SECONDS = 0.1  # LIMIT: how exact it is, `musicassist bench sound` measures on a quiet machine


def test_a_foreign_receiver_gets_the_notes_in_time(tmp_path: Path) -> None:
    sending = send_phrase(numbered_phrase(20), tmp_path)
    assert sending.lost_notes <= 1  # JACK drops what comes in a cycle that a program misses
    assert sending.timing.percentile_ms(50) < 1000 * BUSY_SECONDS


def test_the_receivers_words_are_understood() -> None:
    dump = "  45952: 90 3c 40 note on  (channel  0): pitch  60, velocity  64\n  53952: 80 3c 40 note off\n   64: f8\n\n"
    assert received_seconds(dump) == {60: 45952 / 48000}
