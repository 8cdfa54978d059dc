"""The phrase of drum hits that is played, how it is recorded, when each hit is heard, and when the score wants it."""

from __future__ import annotations

import time
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lab.sound.jack_system import JACK_SAMPLE_RATE, engine_ports, start_recording, wait_for_driver, wait_until
from musicassist.errors import SoundError
from musicassist.score.midi_bytes import DRUM_CHANNEL
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.sound.client import SoundClient
from musicassist.sound.messages import SoundSettings
from musicassist.sound.render import render_audio
from musicassist.sound.soundfont_file import bundled_soundfont

Samples = NDArray[np.int16]
Seconds = NDArray[np.float64]
_THRESHOLD_SHARE = 0.05  # of the loudest sample: far above the noise and the room, far below a hit
_QUIET_SECONDS = 0.05  # a hit is what follows so much silence
SIDE_STICK = 37
HITS = 80
SEED = 2
LATE_SECONDS = 64 / 48000 + 0.001  # the grain of FluidSynth's sequencer: a block of 64 frames and a millisecond
_MIN_TICKS, _MAX_TICKS = 130, 210  # at 960 ticks a second, off every grid
_BEFORE_SECONDS, _AFTER_SECONDS = 1.0, 1.0
_NEIGHBOURS = 4


def read_wav(path: Path) -> tuple[Samples, int]:
    """The samples of a 16-bit file, shape (frames, channels), and its sample rate."""
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16)
        return samples.reshape(-1, file.getnchannels()), file.getframerate()


def onsets_seconds(samples: Samples, sample_rate: int) -> Seconds:
    """When each hit begins; hits must be short, and further apart than 50 ms."""
    level = np.abs(samples.astype(np.int64)).max(axis=1, initial=0)
    loud = np.flatnonzero(level > _THRESHOLD_SHARE * level.max(initial=0))
    if len(loud) == 0:
        return np.zeros(0)
    is_first = np.append(True, np.diff(loud) > _QUIET_SECONDS * sample_rate)
    return np.asarray(loud[is_first] / sample_rate, dtype=np.float64)


def onset_errors_seconds(heard: Seconds, wanted: Seconds) -> Seconds:
    """How much later than wanted each hit is heard, the constant delay (the median) removed.

    Raises:
        ValueError: There are not as many hits as wanted.
    """
    if len(heard) != len(wanted):
        raise ValueError(f"{len(heard)} hits were heard, {len(wanted)} were wanted")
    errors = heard - wanted
    return np.asarray(errors - np.median(errors), dtype=np.float64)


def against_neighbours(delays: Seconds) -> Seconds:
    """Each delay against the median of the nine around it.

    On a busy machine JACK without a device leaves out cycles, which moves its frames against the clock for good.
    """
    padded = np.pad(delays, _NEIGHBOURS, mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * _NEIGHBOURS + 1)
    return np.asarray(delays - np.median(windows, axis=1), dtype=np.float64)


@dataclass(frozen=True)
class Timing:
    """How much later than the score each hit came, the constant delay removed.

    Attributes:
        errors: In seconds, shape (hits,).
    """

    errors: Seconds

    def percentile_ms(self, percent: float) -> float:
        """Of the errors' size."""
        return float(np.percentile(np.abs(self.errors) * 1000, percent))

    @property
    def spread_ms(self) -> float:
        """From the earliest to the latest."""
        return float(self.errors.max() - self.errors.min()) * 1000

    @property
    def late_notes(self) -> int:
        """Hits that came later than the sequencer's grain allows."""
        return int((self.errors > LATE_SECONDS).sum())


def drum_phrase(hits: int = HITS) -> Song:
    """Side sticks at uneven distances."""
    steps = np.random.default_rng(SEED).integers(_MIN_TICKS, _MAX_TICKS, hits)
    notes = Notes.of(Note(int(tick), SIDE_STICK, 60, 110) for tick in np.cumsum(steps))
    return Song((Track("Drums", notes, DRUM_CHANNEL),))


def hits_seconds(song: Song) -> Seconds:
    """When the score wants the hits."""
    return song.time_map.ticks_to_seconds(song.tracks[0].notes.start_tick)


def timing_of(heard: Seconds, wanted: Seconds) -> Timing:
    """Compares hit for hit.

    Raises:
        SoundError: Hits were lost.
    """
    try:
        return Timing(onset_errors_seconds(heard, wanted))
    except ValueError as error:
        raise SoundError("Not every hit was heard: {reason}.", reason=error) from error


def record_playback(song: Song, path: Path) -> None:
    """Plays a song through the engine into JACK, and records from there what it sounds.

    Raises:
        SoundError: The engine does not come up.
    """
    client = SoundClient(SoundSettings(driver="jack", soundfont=bundled_soundfont(), input_port=""))
    try:
        client.start()
        client.set_song(song)
        wait_for_driver(client, "jack")
        wait_until(engine_ports, "The sound engine does not open JACK.")
        recorder = start_recording(path, song_seconds(song) + _BEFORE_SECONDS + _AFTER_SECONDS, *engine_ports())
        time.sleep(_BEFORE_SECONDS)
        client.play(0)
        recorder.wait()
    finally:
        client.close()


def song_seconds(song: Song) -> float:
    """How long the song is."""
    return song.time_map.tick_to_seconds(song.end_tick)


def recorded_onsets(song: Song, path: Path) -> Seconds:
    """Plays and records the song; when each hit was heard."""
    record_playback(song, path)
    return onsets_seconds(*read_wav(path))


def exported_onsets(song: Song, path: Path) -> Seconds:
    """Exports the song; when each hit stands in the file."""
    render_audio(song, path, sample_rate=JACK_SAMPLE_RATE, soundfont=bundled_soundfont())
    return onsets_seconds(*read_wav(path))
