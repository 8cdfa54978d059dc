"""The engine without its pipes: what the keyboard sends is heard, told, shaped and let go."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicassist.score.midi_bytes import Message
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.sound.engine import SoundEngine
from musicassist.sound.messages import (
    Binding,
    ControlPressed,
    MidiReceived,
    Play,
    Report,
    Seek,
    SetLiveTrack,
    SetSong,
    ShapeInput,
)
from musicassist.sound.synth import SilentSynth
from musicassist.sound.wire import Position


class Booth:
    """An engine on a silent synth that records."""

    def __init__(self) -> None:
        self.told: list[Report] = []
        self.shown: list[Position] = []
        self.engine = SoundEngine(self.told.append, self.shown.append)
        self.synth = SilentSynth(time.monotonic, is_recording=True)
        self.engine.keys.change_synth(self.synth)
        self.engine.playback.change_synth(self.synth)
        self.synth.sounded.clear()

    def heard(self) -> list[Message]:
        messages = [message for _, message in self.synth.sounded]
        self.synth.sounded.clear()
        return messages

    def received(self) -> list[bytes]:
        self.engine.turn()
        batches = [report for report in self.told if isinstance(report, MidiReceived)]
        self.told.clear()
        return [message for batch in batches for message in batch.messages]


@pytest.fixture
def booth() -> Booth:
    return Booth()


def test_a_curve_and_a_channel_count_for_what_is_heard_and_for_what_is_told(booth: Booth) -> None:
    booth.engine.obey(ShapeInput(channel=1, velocity_curve="fixed"))
    booth.engine.receive(time.monotonic(), b"\x91\x3c\x20")
    booth.engine.receive(time.monotonic(), b"\x92\x40\x20")
    assert booth.heard() == [(0xC0, 0, 0), (0x90, 60, 100)]
    assert booth.received() == [b"\x90\x3c\x64"]


def test_what_comes_in_on_another_channel_is_told_without_what_it_was(booth: Booth) -> None:
    booth.engine.obey(ShapeInput(channel=1))
    booth.engine.receive(time.monotonic(), b"\x92\x40\x20")
    booth.engine.turn()
    booth.engine.turn()
    assert booth.told == [MidiReceived((), (), ())]


def test_what_is_bound_does_its_command_and_is_neither_heard_nor_recorded(booth: Booth) -> None:
    booth.engine.obey(ShapeInput(bindings=(Binding("", 0xB0, 0, 20, "record"),)))
    booth.engine.receive(time.monotonic(), b"\xb0\x14\x7f")
    assert booth.told == [ControlPressed("record")]
    assert booth.heard() == []
    assert booth.received() == []


def test_a_keyboard_that_vanishes_or_moves_to_another_channel_leaves_neither_key_nor_pedal_down(booth: Booth) -> None:
    for leave in (booth.engine._let_keys_go, lambda: booth.engine.obey(ShapeInput(channel=5))):
        for message in (b"\x90\x3c\x50", b"\xb0\x40\x7f", b"\xe0\x00\x70"):
            booth.engine.receive(time.monotonic(), message)
        booth.heard()
        booth.received()
        leave()
        assert booth.heard() == [(0x80, 60, 64), (0xB0, 64, 0), (0xE0, 0, 64)]
        assert booth.received() == [b"\x80\x3c\x40", b"\xb0\x40\x00", b"\xe0\x00\x40"]


def test_the_keys_go_up_on_the_channel_of_the_track_that_they_were_struck_on(booth: Booth) -> None:
    booth.engine.receive(time.monotonic(), b"\xb0\x40\x7f")
    booth.engine.obey(SetLiveTrack(3, 0))
    booth.engine._let_keys_go()
    assert [message for message in booth.heard() if message[0] == 0xB0] == [(0xB0, 64, 127), (0xB0, 64, 0)]


def test_what_was_played_is_written_earlier_by_the_users_offset_and_the_latency_of_the_driver(booth: Booth) -> None:
    booth.synth.latency_seconds = 0.1
    booth.engine.obey(ShapeInput(offset_seconds=0.05))
    booth.engine.turn()
    booth.engine.obey(Play(0, 1, runs_past_end=True))
    seconds = time.monotonic() + 1.0
    booth.engine.receive(seconds, b"\x90\x3c\x50")
    booth.engine.turn()
    received = next(report for report in booth.told if isinstance(report, MidiReceived))
    heard_tick = booth.engine.playback.heard_tick(seconds)
    assert received.ticks[0] == pytest.approx(heard_tick - 0.05 * 960, abs=5)
    assert heard_tick == pytest.approx((1.0 - 0.1 - 0.03) * 960, abs=20)


def test_a_pedal_that_is_held_outlives_a_seek_and_the_end_of_the_song(booth: Booth) -> None:
    booth.engine.obey(SetSong(Song((Track(notes=Notes.of([Note(0, 60, 1)])),))))
    booth.engine.obey(Play(0, 1, runs_past_end=True))
    booth.engine.receive(time.monotonic(), b"\xb0\x40\x7f")
    booth.heard()
    booth.engine.obey(Seek(0, 2))
    assert pedals(booth.heard()) == [0, 127]
    booth.engine.obey(Play(0, 3))
    booth.heard()
    while booth.engine.playback.is_playing:
        booth.engine.turn()
    assert pedals(booth.heard()) == [0, 127]


def pedals(messages: list[Message]) -> list[int]:
    """How far the pedal goes down; resetting lifts it, too."""
    return [value for status, control, value in messages if (status, control) == (0xB0, 64)]


def test_during_a_count_in_the_position_stands_and_tells_how_long(booth: Booth) -> None:
    booth.engine.obey(Play(480, 1, runs_past_end=True, count_in_bars=1))
    booth.engine.turn()
    position = booth.shown[-1]
    assert position.tick_at(position.at_seconds + 1.9) == 480
    assert 1800 < position.waiting_ticks < 1950 + 50


def test_all_notes_off_from_the_keyboard_ends_what_sounds_and_what_is_recorded(booth: Booth) -> None:
    booth.engine.receive(1.0, b"\x94\x3c\x50")
    booth.engine.receive(1.5, b"\xb4\x7b\x00")
    assert booth.heard() == [(0xC0, 0, 0), (0x90, 60, 80), (0x80, 60, 64)]
    assert booth.received() == [b"\x90\x3c\x50", b"\x80\x3c\x40"]


def test_a_key_in_layer_mode_is_heard_and_recorded_once(booth: Booth) -> None:
    for channel in (0, 1):
        booth.engine.receive(1.0, bytes((0x90 | channel, 60, 80)))
    for channel in (0, 1):
        booth.engine.receive(2.0, bytes((0x80 | channel, 60, 0)))
    assert booth.received() == [b"\x90\x3c\x50", b"\x80\x3c\x00"]
    assert booth.heard() == [(0xC0, 0, 0), (0x90, 60, 80), (0x80, 60, 64)]


def test_a_flood_of_clock_and_sensing_is_no_playing(booth: Booth) -> None:
    for data in (b"\xf8", b"\xfe", b"\xf2\x00\x10", b"\x90\x3c", b"\xf0\x7e\xf7"):
        booth.engine.receive(1.0, data)
    booth.engine.turn()
    assert not any(isinstance(report, MidiReceived) for report in booth.told)


def test_fingers_bend_for_themselves_where_the_user_says_so_and_no_more_when_not(booth: Booth) -> None:
    fingers = b"\x91\x3c\x50", b"\x92\x40\x50"
    bend = b"\xe2\x00\x42"  # 256 of 8192, 1.5 of 48 semitones
    booth.engine.obey(ShapeInput(is_mpe=True))
    for message in (*fingers, bend):
        booth.engine.receive(1.0, message)
    assert booth.received() == [b"\x90\x3c\x50", b"\x90\x40\x50", b"\x80\x40\x40", b"\x90\x42\x50"]
    booth.engine.obey(ShapeInput())
    assert booth.received() == [b"\x80\x3c\x40", b"\x80\x42\x40"]
    for message in (*fingers, bend):
        booth.engine.receive(2.0, message)
    assert booth.received() == [b"\x90\x3c\x50", b"\x90\x40\x50", b"\xe0\x00\x42"]


def test_a_keyboard_keeps_its_zones_when_it_is_back_and_another_one_has_its_own(booth: Booth) -> None:
    class Watch:
        input_port = "Seaboard"

    booth.engine._watch = Watch()  # type: ignore[assignment]
    for message in (b"\xb0\x65\x00", b"\xb0\x64\x06", b"\xb0\x06\x0f"):
        booth.engine.receive(1.0, message)
    booth.engine._let_keys_go()
    booth.engine.receive(2.0, b"\x91\x3c\x50")
    assert booth.engine._one_channel.zones.are_there
    Watch.input_port = "Keystation"
    booth.engine.receive(3.0, b"\x91\x3c\x50")
    assert not booth.engine._one_channel.zones.are_there


_ANY_BYTES = st.binary(max_size=4)
_NEARLY_CHANNEL_MESSAGES = st.builds(
    lambda status, rest: bytes((status, *rest)),
    st.integers(0x80, 0xEF),
    st.lists(st.integers(0, 129), max_size=2),
)


@given(st.booleans(), st.lists(_ANY_BYTES | _NEARLY_CHANNEL_MESSAGES, max_size=60))
def test_whatever_bytes_a_port_tells_nothing_sounds_on_when_it_is_gone(is_mpe: bool, told: list[bytes]) -> None:
    booth = Booth()
    booth.engine.obey(ShapeInput(is_mpe=is_mpe))
    for number, data in enumerate(told):
        booth.engine.receive(0.01 * number, data)
    booth.engine._let_keys_go()
    down: set[tuple[int, int]] = set()
    for status, data1, data2 in booth.heard():
        if status & 0xF0 == 0x90 and data2:
            down.add((status & 0x0F, data1))
        elif status & 0xF0 in (0x80, 0x90):
            down.discard((status & 0x0F, data1))
    assert not down
    recorded = booth.received()
    assert all(0x80 <= message[0] < 0xF0 and max(message[1:]) < 0x80 for message in recorded)
    strikes = [message[1] for message in recorded if message[0] == 0x90]
    assert len(strikes) == len([message for message in recorded if message[0] == 0x80])
