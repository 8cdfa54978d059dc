"""An external port over a MIDI system that writes down: what is sent, in which order, and that nothing is left."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace

import pytest

from musicassist.errors import SoundError
from musicassist.score.song import Song
from musicassist.sound import ports
from musicassist.sound.live_keys import LiveKeys
from musicassist.sound.messages import SoundSettings
from musicassist.sound.playback import Playback
from musicassist.sound.ports import InputPort, PortSynth
from musicassist.sound.synth import CLOCK_SOURCE
from musicassist.sound.wiring import Wiring


class WrittenPort:
    """A client of a MIDI system that keeps what is sent, each with its second."""

    def __init__(self) -> None:
        self.sent: list[tuple[float, tuple[int, ...]]] = []
        self.has_enough = threading.Event()
        self.wanted = 0
        self.is_closed = False
        self.is_blocked = threading.Event()
        self.goes_on = threading.Event()
        self.goes_on.set()

    def block(self, port: PortSynth) -> None:
        """Holds up the next message, and all behind it, until ``goes_on`` is set."""
        self.goes_on.clear()
        port.send((0xB0, 10, 64))
        assert self.is_blocked.wait(10)

    def send_message(self, message: tuple[int, ...]) -> None:
        if not self.goes_on.is_set():
            self.is_blocked.set()
            assert self.goes_on.wait(10)
        self.sent.append((time.monotonic(), tuple(message)))
        if len(self.sent) >= self.wanted:
            self.has_enough.set()

    def wait_for(self, count: int) -> list[tuple[int, ...]]:
        self.wanted = count
        if len(self.sent) < count:
            self.has_enough.clear()
            assert self.has_enough.wait(10)
        return [message for _, message in self.sent]

    def close_port(self) -> None:
        self.is_closed = True

    def delete(self) -> None:
        pass


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> WrittenPort:
    written = WrittenPort()
    monkeypatch.setattr(ports, "_open_by_name", lambda kind, name: written)
    return written


def test_messages_are_sent_in_time_and_in_their_length(client: WrittenPort) -> None:
    port = PortSynth("Drums")
    now = port.now_seconds()
    port.schedule([(now + 0.05, (0xC0, 5, 0)), (now + 0.05, (0x90, 60, 90)), (now + 0.06, (0x80, 60, 64))], 1)
    port.schedule([(now + 0.055, (0xF8, 0, 0)), (now + 0.04, (0xF2, 4, 0))], CLOCK_SOURCE)
    sent = client.wait_for(5)
    port.close()
    assert sent == [(0xF2, 4, 0), (0xC0, 5), (0x90, 60, 90), (0xF8,), (0x80, 60, 64)]
    assert client.sent[0][0] >= now + 0.04
    assert client.is_closed


def test_what_is_sent_at_once_never_overtakes_what_was_due_before(client: WrittenPort) -> None:
    port = PortSynth("Drums")
    port.schedule([(port.now_seconds() - 0.01, (0x90, 60 + step, 90)) for step in range(50)], 1)
    port.send((0xB0, 123, 0))
    sent = client.wait_for(51)
    port.close()
    assert sent[-1] == (0xB0, 123, 0)


def test_a_port_without_clock_gets_only_music(client: WrittenPort) -> None:
    port = PortSynth("Drums", takes_clock=False)
    now = port.now_seconds()
    port.schedule([(now, (0xF8, 0, 0)), (now, (0x90, 60, 90))], CLOCK_SOURCE)
    assert client.wait_for(1) == [(0x90, 60, 90)]
    port.close()


def test_closing_sends_what_was_to_be_sent_at_once_and_forgets_the_rest(client: WrittenPort) -> None:
    port = PortSynth("Drums", clock=lambda: 7.0)  # a clock that stands still: nothing gets due
    port.schedule([(7.1, (0x80, 48, 64)), (7.5, (0x90, 60, 90))], 1)
    port.schedule([(7.2, (0x80, 60, 64))], ports.DIRECT_SOURCE)
    port.close()
    assert [message for _, message in client.sent] == [(0x80, 48, 64), (0x80, 60, 64)]


def test_what_is_due_before_the_cut_is_sent_all_the_same(client: WrittenPort) -> None:
    clock = [0.0]
    port = PortSynth("Drums", clock=lambda: clock[0])
    port.schedule([(1.0, (0x90, 60, 90)), (1.2, (0x90, 62, 90))], 1)
    port.remove(1, after_seconds=1.1)
    clock[0] = 1.6
    port.schedule([(1.5, (0x80, 60, 64))], 1)
    assert client.wait_for(2) == [(0x90, 60, 90), (0x80, 60, 64)]
    port.close()


def test_what_has_fallen_due_but_waits_for_the_device_is_not_removed(client: WrittenPort) -> None:
    port = PortSynth("Drums", clock=lambda: 7.0)
    client.block(port)
    port.schedule([(6.9, (0x80, 60, 64)), (7.1, (0x90, 62, 90))], 1)
    port.remove(1)
    client.goes_on.set()
    assert client.wait_for(2) == [(0xB0, 10, 64), (0x80, 60, 64)]
    port.close()


def test_a_device_that_blocks_holds_up_nobody_and_gets_everything_in_order(client: WrittenPort) -> None:
    port = PortSynth("Drums", clock=lambda: 7.0)
    port.schedule([(6.9, (0x90, 60, 90)), (6.9, (0x90, 64, 90))], 1)
    client.wait_for(2)
    client.block(port)
    port.schedule([(6.9, (0x90, 67, 90))], 1)
    for pitch in (60, 64, 67):
        port.send((0x80, pitch, 64))
    port.flush()
    port.schedule([(6.0, (0x90, 72, 90))], 1)  # the clock goes on from another second
    assert len(client.sent) == 2
    client.goes_on.set()
    assert client.wait_for(8)[3:] == [(0x90, 67, 90), *((0x80, pitch, 64) for pitch in (60, 64, 67)), (0x90, 72, 90)]
    port.close()
    assert client.is_closed


def test_a_device_that_was_held_up_strikes_no_note_long_after_its_time(client: WrittenPort) -> None:
    clock = [7.0]
    port = PortSynth("Drums", clock=lambda: clock[0])
    client.block(port)
    port.schedule([(7.1, (0x90, 60, 90)), (7.2, (0xC0, 5, 0)), (7.3, (0x80, 60, 64)), (7.3, (0x90, 62, 0))], 1)
    port.schedule([(9.4, (0x90, 64, 90))], 1)
    clock[0] = 9.5
    client.goes_on.set()
    assert client.wait_for(5) == [(0xB0, 10, 64), (0xC0, 5), (0x80, 60, 64), (0x90, 62, 0), (0x90, 64, 90)]
    port.close()


def test_a_leading_port_gets_the_clock_as_long_as_that_is_wanted(client: WrittenPort) -> None:
    port = PortSynth("Drums")
    playback = Playback(port)
    wiring = Wiring(playback, LiveKeys(port), lambda synth: synth.close())
    playback.set_song(Song())
    playback.play(0, runs_past_end=True)
    for is_wanted in (False, True):
        wiring.want(SoundSettings(midi_clock=is_wanted, output_port="Drums"), Song())
        assert port.takes_clock == is_wanted
    wiring.close()
    sent = [message for _, message in client.sent if message[0] >= 0xF0]
    assert (sent[-1], sent.count((0xFC,))) == ((0xFC,), 2)


class VanishingClient:
    """A client of a MIDI system whose only port fails when it is listed, opened or closed."""

    def __init__(self, **errors: Exception) -> None:
        self.errors = errors
        self.is_deleted = False

    def _fail(self, place: str) -> None:
        if place in self.errors:
            raise self.errors[place]

    def get_ports(self) -> list[str]:
        self._fail("listing")
        return ["Drums 20:0"]

    def open_port(self, _index: int, *, name: str) -> None:
        self._fail("opening")

    def close_port(self) -> None:
        self._fail("closing")

    def set_callback(self, _callback: object) -> None:
        pass

    def cancel_callback(self) -> None:
        pass

    def delete(self) -> None:
        self.is_deleted = True


def only_client(monkeypatch: pytest.MonkeyPatch, client: VanishingClient) -> VanishingClient:
    system = SimpleNamespace(API_LINUX_ALSA=1, API_UNIX_JACK=2, get_compiled_api=lambda: [1])
    monkeypatch.setattr(ports, "_rtmidi", lambda: system)
    monkeypatch.setattr(ports, "_new_client", lambda _rtmidi, _kind, _api: client)
    return client


@pytest.mark.parametrize(
    ("place", "error", "words"),
    [
        ("listing", RuntimeError("the server died"), "not connected"),
        ("opening", ValueError("invalid port number"), "not connected"),
        ("opening", OSError("busy"), "in use"),
    ],
)
def test_a_port_that_vanishes_while_it_is_opened_is_told_in_words(
    monkeypatch: pytest.MonkeyPatch, place: str, error: Exception, words: str
) -> None:
    client = only_client(monkeypatch, VanishingClient(**{place: error}))
    for kind in (PortSynth, lambda name: InputPort(name, lambda _seconds, _message: None)):
        with pytest.raises(SoundError, match=words):
            kind("Drums")
        assert client.is_deleted


def test_a_keyboard_that_is_gone_is_closed_without_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    client = only_client(monkeypatch, VanishingClient(closing=RuntimeError("the server died")))
    InputPort("Drums", lambda _seconds, _message: None).close()
    assert client.is_deleted


def test_a_midi_system_that_breaks_off_lists_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    only_client(monkeypatch, VanishingClient(listing=OSError("no such device")))
    assert ports.list_ports() == ports.PortList()
