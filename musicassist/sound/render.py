"""A song as an audio file: 16-bit stereo, as WAV or FLAC, or as OGG Vorbis, written by libsndfile."""

from __future__ import annotations

import contextlib
import io
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from musicassist.disk import replacing
from musicassist.errors import QT_TRANSLATE_NOOP, SaveError, SoundError, Words
from musicassist.score import midi_bytes as midi
from musicassist.score.song import Song
from musicassist.sound.chase import chase
from musicassist.sound.fluid_library import is_fluidsynth_here
from musicassist.sound.fluid_synth import BLOCK_FRAMES, FluidSynth
from musicassist.sound.loop_marks import LoopMarks, with_loop
from musicassist.sound.messages import USUAL_TONE, Tone
from musicassist.sound.schedule import Schedule, schedule_of
from musicassist.sound.soundfonts import open_fluidsynth
from musicassist.sound.wave_synth import WaveSynth

FORMATS = {".wav": ("WAV", "PCM_16"), ".flac": ("FLAC", "PCM_16"), ".ogg": ("OGG", "VORBIS")}
_PIECE_FRAMES = 1 << 14  # WORKAROUND for libsndfile, whose Vorbis writer overruns its stack with more at once
CD_SAMPLE_RATE = 44100
MAX_WAV_BYTES = (1 << 32) - (1 << 24)  # LIMIT: WAV counts bytes in 32 bits; the tail needs some, too
FRAME_BYTES = 4
_STEP_SECONDS = 1.0
_TAIL_STEP_SECONDS = 0.1
_SILENT = 5  # of 32767: below it are only rounding and the noise of dithering
_TAIL_LIMIT_SECONDS = 8.0  # LIMIT: a released note that rings longer is cut
_REVERB_SECONDS = 1.0  # rings on after the last voice
_Samples = NDArray[np.int16]
OfflineSynth = FluidSynth | WaveSynth  # both sound as fast as they are asked


