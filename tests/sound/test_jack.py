"""The engine in a real audio and MIDI system, JACK's dummy server, among programs that we did not write."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from lab.sound.bench import drum_phrase, dummy_jack_server, hits_seconds, record_playback
from lab.sound.hits import against_neighbours, onset_errors_seconds, onsets_seconds, read_wav
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.sound.client import SoundClient
from musicassist.sound.fluid_library import is_fluidsynth_here
from musicassist.sound.messages import (
    Binding,
    ControlLearned,
    ControlPressed,
    MidiReceived,
    PortsChanged,
    ShapeInput,
    SoundEvent,
    SoundSettings,
    StatusChanged,
)

pytestmark = pytest.mark.jack
WAIT_SECONDS = 20.0  # LIMIT: on a busy machine


@pytest.fixture(scope="module", autouse=True)
def _needs_fluidsynth() -> None:
    if not is_fluidsynth_here():
        pytest.fail("libfluidsynth is missing; `make setup` installs it")


@pytest.fixture
def make_client() -> Iterator[Callable[[SoundSettings], SoundClient]]:
    clients: list[SoundClient] = []

    def make(settings: SoundSettings) -> SoundClient:
        clients.append(SoundClient(settings))
        clients[-1].start()
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def foreign_program() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts one of JACK's own example programs; it is ended after the test."""
    programs: list[subprocess.Popen[str]] = []

    def start(*command: str) -> subprocess.Popen[str]:
        if shutil.which(command[0]) is None:
            pytest.skip(f"{command[0]} is not installed")
        # A pipe would hold back what the program prints until it ends.
        programs.append(subprocess.Popen(["stdbuf", "-oL", *command], stdout=subprocess.PIPE, text=True))
        return programs[-1]

    yield start
    for program in programs:
        program.kill()
        program.wait()
        if program.stdout is not None:
            program.stdout.close()


def wait_for(client: SoundClient, is_wanted: Callable[[SoundEvent], object]) -> SoundEvent:
    """Polls until an event is told that is wanted."""
    deadline = time.monotonic() + WAIT_SECONDS
    told: list[SoundEvent] = []
    while time.monotonic() < deadline:
        for event in client.poll():
            told.append(event)
            if is_wanted(event):
                return event
        time.sleep(0.005)
    raise AssertionError(f"waited in vain; was told {told}")


def is_playing_into_jack(event: SoundEvent) -> bool:
    return isinstance(event, StatusChanged) and event.driver == "jack"


@pytest.mark.usefixtures("jack_server")
def test_what_is_played_is_heard_in_jack_hit_for_hit(tmp_path: Path) -> None:
    song = drum_phrase(20)
    record_playback(song, tmp_path / "heard.wav")
    errors = onset_errors_seconds(onsets_seconds(*read_wav(tmp_path / "heard.wav")), hits_seconds(song))
    assert (
        np.abs(against_neighbours(errors)).max() < 0.05
    )  # how exact it is, `musicassist bench sound` measures on a quiet machine


@pytest.mark.usefixtures("jack_server")
def test_jack_is_found_by_itself_and_told(make_client: Callable[[SoundSettings], SoundClient]) -> None:
    status = wait_for(make_client(SoundSettings()), is_playing_into_jack)
    assert isinstance(status, StatusChanged)
    assert status.problem is None
    assert status.soundfont


@pytest.mark.usefixtures("jack_server")
def test_a_wrong_driver_is_told_and_another_one_plays(make_client: Callable[[SoundSettings], SoundClient]) -> None:
    status = wait_for(make_client(SoundSettings(driver="nosuch")), is_playing_into_jack)
    assert isinstance(status, StatusChanged)
    assert status.problem is not None
    assert "nosuch" in str(status.problem)


@pytest.mark.usefixtures("jack_server")
def test_a_broken_soundfont_is_told_and_the_default_plays(
    make_client: Callable[[SoundSettings], SoundClient], tmp_path: Path
) -> None:
    (tmp_path / "broken.sf2").write_bytes(b"RIFF")
    status = wait_for(make_client(SoundSettings(soundfont=tmp_path / "broken.sf2")), is_playing_into_jack)
    assert isinstance(status, StatusChanged)
    assert status.problem is not None
    assert "broken.sf2" in str(status.problem)


