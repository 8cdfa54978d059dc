"""How far JACK's periods move the times of notes that come in and go out, against foreign programs' own frames."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from lab.sound.external_port import received_seconds
from lab.sound.hits import Seconds, against_neighbours
from lab.sound.jack_system import JACK_SAMPLE_RATE, jack_ports, own_server_name, running, start_server, wait_until
from musicassist.score.midi_bytes import NOTE_OFF, NOTE_ON
from musicassist.sound.ports import InputPort, PortSynth, list_ports

LONG_PERIOD_FRAMES = 1024
_KEYBOARD, _RECEIVER = "rounded-keys", "rounded-receiver"
_LOOP_FRAMES = 30_011  # a prime, so that notes fall on every part of a period
_STRIKES = {60: 0, 64: 7_919, 67: 15_013, 71: 22_501}  # pitch and frame
_PITCHES = range(1, 121)
_STEP_SECONDS = 0.0302  # nine notes in a row fall on every part of a period, of a short one and of a long one
_FIRST_SECONDS = 0.5


def with_server(period_frames: int, measure: Callable[[Path], Seconds], folder: Path) -> Seconds:
    """What a measurement finds beside a server without a device, whose periods are so long."""
    with own_server_name() as name:
        server = start_server(name, period_frames)
        try:
            return measure(folder)
        finally:
            server.terminate()
            server.wait()


def received_errors(_folder: Path, seconds: float = 6.0) -> Seconds:
    """How much too late each note of a JACK program was stamped, but for what its neighbours have in common.

    Raises:
        SoundError: The program does not come up.
    """
    received: list[tuple[float, int]] = []

    def receive(at_seconds: float, message: bytes) -> None:
        if message[0] & 0xF0 == NOTE_ON and message[2]:
            received.append((at_seconds, message[1]))

    strikes = (str(number) for pitch, frame in _STRIKES.items() for number in (frame, pitch, 2_000))
    with running("jack_midiseq", _KEYBOARD, str(_LOOP_FRAMES), *strikes):
        wait_until(lambda: f"{_KEYBOARD}:out" in list_ports().inputs, "JACK's keyboard does not start.")
        port = InputPort(f"{_KEYBOARD}:out", receive)
        time.sleep(seconds)
        port.close()
    order = list(_STRIKES)
    first = order.index(received[0][1])
    frames = [
        _frame(first + place) for place in range(len(received)) if received[place][1] == order[(first + place) % 4]
    ]
    return against_neighbours(np.array([at for at, _ in received[: len(frames)]]) - np.array(frames) / JACK_SAMPLE_RATE)


def _frame(strike: int) -> int:
    """Where a strike lies, counted from the first one of the first round."""
    rounds, place = divmod(strike, len(_STRIKES))
    return rounds * _LOOP_FRAMES + list(_STRIKES.values())[place]


def sent_errors(folder: Path) -> Seconds:
    """How much too late each note went out to a JACK program, but for what its neighbours have in common.

    Raises:
        SoundError: The program does not come up.
    """
    heard = folder / "received.txt"
    with running("jack_midi_dump", "-a", _RECEIVER, output=heard):
        wait_until(lambda: f"{_RECEIVER}:input" in jack_ports(), "JACK's receiver does not start.")
        synth = PortSynth(f"{_RECEIVER}:input")
        start_seconds = time.monotonic() + _FIRST_SECONDS
        due = {pitch: start_seconds + _STEP_SECONDS * place for place, pitch in enumerate(_PITCHES)}
        events = [
            (at + off, (NOTE_OFF if off else NOTE_ON, pitch, 64)) for pitch, at in due.items() for off in (0, 0.01)
        ]
        synth.schedule(sorted(events), 1)
        time.sleep(_FIRST_SECONDS + _STEP_SECONDS * len(_PITCHES) + 0.3)
        synth.close()
    received = received_seconds(heard.read_text())
    return against_neighbours(np.array([at - due[pitch] for pitch, at in received.items() if pitch in due]))
