"""Some bars as an audio file that repeats without a seam: exact to the sample, what rings on laid over its start."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from musicassist.errors import QT_TRANSLATE_NOOP, SoundError
from musicassist.score import midi_bytes as midi
from musicassist.score.meant_times import meant_between
from musicassist.score.song import Notes, Song
from musicassist.sound.chase import chase
from musicassist.sound.fluid_synth import BLOCK_FRAMES
from musicassist.sound.loop_marks import LoopMarks
from musicassist.sound.messages import USUAL_TONE, Tone
from musicassist.sound.render import (
    CD_SAMPLE_RATE,
    OfflineSynth,
    RenderedAudio,
    audio_written,
    check_heard,
    let_go,
    offline_synth,
    whole_blocks,
    write_audio,
)
from musicassist.sound.schedule import Schedule, schedule_of

MAX_LOOP_SECONDS = 900.0  # LIMIT: its samples are added up in memory, 8 bytes each
MIN_LOOP_SECONDS = 0.02
_STEP_SECONDS, _RING_STEP_SECONDS = 1.0, 0.1
_MAX_RING_SECONDS = 30.0  # LIMIT: what rings on for longer is faded out
_QUIET = 3  # of 32767: only rounding and dithering
_LOUDEST = 32767
_END_BLOCKS = 4  # FluidSynth obeys what is due at the end up to 2 ms later
_Sum = NDArray[np.int32]


@dataclass(frozen=True)
class LoopSpan:
    """What is repeated: the ticks in [``from_tick``, ``to_tick``) of a song, as they are meant."""

    song: Song
    from_tick: int
    to_tick: int

    @property
    def seconds(self) -> float:
        """How long a round lasts, before it is rounded to samples."""
        return self.song.time_map.seconds_between(self.from_tick, self.to_tick)

    def frames(self, sample_rate: int) -> int:
        """How many samples of a channel a round has."""
        return round(self.seconds * sample_rate)

    def alone(self) -> Song:
        """The song with the notes of the span only; none of them is held past its end.

        What was struck a little before the span and is meant for it belongs to it.
        """
        tracks = tuple(track.with_notes(self._own_notes(track.notes)) for track in self.song.tracks)
        return replace(self.song, tracks=tracks)

    def _own_notes(self, notes: Notes) -> Notes:
        if not len(notes):
            return notes
        own = notes.where(meant_between(notes, self.song.time_map, self.from_tick, self.to_tick))
        end = np.maximum(np.minimum(own.end_tick, self.to_tick), own.start_tick + 1)
        return Notes.from_columns(own.start_tick, own.pitch, end - own.start_tick, own.velocity)


def render_loop(
    span: LoopSpan,
    path: Path,
    *,
    sample_rate: int = CD_SAMPLE_RATE,
    soundfont: Path | None = None,
    tone: Tone = USUAL_TONE,
    is_cancelled: Callable[[], bool] | None = None,
) -> RenderedAudio:
    """Writes a span so that it can be repeated for ever; the file says that it loops, from its first sample on.

    What rings on past the end (releases, the room) is laid over the start, and what was struck a little early over the
    end, as if it had been repeated before. Where both together would be too loud, the whole is made softer. As WAV
    with a chunk ``smpl``, as FLAC or OGG with the tags ``LOOPSTART`` and ``LOOPLENGTH``. Any thread; else as
    ``render_audio``.

    Raises:
        SoundError: As for ``render_audio``; or the span is too long, too short, or has no notes that sound.
        SaveError: The file could not be written.
    """
    frames = span.frames(sample_rate)
    if not MIN_LOOP_SECONDS <= span.seconds <= MAX_LOOP_SECONDS:
        raise SoundError(
            QT_TRANSLATE_NOOP(
                "Errors", "A loop lasts {seconds} seconds, but can only last up to {most} minutes. Choose fewer bars."
            ),
            seconds=f"{span.seconds:.2f}",
            most=round(MAX_LOOP_SECONDS / 60),
        )
    alone = span.alone()
    if alone.note_count == 0:
        raise SoundError(QT_TRANSLATE_NOOP("Errors", "There are no notes in these bars, so there is nothing to loop."))
    with offline_synth(soundfont, sample_rate, tone) as synth:
        samples = looped(loop_parts(synth, span, alone), frames, is_cancelled)
        if tone.gain > 0 and not (is_cancelled is not None and is_cancelled()):
            check_heard(int(np.abs(samples.astype(np.int32)).max()), synth.soundfont)
        write_audio(path, [samples], sample_rate, loop=LoopMarks(0, frames), is_cancelled=is_cancelled)
        return audio_written(path, frames, synth)


Part = tuple[int, NDArray[np.int16]]  # where it belongs, in samples from the start of the round; its samples (n, 2)


def looped(parts: Iterator[Part], frames: int, is_cancelled: Callable[[], bool] | None = None) -> NDArray[np.int16]:
    """A round of ``frames`` samples, shape (frames, 2), in which everything sounds that would ring into it.

    Cancelled, it is what was added up till then.
    """
    total: _Sum = np.zeros((frames, 2), dtype=np.int32)
    for place, part in parts:
        if is_cancelled is not None and is_cancelled():
            break
        at = place % frames
        while len(part):
            count = min(len(part), frames - at)
            total[at : at + count] += part[:count]
            part, at = part[count:], 0
    loudest = int(np.abs(total).max(initial=0))
    if loudest > _LOUDEST:
        return np.asarray(np.trunc(total * (_LOUDEST / loudest)), dtype=np.int16)
    return total.astype(np.int16)


def loop_parts(synth: OfflineSynth, span: LoopSpan, alone: Song) -> Iterator[Part]:
    """What one round sounds, from its first note until it has rung out."""
    schedule, rate, time_map = schedule_of(alone), synth.sample_rate, span.song.time_map
    starts = (int(track.notes.start_tick[0]) for track in alone.tracks if len(track.notes))
    first_tick = min(span.from_tick, *starts)
    first_seconds, end_seconds = (float(s) for s in time_map.ticks_to_seconds(np.array([first_tick, span.to_tick])))
    place = -round(time_map.seconds_between(first_tick, span.from_tick) * rate)
    for message in chase(schedule, first_seconds):
        synth.send(message)
    events = _events(schedule, first_seconds, end_seconds)
    step_frames = whole_blocks(_STEP_SECONDS * rate)
    end_frames = whole_blocks((end_seconds - first_seconds) * rate + _END_BLOCKS * BLOCK_FRAMES)
    for frames in range(0, end_frames, step_frames):
        next_frames = min(frames + step_frames, end_frames)
        due = []
        while events and events[0][0] < next_frames / rate:
            due.append(events.popleft())
        yield place, synth.play_through(due, next_frames - frames)
        place += next_frames - frames
    let_go(synth, schedule)
    yield from _ring(synth, place)


def _events(schedule: Schedule, first_seconds: float, end_seconds: float) -> deque[tuple[float, midi.Message]]:
    """What is played, in seconds from ``first_seconds``; at the end only keys go up."""
    first_row, end_row = schedule.row_at(first_seconds), schedule.row_at(end_seconds)
    ends = (row for row in schedule.rows(end_row, len(schedule)) if row[1][0] & midi.KIND_MASK == midi.NOTE_OFF)
    rows = chain(schedule.rows(first_row, end_row), ends)
    return deque((seconds - first_seconds, message) for seconds, message in rows)


def _ring(synth: OfflineSynth, place: int) -> Iterator[Part]:
    """What rings on, to its end."""
    step_frames = whole_blocks(_RING_STEP_SECONDS * synth.sample_rate)
    steps = round(_MAX_RING_SECONDS / _RING_STEP_SECONDS)
    for step in range(steps):
        part = synth.render(step_frames)
        if step == steps - 1:
            part = (part * np.linspace(1, 0, step_frames)[:, None]).astype(np.int16)
        yield place, part
        place += step_frames
        if not synth.active_voices() and int(np.abs(part.astype(np.int32)).max(initial=0)) <= _QUIET:
            return