@pytest.mark.usefixtures("jack_server")
def test_a_keyboard_that_appears_is_armed_heard_and_let_go_when_it_vanishes(
    make_client: Callable[[SoundSettings], SoundClient], foreign_program: Callable[..., subprocess.Popen[str]]
) -> None:
    client = make_client(SoundSettings())
    keyboard = foreign_program("jack_midiseq", "keys", "24000", "0", "60", "8000", "12000", "64", "8000")
    ports = wait_for(client, lambda event: isinstance(event, PortsChanged) and event.input_port)
    assert isinstance(ports, PortsChanged)
    assert "keys" in str(ports.input_port)
    pitches: set[int] = set()

    def hears_both(event: SoundEvent) -> bool:
        if isinstance(event, MidiReceived):
            pitches.update(message[1] for message in event.messages if message[0] & 0xF0 == 0x90)
        return pitches >= {60, 64}

    wait_for(client, hears_both)
    keyboard.kill()
    wait_for(client, lambda event: isinstance(event, PortsChanged) and event.input_port is None)


@pytest.mark.usefixtures("jack_server")
def test_a_key_of_a_real_keyboard_is_learned_does_its_command_and_is_not_played(
    make_client: Callable[[SoundSettings], SoundClient], foreign_program: Callable[..., subprocess.Popen[str]]
) -> None:
    client = make_client(SoundSettings())
    client.shape_input(ShapeInput(velocity_curve="fixed", is_learning=True))
    foreign_program("jack_midiseq", "keys", "24000", "0", "60", "8000", "12000", "64", "8000")
    learned = wait_for(client, lambda event: isinstance(event, ControlLearned))
    assert isinstance(learned, ControlLearned)
    assert "keys" in learned.port
    binding = Binding(learned.port, learned.kind, learned.channel, learned.number, "record")
    client.shape_input(ShapeInput(velocity_curve="fixed", bindings=(binding,)))
    assert wait_for(client, lambda event: isinstance(event, ControlPressed)) == ControlPressed("record")
    strikes: list[bytes] = []

    def hears_the_other(event: SoundEvent) -> bool:
        if isinstance(event, MidiReceived):
            strikes.extend(message for message in event.messages if message[0] & 0xF0 == 0x90)
        return len(strikes) > 1

    wait_for(client, hears_the_other)
    other = 64 if learned.number == 60 else 60
    assert {message[1] for message in strikes} == {other}
    assert {message[2] for message in strikes} == {100}


STAGE_PIANO = """
import json, sys, rtmidi
keyboard = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="stage-piano")
keyboard.open_virtual_port("out")
for message in json.loads(sys.stdin.readline()):
    keyboard.send_message(message)
sys.stdin.read()
"""  # in a process of its own: a client of JACK that crashes must not end the tests


@pytest.mark.usefixtures("jack_server")
def test_layers_mpe_programs_and_all_notes_off_of_a_real_port_are_those_of_one_channel(
    make_client: Callable[[SoundSettings], SoundClient],
) -> None:
    command = [sys.executable, "-c", STAGE_PIANO]
    with subprocess.Popen(command, stdin=subprocess.PIPE, text=True) as keyboard:
        client = make_client(SoundSettings())
        wait_for(client, lambda event: isinstance(event, PortsChanged) and event.input_port)
        layer = [0x90, 60, 80], [0x91, 60, 80], [0x80, 60, 0], [0x81, 60, 0]
        others = [0xB3, 0, 8], [0xC3, 48], [0x94, 62, 80], [0xB4, 123, 0]
        zone = [0xB0, 101, 0], [0xB0, 100, 6], [0xB0, 6, 15]
        finger = [0xE5, 0, 72], [0x95, 64, 80]  # 6 of 48 semitones higher
        assert keyboard.stdin is not None
        keyboard.stdin.write(json.dumps((*layer, *others, *zone, *finger)) + "\n")
        keyboard.stdin.flush()
        told: list[bytes] = []
        is_mpe: list[bool] = []

        def is_all_told(event: SoundEvent) -> bool:
            told.extend(event.messages if isinstance(event, MidiReceived) else ())
            is_mpe.extend([event.is_mpe] if isinstance(event, PortsChanged) else [])
            return len(told) >= 7 and any(is_mpe)

        wait_for(client, is_all_told)
        keyboard.kill()
    layered, bank, ended = [b"\x90\x3c\x50", b"\x80\x3c\x00"], [b"\xb0\x00\x08", b"\xc0\x30"], b"\x80\x3e\x40"
    assert told == [*layered, *bank, b"\x90\x3e\x50", ended, b"\x90\x46\x50"]


