"""A slice of the hours that ``musicassist bench sound --soak`` walks, and a check that its sink sees what is wrong."""

from __future__ import annotations

import pytest

from lab.sound.transport_walk import Faults, Sink, TransportWalk

MEGABYTE = 1_000_000


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_minutes_of_a_restless_user_leave_no_note_lose_none_and_are_never_late(seed: int) -> None:
    report = TransportWalk(seed).walk(hours=0.05)
    assert report.notes > 300
    assert report.faults == Faults()
    assert report.grown_bytes < 20 * MEGABYTE


def test_the_sink_sees_what_is_wrong() -> None:
    faults = Faults()
    sink = Sink(lambda: 10.0, faults)
    sink.schedule([(9.0, (0x90, 60, 90)), (9.5, (0x90, 60, 90)), (10.0, (0x80, 62, 0))], source=1)
    assert sink.down() == {(0, 60)}
    assert faults == Faults(unmatched=2, late=2)
