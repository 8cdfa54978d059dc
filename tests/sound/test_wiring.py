"""A synth and ports together: each note goes where its track wants it, on time, and every road ends in silence."""

from __future__ import annotations

import math
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musicassist.errors import SoundError
from musicassist.score.midi_bytes import Message, is_clock
from musicassist.score.song import Event, Note, Notes, Song, Track
from musicassist.sound import wiring
from musicassist.sound.live_keys import LiveKeys
from musicassist.sound.messages import SoundSettings
from musicassist.sound.playback import START_DELAY_SECONDS, Playback
from musicassist.sound.ports import PortSynth
from musicassist.sound.synth import DIRECT_SOURCE, SilentSynth, TimedQueue
from musicassist.sound.wiring import TrackPorts, Wiring

FEED_SECONDS = 0.02
LATENCY_SECONDS = 0.04
DRUMS, LEAD = "Drum box", "Lead synth"


class HeldPort:
    """A port that sends when the test turns the clock, and writes down what it sent at which second of the lead."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.sent: list[tuple[float, Message]] = []
        self.takes_clock = True
        self.is_closed = False
        self._clock = clock
        self._queue = TimedQueue()

    def turn(self) -> None:
        self.sent.extend(self._queue.take_until(self._clock()))

    def schedule(self, events: Iterable[tuple[float, Message]], source: int) -> None:
        self._queue.put(((at, m) for at, m in events if self.takes_clock or not is_clock(m)), source)

    def remove(self, source: int, after_seconds: float) -> None:
        self.turn()
        self._queue.remove(source, after_seconds)

    def flush(self) -> None:
        self._queue.hasten(DIRECT_SOURCE)
        self.sent.extend((self._clock(), message) for _, message in self._queue.take_until(-math.inf))

    def is_lost(self) -> bool:
        return False

    def close(self) -> None:
        self.is_closed = True


class LateSynth(SilentSynth):
    """A lead that is heard some time after its clock."""

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__(clock, is_recording=True)
        self.latency_seconds = LATENCY_SECONDS


@dataclass
class Stage:
    """Playback, keys and wiring over a clock that the test turns."""

    now: float = 50.0
    listed: list[str] = field(default_factory=lambda: [DRUMS, LEAD])
    ports: dict[str, HeldPort] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.lead = LateSynth(lambda: self.now)
        self.playback = Playback(self.lead)
        self.keys = LiveKeys(self.lead)
        self.wiring = Wiring(self.playback, self.keys, lambda port: port.close(), self.open_port)  # type: ignore[arg-type]
        self.wiring.clock._clock = lambda: self.now + 7.0  # the system's clock shows something else

    def open_port(self, name: str, clock: Callable[[], float]) -> HeldPort:
        self.ports[name] = HeldPort(clock)
        return self.ports[name]

    def load(self, song: Song, settings: SoundSettings | None = None) -> None:
        self.playback.set_song(song)
        self.wiring.want(settings or SoundSettings(), song)
        self.settle()

    def settle(self) -> None:
        """Turns until every wanted port that is there is open."""
        self.wiring.look(self.listed)
        while self.wiring.ports._opening:
            self.wiring.look(self.listed)

    def wait(self, seconds: float) -> None:
        end = self.now + seconds
        while self.now < end - 1e-9:
            self.now = min(end, self.now + FEED_SECONDS)
            self.wiring.clock.look()
            self.playback.feed()
            for port in self.ports.values():
                port.turn()
        self.lead.now_seconds()


def song_on(*ports: str | None, channel: int = 0) -> Song:
    """A track for each port, all on one channel; their pitches are 60, 61, ..."""
    return Song(
        tuple(
            Track(
                notes=Notes.of(Note(480 * step, 60 + row, 400) for step in range(8)), channel=channel, output_port=port
            )
            for row, port in enumerate(ports)
        )
    )


def struck(sent: Iterable[tuple[float, Message]]) -> list[tuple[float, int]]:
    """Second and pitch of each note-on."""
    return [(round(at, 3), m[1]) for at, m in sent if m[0] & 0xF0 == 0x90]


def sounding(sent: Iterable[tuple[float, Message]]) -> Counter[tuple[int, int]]:
    """The keys that are down."""
    down: Counter[tuple[int, int]] = Counter()
    for _, (status, pitch, _) in sent:
        if status & 0xF0 == 0x90:
            down[status & 15, pitch] = 1
        elif status & 0xF0 == 0x80:
            down[status & 15, pitch] = 0
    return +down


def test_each_track_sounds_on_its_own_port_although_all_share_a_channel() -> None:
    stage = Stage()
    stage.load(song_on(None, DRUMS, LEAD))
    stage.playback.play(0)
    stage.wait(1.0)
    assert {pitch for _, pitch in struck(stage.lead.sounded)} == {60}
    assert {pitch for _, pitch in struck(stage.ports[DRUMS].sent)} == {61}
    assert {pitch for _, pitch in struck(stage.ports[LEAD].sent)} == {62}
    assert all(message[0] < 0x100 for _, message in stage.ports[LEAD].sent)


def test_a_port_sends_when_the_lead_is_heard() -> None:
    stage = Stage()
    stage.load(song_on(None, DRUMS))
    stage.playback.play(0)
    begun = stage.now + START_DELAY_SECONDS
    stage.wait(START_DELAY_SECONDS + LATENCY_SECONDS - 0.001)
    assert struck(stage.lead.sounded) == [(round(begun, 3), 60)]
    assert struck(stage.ports[DRUMS].sent) == []
    stage.wait(0.002)
    assert struck(stage.ports[DRUMS].sent) == [(round(begun, 3), 61)]


def test_fluidsynth_and_a_port_play_the_same() -> None:
    stage = Stage()
    stage.load(song_on(None, LEAD), SoundSettings(output_port=DRUMS, with_fluidsynth=True))
    stage.playback.play(0)
    stage.wait(1.0)
    assert struck(stage.ports[DRUMS].sent) == struck(stage.lead.sounded)
    assert {pitch for _, pitch in struck(stage.ports[LEAD].sent)} == {61}
    assert any(is_clock(message) for _, message in stage.ports[DRUMS].sent)
    stage.playback.stop()
    stage.wait(LATENCY_SECONDS + 0.02)
    for sent in (stage.lead.sounded, stage.ports[DRUMS].sent, stage.ports[LEAD].sent):
        assert not sounding(sent)


def test_a_port_that_is_not_there_is_told_and_the_lead_plays_its_notes_until_it_comes_back() -> None:
    stage = Stage(listed=[])
    stage.load(song_on(None, DRUMS))
    assert stage.wiring.ports.missing == (DRUMS,)
    stage.playback.play(0)
    stage.wait(0.6)
    assert {pitch for _, pitch in struck(stage.lead.sounded)} == {60, 61}
    stage.listed = [DRUMS]
    stage.settle()
    assert stage.wiring.ports.missing == ()
    assert stage.playback.is_playing
    count = len(stage.lead.sounded)
    stage.wait(0.6)
    assert {pitch for _, pitch in struck(stage.ports[DRUMS].sent)} == {61}
    assert 61 not in {pitch for _, pitch in struck(stage.lead.sounded[count:])}


def test_a_port_that_vanishes_is_closed_with_its_notes_ended_and_the_lead_plays_on() -> None:
    stage = Stage()
    stage.load(song_on(None, DRUMS))
    stage.playback.play(0)
    stage.wait(0.6)
    assert sounding(stage.ports[DRUMS].sent)
    stage.listed = []
    stage.settle()
    assert stage.ports[DRUMS].is_closed
    assert not sounding(stage.ports[DRUMS].sent)
    count = len(stage.lead.sounded)
    stage.wait(0.6)
    assert {pitch for _, pitch in struck(stage.lead.sounded[count:])} == {60, 61}


def test_a_port_that_is_taken_is_missed_while_it_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    tries, may_end = [], threading.Event()

    def open_port(_name: str) -> PortSynth:
        tries.append(1)
        assert len(tries) == 1 or may_end.wait(10)
        raise SoundError("in use")

    monkeypatch.setattr(wiring, "RETRY_SECONDS", 0.0)
    ports = TrackPorts(open_port)
    ports.want({DRUMS})
    told = []
    while len(tries) < 2:
        ports.look([DRUMS])
        told.append(ports.missing)
    may_end.set()
    assert list(dict.fromkeys(told)) == [(), (DRUMS,)]
    assert told[-1] == (DRUMS,)


@pytest.mark.usefixtures("thread_bugs")
def test_a_bug_while_a_port_is_opened_leaves_it_missing_and_not_for_ever_on_its_way() -> None:
    stage = Stage()
    stage.open_port = lambda name, clock: 1 / 0  # type: ignore[assignment, method-assign, return-value]
    stage.__post_init__()
    stage.load(song_on(DRUMS))
    assert stage.wiring.ports.missing == (DRUMS,)


def test_the_keyboard_plays_through_the_port_of_the_live_track() -> None:
    stage = Stage()
    stage.load(song_on(None, DRUMS, channel=3))
    stage.wiring.set_live_track(3, 11, DRUMS)
    stage.keys.play(bytes((0x90, 72, 100)))
    stage.keys.play(bytes((0x80, 72, 0)))
    stage.wait(0.1)
    assert [m for _, m in stage.ports[DRUMS].sent] == [(0xC3, 11, 0), (0x93, 72, 100), (0x83, 72, 64)]


def test_a_key_goes_up_on_the_port_that_it_was_struck_on_when_another_track_was_selected_meanwhile() -> None:
    stage = Stage()
    stage.load(song_on(None, DRUMS))
    stage.wiring.set_live_track(0, 0, DRUMS)
    stage.keys.strike(72, 100, stage.wiring.live_channel(0), 0)
    stage.wiring.set_live_track(0, 0, None)
    stage.keys.release(72, 0)
    stage.wait(0.1)
    assert not sounding(stage.ports[DRUMS].sent)


def test_a_keyboard_that_vanishes_lets_go_of_its_pedal_on_the_port_of_the_live_track() -> None:
    stage = Stage()
    stage.load(song_on(None, DRUMS))
    stage.wiring.set_live_track(0, 0, DRUMS)
    for moved in (b"\xb0\x40\x7f", b"\xd0\x30"):
        stage.keys.play(moved)
    stage.keys.release_all()
    stage.wait(0.1)
    assert [m for _, m in stage.ports[DRUMS].sent][-2:] == [(0xB0, 64, 0), (0xD0, 0, 0)]


def test_without_clock_no_port_gets_one() -> None:
    stage = Stage()
    stage.load(song_on(DRUMS), SoundSettings(midi_clock=False))
    stage.playback.play(0)
    stage.wait(0.5)
    assert not any(is_clock(message) for _, message in stage.ports[DRUMS].sent)


def test_switching_the_clock_leaves_what_sounds_alone_where_no_port_is() -> None:
    stage = Stage()
    stage.load(song_on(None))
    stage.playback.play(0)
    stage.wait(0.3)
    stage.load(song_on(None), SoundSettings(midi_clock=False))
    assert sounding(stage.lead.sounded) == {(0, 60): 1}


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["play", "stop", "seek", "loop", "edit", "ports", "lead", "unplug", "plug"]),
        st.integers(0, 1 << 16),
        st.floats(0.001, 0.9),
    ),
    max_size=20,
)


@settings(max_examples=40)
@given(ACTIONS)
def test_whatever_happens_no_note_stays_on_any_port(actions: list[tuple[str, int, float]]) -> None:
    stage = Stage()
    leads = [stage.lead]
    song = song_on(None, DRUMS, LEAD)
    stage.load(song)
    for action, number, seconds in actions:
        chance = random.Random(number)
        if action == "play":
            stage.playback.play(number % 3000)
        elif action == "stop":
            stage.playback.stop()
        elif action == "seek":
            stage.playback.seek(number % 3000)
        elif action == "loop":
            stage.playback.set_loop(number % 2000, number % 2000 + 1 + number % 700)
        elif action == "lead":
            stage.lead = LateSynth(lambda: stage.now)
            leads.append(stage.lead)
            stage.wiring.use(stage.lead)
        elif action in ("unplug", "plug"):
            stage.listed = [] if action == "unplug" else [DRUMS, LEAD]
            stage.settle()
        else:
            song = song_on(*chance.choices([None, DRUMS, LEAD], k=3))
            song = song.with_track(0, replace(song.tracks[0], muted=chance.random() < 0.3))
            stage.load(song)
        stage.wait(seconds)
    stage.playback.stop()
    stage.wait(0.1)
    assert all(
        not sounding(sent) for sent in [*(lead.sounded for lead in leads), *(p.sent for p in stage.ports.values())]
    )


def test_closing_ends_every_note() -> None:
    stage = Stage()
    stage.load(song_on(None, DRUMS))
    stage.playback.play(0)
    stage.wait(0.6)
    stage.wiring.close()
    stage.ports[DRUMS].flush()
    assert not sounding(stage.lead.sounded)
    assert not sounding(stage.ports[DRUMS].sent)


def test_a_route_is_kept_by_name() -> None:
    stage = Stage()
    stage.load(song_on(DRUMS, LEAD))
    numbers = {name: stage.wiring.ports.number(name) for name in (DRUMS, LEAD)}
    stage.load(song_on(LEAD))
    stage.load(song_on(LEAD, DRUMS))
    assert {name: stage.wiring.ports.number(name) for name in (DRUMS, LEAD)} == numbers
    assert sorted(numbers.values()) == [1, 2]
    assert pytest.approx(stage.wiring.clock.heard_seconds()) == stage.now - LATENCY_SECONDS


class OneCable(PortSynth):
    """A port that sends nothing."""

    def __init__(self) -> None:
        self.driver, self.soundfont, self.latency_seconds, self.takes_clock = "MIDI port Synth", "", 0.0, False

    def now_seconds(self) -> float:
        return 0.0

    def schedule(self, events: Iterable[tuple[float, Message]], source: int) -> None:
        """Sends nothing."""

    def send(self, message: Message) -> None:
        """Sends nothing."""

    def remove(self, source: int, after_seconds: float | None = None) -> None:
        """Has nothing."""


@pytest.mark.parametrize("port", [0, 1, 5])
def test_a_song_with_two_ports_on_one_cable_is_known_as_crowded(port: int) -> None:
    playback = Playback(SilentSynth(lambda: 0.0))
    wiring = Wiring(playback, LiveKeys(playback.synth), lambda _synth: None)
    named = Track(notes=Notes.of([Note(0, 60, 480)]), events=(Event(0, bytes((0xFF, 0x21, port))),))
    playback.set_song(Song((Track(notes=named.notes), named)))
    assert not wiring.is_crowded, "a synth of our own has channels for all"
    wiring.lead = OneCable()
    assert wiring.is_crowded == (port > 0)
