"""A real engine in a real process, silent: it plays in time, it dies and comes back, and it never stays behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from musicassist.score.song import Note, Notes, Song, Track
from musicassist.sound.client import EngineChild, SoundClient
from musicassist.sound.messages import Command, EngineDied, PlaybackEnded, SoundEvent, SoundSettings, StatusChanged

WAIT_SECONDS = 20.0  # LIMIT: on a busy machine; usually a tenth of a second
SCALE = Song((Track(notes=Notes.of([Note(480 * step, 60 + step, 480) for step in range(8)])),))


class Listener:
    """A client, and everything that it has told."""

    def __init__(self, client: SoundClient) -> None:
        self.client = client
        self.events: list[SoundEvent] = []

    def until(self, is_true: Callable[[], object]) -> None:
        """Polls as the window does until something holds."""
        deadline = time.monotonic() + WAIT_SECONDS
        while not is_true():
            self.events += self.client.poll()
            assert time.monotonic() < deadline, f"waited in vain; was told {self.events}"
            time.sleep(0.005)

    def has(self, kind: type[SoundEvent]) -> bool:
        """Whether an event of a kind has been told."""
        return any(isinstance(event, kind) for event in self.events)


@pytest.fixture
def listener() -> Iterator[Listener]:
    client = SoundClient(SoundSettings(silent=True))
    try:
        yield Listener(client)
    finally:
        client.close()


def engine_id(client: SoundClient) -> int:
    child = client._child
    assert child is not None
    return child.process_id


def is_running(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


def test_starting_and_every_command_return_while_the_system_starts_no_engine(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, may_start = listener.client, threading.Event()

    def child(*_world: object) -> SlowChild:
        assert may_start.wait(WAIT_SECONDS)
        return SlowChild()

    monkeypatch.setattr("musicassist.sound.client.EngineChild", child)
    client.start()
    client.set_song(SCALE)
    client.play(0)
    client.set_loop(0, 480)
    client.preview(60, 100)
    assert client.is_playing
    assert client.position_tick() == 0
    assert client.engine_process_id is None
    may_start.set()
    listener.until(lambda: client.engine_process_id is not None)


def position_within(client: SoundClient) -> tuple[float, tuple[float, float]]:
    """Where the playhead is, and the seconds between which that was so: a busy machine may stop us anywhere."""
    before_seconds = time.monotonic()
    return client.position_tick(), (before_seconds, time.monotonic())


def test_it_says_what_sounds_and_the_playhead_moves_in_time(listener: Listener) -> None:
    client = listener.client
    client.start()
    client.set_song(SCALE)
    client.play(480)
    assert client.position_tick() == 480
    listener.until(lambda: client.position_tick() > 600)
    assert listener.events[0] == StatusChanged("silent")
    first, first_seconds = position_within(client)
    listener.until(lambda: client.position_tick() > 1600)
    last, last_seconds = position_within(client)
    moved_seconds = (last - first) / 960
    assert moved_seconds >= 0.97 * (last_seconds[0] - first_seconds[1])
    assert moved_seconds <= 1.03 * (last_seconds[1] - first_seconds[0])
    client.stop()
    stopped_at = client.position_tick()
    assert not client.is_playing
    client.seek(100)
    assert client.position_tick() == 100 < stopped_at


def test_the_playhead_waits_as_long_as_it_is_counted_in(listener: Listener) -> None:
    client = listener.client
    client.start()
    client.set_song(SCALE)
    began = time.monotonic()
    client.play(480, runs_past_end=True, count_in_bars=1)
    listener.until(lambda: 0 < client.waiting_ticks() < 1000)
    assert client.position_tick() == 480
    listener.until(lambda: client.position_tick() > 480)
    assert client.waiting_ticks() == 0
    assert time.monotonic() - began > 2.0


def test_the_song_ends_by_itself_and_the_playhead_returns(listener: Listener) -> None:
    client = listener.client
    client.start()
    client.set_song(SCALE)
    client.play(480 * 7)
    listener.until(lambda: listener.has(PlaybackEnded))
    assert not client.is_playing
    assert client.position_tick() == 480 * 7


def test_a_song_that_is_told_meanwhile_to_run_past_its_end_does(listener: Listener) -> None:
    client = listener.client
    client.start()
    client.set_song(SCALE)
    client.play(480 * 8 - 100)
    client.run_past_end()
    listener.until(lambda: client.position_tick() > 480 * 8 + 100)
    assert client.is_playing
    assert not listener.has(PlaybackEnded)


def test_a_song_that_ends_while_the_playhead_is_being_moved_is_over(listener: Listener) -> None:
    client = listener.client
    client.play(0)
    client.seek(480)
    client._events.append(PlaybackEnded(0, number=1))  # the engine has not heard of the second command yet
    assert client.poll() == [PlaybackEnded(0, number=1)]
    assert not client.is_playing
    assert client.position_tick() == 480


def test_an_end_of_what_was_stopped_or_started_anew_is_no_news(listener: Listener) -> None:
    client = listener.client
    client.play(0)
    client.play(0)
    client._events.append(PlaybackEnded(0, number=1))
    assert client.poll() == []
    assert client.is_playing
    client.stop()
    client._events.append(PlaybackEnded(0, number=2))
    assert client.poll() == []


def test_a_loop_stays_within_its_borders(listener: Listener) -> None:
    client = listener.client
    client.start()
    client.set_song(SCALE)
    client.set_loop(480, 720)
    client.play(480)
    seen: list[float] = []

    def has_gone_round() -> bool:
        seen.append(client.position_tick())
        return sum(later < earlier for earlier, later in pairwise(seen)) >= 2

    listener.until(has_gone_round)
    assert all(479 <= tick <= 721 for tick in seen)


def test_closing_leaves_no_process(listener: Listener) -> None:
    client = listener.client
    client.start()
    client.set_song(SCALE)
    client.play(0)
    listener.until(lambda: client.position_tick() > 0)
    process_id = engine_id(client)
    began = time.monotonic()
    client.close()
    client.close()
    assert time.monotonic() - began < 3
    assert not is_running(process_id)
    assert not client.is_running


def test_an_engine_that_is_killed_is_started_again_and_goes_on_where_it_was(listener: Listener) -> None:
    client = listener.client
    client.start()
    client.set_song(SCALE)
    client.play(0)
    listener.until(lambda: client.position_tick() > 300)
    old = engine_id(client)
    os.kill(old, signal.SIGKILL)
    listener.until(lambda: listener.has(EngineDied))
    event = next(event for event in listener.events if isinstance(event, EngineDied))
    assert event.restarted
    place = client.position_tick()
    assert place >= 100  # the last place the engine told: on a busy machine some way behind the one shown
    listener.until(lambda: client.position_tick() > place + 200)
    assert client.is_playing
    assert engine_id(client) != old


def test_an_engine_that_keeps_dying_is_given_up_until_other_settings_are_chosen(listener: Listener) -> None:
    client = listener.client
    client.start()
    for _ in range(4):
        listener.until(lambda: client.is_running)
        listener.events.clear()
        os.kill(engine_id(client), signal.SIGKILL)
        listener.until(lambda: listener.has(EngineDied))
    event = listener.events[-1]
    assert isinstance(event, EngineDied)
    assert not event.restarted
    client.configure(SoundSettings(silent=True))
    listener.until(lambda: client.is_running)


def test_an_engine_that_cannot_be_started_is_told_and_given_up_until_settings_are_chosen(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = listener.client
    monkeypatch.setattr("sys.executable", "/nosuch/python")
    client.start()
    listener.until(lambda: len(listener.events) == 4)
    *deaths, last = listener.events
    assert all(isinstance(death, EngineDied) and death.restarted for death in deaths)
    assert isinstance(last, EngineDied)
    assert not last.restarted
    monkeypatch.undo()
    client.configure(SoundSettings(silent=True))
    listener.until(lambda: client.is_running)


def test_a_log_that_cannot_be_written_does_not_silence_anything(tmp_path: Path) -> None:
    client = SoundClient(SoundSettings(silent=True), log=tmp_path / "nosuch" / "engine.log")
    client.start()
    Listener(client).until(lambda: client.is_running)
    client.close()


def test_an_engine_that_talks_nonsense_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def start(_words: list[str], **how: Any) -> subprocess.Popen[bytes]:
        return real_popen(["sh", "-c", "echo this is no sound message; exec sleep 60"], **how)

    real_popen = subprocess.Popen
    monkeypatch.setattr("subprocess.Popen", start)
    has_died = threading.Event()
    child = EngineChild(tmp_path / "position", lambda _report: None, has_died.set)
    assert has_died.wait(WAIT_SECONDS)
    assert not child.is_alive()
    child.close(0.0)


@pytest.mark.skipif(sys.platform == "win32", reason="stops a process by a POSIX signal")
def test_an_engine_that_hangs_is_ended(listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    client = listener.client
    monkeypatch.setattr(client._hang, "_limit_seconds", 0.5)
    client.start()
    listener.until(lambda: listener.has(StatusChanged))
    os.kill(engine_id(client), signal.SIGSTOP)
    listener.until(lambda: listener.has(EngineDied))


class SlowChild:
    """An engine that has started and says nothing yet."""

    process_id = 0
    kills = 0

    def __init__(self, *_world: object) -> None:
        pass

    def is_alive(self) -> bool:
        return True

    def write(self, command: Command) -> None:
        pass

    def kill(self) -> None:
        SlowChild.kills += 1

    def close(self, limit_seconds: float) -> None:
        pass


def test_an_engine_that_starts_slowly_after_another_died_is_given_time(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = listener.client
    client.start()
    listener.until(lambda: listener.has(StatusChanged))
    monkeypatch.setattr(client._hang, "_limit_seconds", 0.2)
    monkeypatch.setattr("musicassist.sound.client.EngineChild", SlowChild)
    os.kill(engine_id(client), signal.SIGKILL)
    listener.until(lambda: isinstance(client._child, SlowChild))
    began = time.monotonic()
    listener.until(lambda: time.monotonic() > began + 0.5)
    assert SlowChild.kills == 0


PARENT = """
import sys, time
from musicassist.sound.client import SoundClient
from musicassist.sound.messages import SoundSettings
client = SoundClient(SoundSettings(silent=True))
client.start()
while not client.poll():
    time.sleep(0.01)
print(client._child.process_id, client._board_path(), flush=True)
time.sleep(60)
"""


def test_an_engine_never_outlives_a_window_that_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        process_id, board = parent.stdout.readline().split()
        assert is_running(int(process_id))
        parent.kill()
    deadline = time.monotonic() + WAIT_SECONDS
    while is_running(int(process_id)) and not is_defunct(int(process_id)):
        assert time.monotonic() < deadline, "the engine lives on"
        time.sleep(0.01)
    assert not Path(board).exists()


def is_defunct(process_id: int) -> bool:
    """Whether a process has ended and only waits for somebody to ask how."""
    stat = Path(f"/proc/{process_id}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z"
