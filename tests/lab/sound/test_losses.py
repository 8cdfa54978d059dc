"""JACK's server or the engine dies while a song plays and is recorded: that is said, no note is lost, it goes on."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator

import pytest

from lab.sound.jack_system import own_server_name, running, start_server
from musicassist.composing.request import GenerationRequest
from musicassist.document.document import Document
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.session.session import Session
from musicassist.sound.client import SoundClient
from musicassist.sound.messages import EngineDied, SoundEvent, SoundSettings, StatusChanged

pytestmark = [pytest.mark.jack, pytest.mark.slow]
WAIT_SECONDS = 40.0  # LIMIT: on a busy machine; a lost device is looked for every 3 s and more
SAID_SECONDS = 3.0 * 2  # asked are 3 s; a busy machine may take twice as long
KEYS = ("jack_midiseq", "keys", "12000", "0", "60", "4800")
LONG_SONG = Song((Track("Bass", Notes.of(Note(480 * beat, 40, 400) for beat in range(400)), 1), Track("Melody")))


class Server:
    """JACK's server, which can die."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.start()

    def start(self) -> None:
        self._process = start_server(self.name)

    def end(self, how: signal.Signals) -> None:
        self._process.send_signal(how)
        self._process.wait()


class NoGenerator:
    is_ready = False

    def start(self, request: GenerationRequest) -> None:
        raise AssertionError(request)

    def cancel(self) -> None:
        pass


class Studio:
    """A session on a real engine, looked after as the window does."""

    def __init__(self) -> None:
        self.client = SoundClient(SoundSettings(driver="jack"))
        self.client.start()
        document = Document(LONG_SONG)
        document.select_track(1)
        self.session = Session(document, self.client, NoGenerator())
        self.said: list[SoundEvent] = []

    def until(self, is_true: Callable[[], object], limit_seconds: float = WAIT_SECONDS) -> float:
        """Polls until something holds; how long that took."""
        began = time.monotonic()
        while not is_true():
            self.said += self.session.poll_sound()
            assert time.monotonic() - began < limit_seconds, f"waited in vain; was told {self.said}"
            time.sleep(0.005)
        return time.monotonic() - began

    def is_told(self, is_wanted: Callable[[SoundEvent], object]) -> Callable[[], bool]:
        """Whether it has been told since now."""
        first = len(self.said)
        return lambda: any(is_wanted(event) for event in self.said[first:])

    def recorded(self) -> int:
        return len(self.session.input.recorded_notes())


@pytest.fixture
def studio() -> Iterator[Callable[[], Studio]]:
    studios: list[Studio] = []

    def open_studio() -> Studio:
        studios.append(Studio())
        return studios[-1]

    yield open_studio
    for opened in studios:
        opened.client.close()


def sounds(event: SoundEvent) -> bool:
    return isinstance(event, StatusChanged) and event.driver == "jack"


def record_three_notes(studio: Studio) -> None:
    studio.until(studio.is_told(sounds))
    studio.session.input.start_recording()
    studio.until(lambda: studio.recorded() >= 3)


@pytest.fixture
def server() -> Iterator[Server]:
    with own_server_name() as name:
        running_server = Server(name)
        yield running_server
        running_server.end(signal.SIGTERM)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_server_that_dies_while_recording_loses_no_note_and_the_next_one_is_played_into(
    how: signal.Signals, server: Server, studio: Callable[[], Studio]
) -> None:
    desk = studio()
    with running(*KEYS):
        record_three_notes(desk)
        is_said = desk.is_told(lambda event: isinstance(event, StatusChanged) and event.problem)
        server.end(how)
        assert desk.until(is_said) < SAID_SECONDS
    kept, tick = desk.recorded(), desk.client.position_tick()
    assert kept >= 3
    assert desk.session.input.is_recording
    assert desk.session.transport.is_playing
    is_back = desk.is_told(sounds)
    server.start()
    desk.until(is_back)
    with running(*KEYS):
        desk.until(lambda: desk.recorded() >= kept + 2)
    assert desk.client.position_tick() > tick
    assert not any(isinstance(event, EngineDied) for event in desk.said)
    desk.session.input.stop_recording()
    assert len(desk.session.document.song.tracks[1].notes) >= kept + 2
    desk.client.close()


@pytest.mark.usefixtures("server")
def test_an_engine_that_is_killed_while_recording_loses_no_note_and_a_new_one_goes_on(
    studio: Callable[[], Studio],
) -> None:
    desk = studio()
    with running(*KEYS):
        record_three_notes(desk)
        kept, engine = desk.recorded(), desk.client.engine_process_id
        assert engine is not None
        is_said, is_back = (desk.is_told(kind) for kind in (lambda event: isinstance(event, EngineDied), sounds))
        os.kill(engine, signal.SIGKILL)
        assert desk.until(is_said) < SAID_SECONDS
        assert desk.recorded() >= kept
        desk.until(is_back)
        desk.until(lambda: desk.recorded() >= kept + 3)
    assert desk.session.input.is_recording
    assert desk.session.transport.is_playing
    desk.session.input.stop_recording()
    assert len(desk.session.document.song.tracks[1].notes) >= kept + 3
