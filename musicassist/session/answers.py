"""Answers of call and response: by rule at once, so that nobody waits; those that sound; and the keys of a call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from musicassist.document.document import FollowedTrack
from musicassist.score import midi_bytes as midi
from musicassist.score.scale_steps import scale_steps
from musicassist.score.song import Notes
from musicassist.score.theory import Key
from musicassist.session.conversation import KeyDown, KeyUp, Pedal, Plan
from musicassist.session.session import Session
from musicassist.sound.client import SoundClient
from musicassist.sound.messages import MidiReceived

STEPS_UP = 2  # of the scale: a third
MAX_PITCH = 108
START_SECONDS = 0.05  # from the word to play until the song moves
SETTLED_SECONDS = 0.5  # LIMIT: so long after the first key the sound engine tells ticks of a song that moves
Played = KeyDown | KeyUp | Pedal


def motif_answer(call: Notes, span: tuple[int, int], key: Key | None) -> Notes:
    """The call's rhythm in another place, its line moved by a third in the key, and its last note the tonic.

    Source: question and answer as sequence and cadence, Schoenberg (1967), Fundamentals of Musical Composition, ch. 5.

    Args:
        call: At least one note.
        span: The bar lines between which the answer stands.
        key: New notes are of its scale; None repeats the pitches, as of drums.
    """
    shift_ticks = span[0] - int(call.start_tick[0])
    moved = [replace(note, start_tick=note.start_tick + shift_ticks) for note in call]
    rows = [note for note in moved if note.start_tick < span[1]]
    if key is not None:
        up = -STEPS_UP if int(call.pitch.max()) + 2 * STEPS_UP > MAX_PITCH else STEPS_UP
        pitches = scale_steps(np.array([note.pitch for note in rows]), up, key, keeps_alteration=False)
        rows = [replace(note, pitch=pitch) for note, pitch in zip(rows, pitches.clip(0, 127).tolist(), strict=True)]
        last_tick = max(note.start_tick for note in rows)
        home = max((note for note in rows if note.start_tick == last_tick), key=lambda note: note.pitch)
        ends = replace(home, pitch=nearest_of_class(home.pitch, key.tonic))
        rows = [*(note for note in rows if note.start_tick < last_tick), ends]
    return Notes.of(replace(n, duration_ticks=max(1, min(n.duration_ticks, span[1] - n.start_tick))) for n in rows)


def nearest_of_class(pitch: int, pitch_class: int) -> int:
    """The pitch of a class that is nearest to another pitch; above it where two are."""
    up = (pitch_class - pitch) % 12
    moved = pitch + up if up <= 6 else pitch + up - 12
    return moved if 0 <= moved <= 127 else moved + (12 if moved < 0 else -12)


class Answers:
    """The one that sounds, and the one that will next. Main thread only."""

    def __init__(self, sound: SoundClient, followed: FollowedTrack) -> None:
        """Lets them sound by ``sound`` in the track that ``place`` follows."""
        self._sound = sound
        self._followed = followed
        self._sounding_index: int | None = None
        self._answers: list[tuple[Plan, Notes]] = []

    def __len__(self) -> int:
        return len(self._answers)

    @property
    def notes(self) -> Notes:
        """All their notes."""
        return Notes.of(note for _, answer in self._answers for note in answer)

    def add(self, plan: Plan, answer: Notes) -> None:
        """Lets an answer sound next; a better one takes the place of the one before."""
        if self._answers and self._answers[-1][0] is plan:
            self._answers.pop()
        self._answers.append((plan, answer))
        self.sound()

    def withdraw(self) -> None:
        """The next one does not sound."""
        self._answers = self._answers[:-1]
        self.sound()

    def cut(self, to_tick: int) -> None:
        """The one that sounds ends there."""
        plan, answer = self._answers[0]
        self._answers[0] = (replace(plan, to_tick=to_tick), _before(answer, to_tick))
        self.sound()

    def pop(self, from_tick: int, until_tick: int) -> Notes:
        """The one that began at a place goes, as far as it sounded; no notes if there is none."""
        is_there = bool(self._answers) and self._answers[0][0].from_tick == from_tick
        answer = self._answers.pop(0)[1] if is_there else Notes.of()
        return _before(answer, until_tick)

    def clear(self) -> None:
        """None sounds."""
        if self._answers:
            self._answers = []
            self.sound()

    def follow_track(self) -> None:
        """The tracks may have changed their places."""
        if self._answers and self._followed.index != self._sounding_index:
            self.sound()

    def sound(self) -> None:
        """Lets them sound; beside them, the sound is that of the song."""
        if not self._answers:
            self._sound.clear_audition()
            return
        song, index = self._followed.song_with_it()
        self._sounding_index = self._followed.index
        span = self._answers[0][0].from_tick, self._answers[-1][0].to_tick
        self._sound.audition(self.notes, self._sounding_index, *span, track=song.tracks[index])


def _before(notes: Notes, tick: int) -> Notes:
    """What sounds before a tick: held notes end there."""
    return notes.without_span(tick, max(tick + 1, int(notes.end_tick.max()) + 1)) if len(notes) else notes


class CallKeys:
    """Reads MIDI; the first key starts the song, and is on its bar line. Main thread only.

    What is struck while a count-in goes on is no call; what comes a moment too early belongs to the beginning.
    """

    def __init__(self, session: Session, now_seconds: Callable[[], float]) -> None:
        """Reads what is played in ``session``; ``now_seconds`` is the clock of what is received."""
        self._session = session
        self._document = session.document
        self._transport = session.transport
        self._now_seconds = now_seconds
        self._started: tuple[float, int] | None = None  # when the first key was struck, and its tick
        self._from_tick = 0  # where the song began to move
        self._transport.on_jump.append(self._on_jump)

    def read(self, received: MidiReceived) -> Iterator[Played]:
        """The keys and the pedal, in their order."""
        for seconds, tick, data in zip(received.seconds, received.ticks, received.messages, strict=True):
            message = _message(round(tick), data)
            if isinstance(message, KeyDown) and not self._transport.is_playing:
                self._start(seconds)
            if message is not None:
                tick = self._tick(seconds, message.tick)
                is_too_early = tick < self._from_tick - self._document.song.ticks_per_beat / 2
                if not (isinstance(message, KeyDown) and is_too_early):
                    yield replace(message, tick=max(tick, self._from_tick))

    def _on_jump(self, tick: int) -> None:
        self._from_tick, self._started = tick, None

    def _start(self, struck_seconds: float) -> None:
        """Starts the song so that what is told of the keys fits to the first one, whatever the sound's delay."""
        if self._session.takes.phase == "offered":
            self._session.takes.dismiss()  # it would be played from its own beginning
        transport, time_map = self._transport, self._document.song.time_map
        bar_tick = time_map.bar_start_tick(time_map.bar_at(transport.position_tick()))
        since_seconds = min(0.5, max(0.0, self._now_seconds() - struck_seconds))
        since_seconds += START_SECONDS + self._session.latency_seconds
        transport.seek(round(time_map.tick_after(bar_tick, since_seconds)))
        transport.play()
        self._started, self._from_tick = (struck_seconds, bar_tick), bar_tick

    def _tick(self, seconds: float, told_tick: int) -> int:
        """The other keys of the first chord were told before the song moved, too."""
        if self._started is None or seconds - self._started[0] > SETTLED_SECONDS:
            return told_tick
        time_map, since_seconds = self._document.song.time_map, max(0.0, seconds - self._started[0])
        return round(time_map.tick_after(self._started[1], since_seconds))


def _message(tick: int, data: bytes) -> Played | None:
    """What the conversation hears of a MIDI message."""
    kind, _, data1, data2 = midi.parts_of(data)
    if kind == midi.NOTE_ON:
        return KeyDown(tick, data1, data2)
    if kind == midi.NOTE_OFF:
        return KeyUp(tick, data1)
    return Pedal(tick, data2 >= 64) if kind == midi.CONTROL and data1 == midi.SUSTAIN_CONTROL else None