def write_audio(
    path: Path,
    blocks: Iterable[NDArray[np.int16]],
    sample_rate: int,
    *,
    loop: LoopMarks | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> int:
    """Writes blocks of samples, each of shape (frames, 2), in the format of the suffix; how many frames they were.

    An old file stays as it is until the new one is complete. ``is_cancelled`` is asked at each block; True ends it.
    With a ``loop``, which the file then names, the whole file is in memory for a moment.

    Raises:
        SoundError: The format is not known, or libsndfile does not load.
        SaveError: The file could not be written.
    """
    format_names = FORMATS.get(path.suffix.lower())
    if format_names is None:
        raise SoundError(
            QT_TRANSLATE_NOOP(
                "Errors", "{file} has no known audio format; choose a name that ends in .wav, .flac or .ogg."
            ),
            file=path.name,
        )
    soundfile = load_soundfile()
    format_name, coding = format_names
    encoded, frames = io.BytesIO(), 0
    try:
        with replacing(path, is_buffered=False) as file:
            target = _Target(file if loop is None else encoded)
            try:
                with contextlib.ExitStack() as opened:
                    with _later_signals():
                        audio = soundfile.SoundFile(target, "w", sample_rate, 2, coding, format=format_name)
                        opened.callback(_closed, audio)
                    for piece in _pieces(blocks):
                        if is_cancelled is not None and is_cancelled():
                            raise SaveError(
                                QT_TRANSLATE_NOOP("Errors", "{file} was not written: it was cancelled."), file=path.name
                            )
                        with _later_signals():
                            audio.write(piece)
                        frames += len(piece)
            finally:
                target.raise_failure()
            if loop is not None:
                marked = _Target(file)
                marked.write(with_loop(encoded.getvalue(), loop, sample_rate))
                marked.raise_failure()
    except OSError as error:
        reason = error.strerror or str(error)
        raise SaveError(
            QT_TRANSLATE_NOOP("Errors", "{file} could not be written: {reason}."), file=path, reason=reason
        ) from error
    return frames


def _pieces(blocks: Iterable[_Samples]) -> Iterator[_Samples]:
    for block in blocks:
        for at in range(0, len(block), _PIECE_FRAMES):
            yield block[at : at + _PIECE_FRAMES]


def load_soundfile() -> Any:
    """The binding of libsndfile, imported late: it loads the C library.

    Raises:
        SoundError: It does not load.
    """
    try:
        import soundfile
    except (ImportError, OSError) as error:
        raise SoundError(
            QT_TRANSLATE_NOOP(
                "Errors",
                "Audio files need the Python package soundfile, which does not load ({reason}). Install it again.",
            ),
            reason=error,
        ) from error
    return soundfile


def _closed(audio: Any) -> None:
    with _later_signals():
        audio.close()


@contextlib.contextmanager
def _later_signals() -> Iterator[None]:
    """Lets Ctrl+C and SIGTERM come behind the block. libsndfile calls us back, and what is raised there is lost."""
    if threading.current_thread() is not threading.main_thread():  # where no signal is handled
        yield
        return
    came: list[int] = []
    before = {
        number: signal.signal(number, lambda came_now, _frame: came.append(came_now))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        for late in came:
            signal.raise_signal(late)


class _Target:
    """What libsndfile writes into. It keeps the failure, of which libsndfile loses the reason, or even that it was."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._failure: OSError | None = None
        self.seek, self.tell = file.seek, file.tell

    def write(self, data: bytes) -> int:
        """Writes all of it, or what goes; called by the C library, through which no exception passes."""
        view = memoryview(data)
        try:
            while view:
                view = view[self._file.write(view) :]
        except OSError as failure:
            self._failure = failure
        return len(data) - len(view)

    def raise_failure(self) -> None:
        """Raises what went wrong, if anything did."""
        if self._failure is not None:
            raise self._failure


@dataclass(frozen=True)
class RenderedAudio:
    """What was written.

    Attributes:
        path, seconds, sample_rate: The file, its length and its rate.
        frames: Its length in samples of a channel.
        soundfont: The name of the SoundFont, or ``built-in synth``.
        replaced: In words, which instruments the SoundFont lacks and what plays for them.
    """

    path: Path
    seconds: float
    sample_rate: int
    soundfont: str
    frames: int
    replaced: tuple[Words, ...] = ()


def render_audio(
    song: Song,
    path: Path,
    *,
    sample_rate: int = CD_SAMPLE_RATE,
    soundfont: Path | None = None,
    tone: Tone = USUAL_TONE,
    is_cancelled: Callable[[], bool] | None = None,
) -> RenderedAudio:
    """Writes what playback of the song sounds, stereo, as ``.wav``, ``.flac`` or ``.ogg`` by the suffix of ``path``.

    An old file stays as it is until the new one is complete. Any thread; about 30 times faster than real time. Where
    FluidSynth is missing, the built-in synth sounds, unless a SoundFont is asked for. ``is_cancelled`` is asked once
    for each second of sound; True ends it, and no new file is left.

    Raises:
        SoundError: FluidSynth or a SoundFont is missing, the format is not known, or cannot hold so long a song; or
            nothing of the song sounds.
        SaveError: The file could not be written.
    """
    schedule = schedule_of(song)
    if path.suffix.lower() == ".wav" and schedule.held_until_seconds * sample_rate * FRAME_BYTES > MAX_WAV_BYTES:
        raise SoundError(
            QT_TRANSLATE_NOOP(
                "Errors", "{file} would be larger than a WAV file can be; choose a name that ends in .flac."
            ),
            file=path.name,
        )
    with offline_synth(soundfont, sample_rate, tone) as synth:
        samples = rendered(synth, schedule)
        if tone.gain > 0 and schedule.end_seconds:
            samples = _unless_silent(samples, synth.soundfont)
        frames = write_audio(path, samples, sample_rate, is_cancelled=is_cancelled)
        return audio_written(path, frames, synth)


@contextlib.contextmanager
def offline_synth(soundfont: Path | None, sample_rate: int, tone: Tone) -> Iterator[OfflineSynth]:
    """What sounds an audio file: FluidSynth, or the built-in synth where that is missing and no font is asked for.

    Raises:
        SoundError: FluidSynth or a SoundFont is missing.
    """
    synth: OfflineSynth
    if soundfont is None and not is_fluidsynth_here():
        synth = WaveSynth(sample_rate, tone)
    else:
        synth = open_fluidsynth(soundfont, sample_rate=sample_rate, tone=tone)
    try:
        yield synth
    finally:
        synth.close()


def audio_written(path: Path, frames: int, synth: OfflineSynth) -> RenderedAudio:
    """What is told of a file that a synth, not yet closed, has sounded."""
    replaced = tuple(synth.replacements()) if isinstance(synth, FluidSynth) else ()
    return RenderedAudio(path, frames / synth.sample_rate, synth.sample_rate, synth.soundfont, frames, replaced)


def _unless_silent(samples: Iterator[_Samples], soundfont: str) -> Iterator[_Samples]:
    """The same samples; raises ``SoundError`` where they have ended in silence."""
    loudest = 0
    for part in samples:
        loudest = max(loudest, int(np.abs(part.astype(np.int32)).max(initial=0)))
        yield part
    check_heard(loudest, soundfont)


def check_heard(loudest: int, soundfont: str) -> None:
    """Whether anything is heard whose loudest sample is this.

    Raises:
        SoundError: Nothing is.
    """
    if loudest < _SILENT:
        raise SoundError(
            QT_TRANSLATE_NOOP(
                "Errors",
                "Nothing of this song is heard with {font}: it has no sound for these notes, or they are at volume 0.",
            ),
            font=soundfont,
        )


def rendered(synth: OfflineSynth, schedule: Schedule) -> Iterator[_Samples]:
    """The samples of the whole schedule and its tail."""
    for message in chase(schedule, 0.0):
        synth.send(message)
    step_frames = whole_blocks(_STEP_SECONDS * synth.sample_rate)
    end_frames = whole_blocks(schedule.held_until_seconds * synth.sample_rate + BLOCK_FRAMES)
    row = 0
    for frames in range(0, end_frames, step_frames):
        next_frames = min(frames + step_frames, end_frames)
        last = schedule.row_at(next_frames / synth.sample_rate)
        yield synth.play_through(schedule.rows(row, last), next_frames - frames)
        row = last
    yield synth.play_through(schedule.rows(row, len(schedule)), 2 * BLOCK_FRAMES)
    let_go(synth, schedule)
    yield from _rendered_tail(synth)


def let_go(synth: OfflineSynth, schedule: Schedule) -> None:
    """Lifts all pedals, as playback does at its end: one that is left down would hold notes."""
    for channel in schedule.channels:
        for control in midi.HOLD_CONTROLS:
            synth.send((midi.CONTROL | channel, control, 0))


def _rendered_tail(synth: OfflineSynth) -> Iterator[_Samples]:
    """What rings on: voices to their end or a limit, and then the room."""
    step_frames = whole_blocks(_TAIL_STEP_SECONDS * synth.sample_rate)
    for _ in range(round(_TAIL_LIMIT_SECONDS / _TAIL_STEP_SECONDS)):
        if not synth.active_voices():
            break
        yield synth.render(step_frames)
    yield synth.render(whole_blocks(_REVERB_SECONDS * synth.sample_rate))


def whole_blocks(frames: float) -> int:
    """The nearest number of frames that FluidSynth renders without being ahead of the next step's events."""
    return round(frames / BLOCK_FRAMES) * BLOCK_FRAMES
