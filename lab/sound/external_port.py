"""When each note of an external port reaches a receiver that we did not write, against its deadline."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lab.sound.hits import HITS, Timing, against_neighbours, drum_phrase, hits_seconds, song_seconds
from lab.sound.jack_system import heard_messages, jack_ports, running, wait_for_driver, wait_until
from musicassist.score.midi_bytes import NOTE_ON
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.sound.client import SoundClient
from musicassist.sound.messages import SoundSettings
from musicassist.sound.ports import SENDER_THREAD

RECEIVER = "foreign-receiver"
_PORT = f"{RECEIVER}:input"
_AFTER_SECONDS = 0.5


@dataclass(frozen=True)
class Sending:
    """How a phrase reached the receiver.

    Attributes:
        timing: Of its notes, by JACK's frames, which come in periods.
        lost_notes: How many did not arrive; JACK drops what comes in a cycle that a program misses.
        priority: The real-time priority of the thread that sends; 0 if it has none; None where it cannot be told.
    """

    timing: Timing
    lost_notes: int
    priority: int | None


def numbered_phrase(notes: int = HITS) -> Song:
    """The drum phrase's times, each note with a pitch of its own, from 0 on."""
    starts = drum_phrase(notes).tracks[0].notes.start_tick
    return Song((Track(notes=Notes.of(Note(int(tick), pitch, 60, 110) for pitch, tick in enumerate(starts))),))


def send_phrase(song: Song, folder: Path) -> Sending:
    """Plays the numbered phrase through an external port.

    Raises:
        SoundError: The engine or the receiver does not come up.
    """
    heard = folder / "received.txt"
    client = SoundClient(SoundSettings(output_port=_PORT, input_port=""))
    with running("jack_midi_dump", "-a", RECEIVER, output=heard):
        try:
            wait_until(lambda: _PORT in jack_ports(), "JACK's receiver does not start.")
            client.start()
            client.set_song(song)
            wait_for_driver(client, f"MIDI port {_PORT}")
            client.play(0)
            time.sleep(song_seconds(song) + _AFTER_SECONDS)
            priority = sender_priority(client.engine_process_id)
        finally:
            client.close()
    return _sending(received_seconds(heard.read_text()), song, priority)


def _sending(received: dict[int, float], song: Song, priority: int | None) -> Sending:
    delays = [received[pitch] - wanted for pitch, wanted in enumerate(hits_seconds(song)) if pitch in received]
    return Sending(Timing(against_neighbours(np.array(delays))), len(song.tracks[0].notes) - len(delays), priority)


def received_seconds(dump: str) -> dict[int, float]:
    """When each pitch was struck first."""
    found: dict[int, float] = {}
    for seconds, data in heard_messages(dump):
        if data[0] & 0xF0 == NOTE_ON:
            found.setdefault(data[1], seconds)
    return found


def sender_priority(process_id: int | None) -> int | None:
    """The real-time priority of the thread that sends notes; Linux tells it by the thread's name."""
    for task in Path(f"/proc/{process_id}/task").glob("*"):
        if (task / "comm").read_text().strip() == SENDER_THREAD:
            policy = os.sched_getscheduler(int(task.name)) & ~os.SCHED_RESET_ON_FORK
            return os.sched_getparam(int(task.name)).sched_priority if policy in (os.SCHED_FIFO, os.SCHED_RR) else 0
    return None