@pytest.mark.usefixtures("jack_server")
def test_an_external_port_gets_each_note_once_and_stop_ends_them(
    make_client: Callable[[SoundSettings], SoundClient], foreign_program: Callable[..., subprocess.Popen[str]]
) -> None:
    receiver = foreign_program("jack_midi_dump", "-a")
    client = make_client(SoundSettings(output_port="midi-monitor:input"))
    wait_for(client, lambda event: isinstance(event, StatusChanged) and event.driver.startswith("MIDI port"))
    notes = [Note(240 * step, 60 + step, 200) for step in range(4)]
    client.set_song(Song((Track(notes=Notes.of([*notes, Note(960, 72, 9600)])),)))
    client.play(0)
    assert receiver.stdout is not None
    heard = [line_bytes(receiver.stdout.readline()) for _ in range(2)]
    while heard[-1][:2] != [0x90, 72]:
        heard.append(line_bytes(receiver.stdout.readline()))
    client.stop()
    while heard[-1][:2] != [0xB0, 120]:
        heard.append(line_bytes(receiver.stdout.readline()))
    assert [data[1] for data in heard if data[:1] == [0x90]] == [60, 61, 62, 63, 72]
    assert [data[1] for data in heard if data[:1] == [0x80]] == [60, 61, 62, 63, 72]
    assert [data[1] for data in heard if data[:1] == [0xB0]][-4:] == [64, 121, 123, 120]


@pytest.mark.usefixtures("jack_server")
def test_a_port_beside_fluidsynth_gets_the_notes_and_the_clock(
    make_client: Callable[[SoundSettings], SoundClient], foreign_program: Callable[..., subprocess.Popen[str]]
) -> None:
    receiver = foreign_program("jack_midi_dump", "-a")
    client = make_client(SoundSettings(output_port="midi-monitor:input", with_fluidsynth=True))
    wait_for(client, lambda event: isinstance(event, StatusChanged) and event.driver == "jack" and bool(event.ports))
    client.set_song(Song((Track(notes=Notes.of([Note(480 * step, 60 + step, 400) for step in range(8)])),)))
    client.play(0)
    assert receiver.stdout is not None
    heard: list[list[int]] = [[]]
    while heard[-1][:2] != [0x90, 64]:
        heard.append(line_bytes(receiver.stdout.readline()))
    client.stop()
    while heard[-1][:2] != [0xB0, 120]:
        heard.append(line_bytes(receiver.stdout.readline()))
    kinds = [data[0] for data in heard if data]
    assert kinds.index(0xFA) < kinds.index(0xF8) < kinds.index(0x90)
    assert 80 <= kinds.count(0xF8) <= 5 * 24  # of 97; JACK loses what falls into cycles that a busy machine misses
    assert 0xFC in kinds
    assert [data[1] for data in heard if data[:1] == [0x80]][:5] == [60, 61, 62, 63, 64]


def line_bytes(line: str) -> list[int]:
    """The message in a line of jack_midi_dump: the frame, a colon, and bytes in hexadecimal."""
    words = line.partition(":")[2].split()
    found = []
    for word in words:
        if len(word) != 2:
            break
        found.append(int(word, 16))
    return found


def test_a_server_that_dies_is_told_the_playhead_runs_on_and_the_next_server_is_found(
    make_client: Callable[[SoundSettings], SoundClient],
) -> None:
    with dummy_jack_server() as name:
        client = make_client(SoundSettings())
        wait_for(client, is_playing_into_jack)
        client.set_song(drum_phrase(400))
        client.play(0)
    lost = wait_for(client, lambda event: isinstance(event, StatusChanged))
    assert isinstance(lost, StatusChanged)
    assert lost.driver == "silent"
    assert lost.problem is not None
    assert lost.remedy is not None
    tick = client.position_tick()
    command = ["jackd", "-n", name, "-r", "-d", "dummy", "-r", "48000", "-p", "128"]
    environment = {**os.environ, "JACK_NO_AUDIO_RESERVATION": "1"}
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(client, is_playing_into_jack)
        assert client.is_playing
        assert client.position_tick() > tick
        client.close()
    finally:
        server.terminate()
        server.wait()
