"""Listing the ports in a process of its own: it answers again and again, and may crash."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from musicassist.sound import port_watch
from musicassist.sound.port_watch import NO_ANSWER, PortLister
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
    monkeypatch.setattr("sys.executable", "/bin/true")
    assert lister.scan() == PortList(problem=NO_ANSWER)
    monkeypatch.undo()
    assert lister.scan().problem != NO_ANSWER


def start_hanging(*_words: str, **_pipes: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(["sleep", "60"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def test_a_midi_system_that_hangs_is_told_and_asked_anew(lister: PortLister, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(port_watch, "ANSWER_SECONDS", 0.05)
    monkeypatch.setattr(port_watch, "start_module", start_hanging)
    assert lister.scan() == PortList(problem=NO_ANSWER)
    monkeypatch.undo()
    assert lister.scan().problem != NO_ANSWER


def test_a_system_that_starts_no_process_is_told(lister: PortLister, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/nosuch/python")
    assert lister.scan() == PortList(problem=NO_ANSWER)


def test_who_waits_for_a_midi_system_that_hangs_can_be_let_go(
    lister: PortLister, monkeypatch: pytest.MonkeyPatch
) -> None:
    has_asked = threading.Event()

    def ask(child: subprocess.Popen[bytes]) -> PortList:
        has_asked.set()
        return real_ask(child)

    real_ask = port_watch._ask
    monkeypatch.setattr(port_watch, "start_module", start_hanging)
    monkeypatch.setattr(port_watch, "_ask", ask)
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(lister.scan)
        assert has_asked.wait(10)
        lister.kill()
        assert answer.result(5) == PortList(problem=NO_ANSWER)
