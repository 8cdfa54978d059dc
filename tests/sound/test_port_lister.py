"""Listing the ports in a process of its own: it answers again and again, and may crash."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from musicassist.sound import port_lister
from musicassist.sound.port_lister import NO_ANSWER, PortLister
from musicassist.sound.ports import NO_MIDI, NO_RTMIDI, PortList


@pytest.fixture
def lister() -> Iterator[PortLister]:
    lister = PortLister()
    yield lister
    lister.close()


def test_it_answers_again_and_again(lister: PortLister) -> None:
    first, second = lister.scan(), lister.scan()
    assert isinstance(first, PortList)
    assert first.problem in (None, NO_MIDI, NO_RTMIDI)
    assert second == first


def test_a_crash_is_no_reason_to_list_nothing_for_ever(lister: PortLister) -> None:
    before = lister.scan()
    assert lister._child is not None
    lister._child.kill()
    lister._child.wait()
    assert lister.scan() == before


def test_a_process_that_ends_in_the_middle_is_told(lister: PortLister, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(port_lister.sys, "executable", "/bin/true")
    assert lister.scan() == PortList(problem=NO_ANSWER)
    monkeypatch.undo()
    assert lister.scan().problem != NO_ANSWER
