"""Audio files, made from the same event list and by the same sequencer as playback."""

from __future__ import annotations

import os
import tempfile
import wave
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from musicassist.errors import SaveError, SoundError
from musicassist.score.song import Song
from musicassist.sound.flac_file import BLOCK_FRAMES, NO_FLAC, FlacFile
from musicassist.sound.schedule import Message, Schedule, chase, schedule_of
from musicassist.sound.synth import is_fluidsynth_here, open_fluidsynth
from musicassist.sound.tone import USUAL_TONE, Tone
from musicassist.sound.wave_synth import WaveSynth

CD_SAMPLE_RATE = 44100
FORMATS = (".wav", ".flac")
_STEP_SECONDS = 1.0
_TAIL_LIMIT_SECONDS = 8.0  # LIMIT: a released note that rings longer is cut
_REVERB_SECONDS = 1.0  # rings on after the last voice
_SONG_SOURCE = 1


class OfflineSynth(Protocol):
    """A synth that sounds as fast as it is asked."""

    soundfont: str
    sample_rate: int

    def schedule(self, events: Iterable[tuple[float, Message]], source: int) -> None:
        """See ``Synth``."""

    def send(self, message: Message) -> None:
        """See ``Synth``."""

    def active_voices(self) -> int:
        """Voices that still sound."""
        ...

    def render(self, frames: int) -> NDArray[np.int16]:
        """The next samples, shape (frames, 2)."""
        ...

    def open_flac(self, path: Path) -> FlacFile:
        """Starts to render into a FLAC file instead."""
        ...

    def close(self) -> None:
        """Frees everything."""


@dataclass(frozen=True)
class RenderedAudio:
    """What was written: the file, its length, its rate and the name of the SoundFont, or ``built-in synth``."""

    path: Path
    seconds: float
    sample_rate: int
    soundfont: str


def render_audio(
    song: Song,
    path: Path,
    *,
    sample_rate: int = CD_SAMPLE_RATE,
    soundfont: Path | None = None,
    tone: Tone = USUAL_TONE,
) -> RenderedAudio:
    """Writes what playback of the song sounds, 16-bit stereo, as ``.wav`` or ``.flac`` by the suffix of ``path``.

    An old file stays as it is until the new one is complete. Any thread; about 30 times faster than real time. Where
    FluidSynth is missing, the built-in synth sounds, unless a SoundFont is asked for; it writes no FLAC.

    Raises:
        SoundError: FluidSynth or a SoundFont is missing, or the format is not known.
        SaveError: The file could not be written.
    """
    if path.suffix.lower() not in FORMATS:
        raise SoundError("{file} has no known audio format; choose a name that ends in .wav or .flac.", file=path.name)
    synth: OfflineSynth
    if soundfont is None and not is_fluidsynth_here():
        synth = WaveSynth(sample_rate, tone)
    else:
        synth = open_fluidsynth(soundfont, sample_rate=sample_rate, tone=tone)
    try:
        seconds = _write_atomically(path, lambda temporary: _render_file(synth, schedule_of(song), temporary))
    finally:
        synth.close()
    return RenderedAudio(path, seconds, sample_rate, synth.soundfont)


def _write_atomically(path: Path, write: Callable[[Path], float]) -> float:
    temporary: Path | None = None
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.stem}.", suffix=path.suffix, dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        seconds = write(temporary)
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.chmod(0o644)  # mkstemp's own mode hides the file from others
        temporary.replace(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise SaveError("{file} could not be written: {reason}.", file=path, reason=reason) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
    return seconds


def _render_file(synth: OfflineSynth, schedule: Schedule, path: Path) -> float:
    if path.suffix.lower() == ".wav":
        return _render_audio(synth, schedule, path)
    return _render_flac(synth, schedule, path)


def _render_audio(synth: OfflineSynth, schedule: Schedule, path: Path) -> float:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(synth.sample_rate)
        return _render(synth, schedule, lambda frames: file.writeframes(synth.render(frames).tobytes()))


def _render_flac(synth: OfflineSynth, schedule: Schedule, path: Path) -> float:
    writer = synth.open_flac(path)
    try:
        seconds = _render(synth, schedule, writer.render)
    finally:
        writer.close()
    with path.open("rb") as file:
        if file.read(4) != b"fLaC":
            raise SoundError(NO_FLAC)
    return seconds


def _render(synth: OfflineSynth, schedule: Schedule, write: Callable[[int], object]) -> float:
    """Renders the whole schedule and its tail through ``write(frames)``; the seconds rendered."""
    for message in chase(schedule, float(np.nextafter(0.0, 1.0))):
        synth.send(message)
    step_frames = _whole_blocks(_STEP_SECONDS * synth.sample_rate)
    end_frames = _whole_blocks(schedule.end_seconds * synth.sample_rate + BLOCK_FRAMES)
    frames, row = 0, 0
    while frames < end_frames:
        step_frames = min(step_frames, end_frames - frames)
        last = schedule.row_at((frames + step_frames) / synth.sample_rate)
        synth.schedule(schedule.rows(row, last), _SONG_SOURCE)
        write(step_frames)
        row, frames = last, frames + step_frames
    return (frames + _render_tail(synth, write)) / synth.sample_rate


def _render_tail(synth: OfflineSynth, write: Callable[[int], object]) -> int:
    step_frames = _whole_blocks(0.1 * synth.sample_rate)
    frames = 0
    while synth.active_voices() and frames < _TAIL_LIMIT_SECONDS * synth.sample_rate:
        write(step_frames)
        frames += step_frames
    reverb_frames = _whole_blocks(_REVERB_SECONDS * synth.sample_rate)
    write(reverb_frames)
    return frames + reverb_frames


def _whole_blocks(frames: float) -> int:
    return round(frames / BLOCK_FRAMES) * BLOCK_FRAMES
