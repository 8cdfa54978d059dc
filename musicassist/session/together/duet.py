"""Chords as notes: four voices that move as little as they can from chord to chord."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import combinations

import numpy as np

from musicassist.document.instruments import on_free_wire
from musicassist.document.song_edits import add_track
from musicassist.score.chords import Chord, chord_steps
from musicassist.score.keys import find_key
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.score.theory import Key
from musicassist.score.timing import TimeMap
from musicassist.session.recording import Recorder
from musicassist.session.session import Session, SessionChange
from musicassist.session.together.harmony import Slot, Step, next_step, palette, pitch_weights, slot_after
from musicassist.sound.messages import MidiReceived
from musicassist.sound.schedule import audible_tracks

LOWEST_BASS, HIGHEST_BASS = 40, 51  # E2 to Eb3
LOWEST, HIGHEST = 52, 72  # E3 to C5, the three upper voices
_WIDEST = 12
_MIDDLE = 62
_PARALLEL, _OVER_MELODY, _JUMP = 24.0, 4.0, 0.4
Voices = tuple[int, ...]  # ascending, the bass first


def voiced(chord: Chord, previous: Voices | None, melody_floor: int = HIGHEST + 1) -> Voices:
    """The chord's bass and three upper voices.

    Each voice goes to a near tone; no two move in parallel fifths or octaves where that can be helped, and none lies
    above the melody. Source: the rules of part-writing, as in Aldwell and Schachter (1989), Harmony and Voice Leading.

    Args:
        chord: What sounds.
        previous: The voices before; None at the beginning.
        melody_floor: The lowest pitch of the melody; voices at or above it are avoided.
    """
    return min(_candidates(chord), key=lambda voices: _cost(voices, previous, melody_floor))


@cache
def _candidates(chord: Chord) -> tuple[Voices, ...]:
    """Every way to put the chord: its root, or the bass asked for, below; third and seventh among the others."""
    bass_class = chord.bass if chord.bass is not None else chord.root
    basses = [pitch for pitch in range(LOWEST_BASS, HIGHEST_BASS + 1) if pitch % 12 == bass_class]
    tones = chord_steps(chord.quality)
    needed = {(chord.root + tone) % 12 for tone in (tones[1], tones[-1] if len(tones) > 3 else tones[1])}
    wanted = {(chord.root + tone) % 12 for tone in tones}
    places = [pitch for pitch in range(LOWEST, HIGHEST + 1) if pitch % 12 in wanted]
    leading = (chord.root + tones[1]) % 12  # a third is not doubled
    uppers = [
        voices
        for voices in combinations(places, 3)
        if voices[2] - voices[0] <= _WIDEST
        and needed <= {pitch % 12 for pitch in voices}
        and sum(pitch % 12 == leading for pitch in voices) == 1
    ]
    return tuple((bass, *upper) for bass in basses for upper in uppers)


def _cost(voices: Voices, previous: Voices | None, melody_floor: int) -> float:
    cost = 0.15 * abs(sum(voices[1:]) / 3 - _MIDDLE) + _OVER_MELODY * sum(pitch >= melody_floor for pitch in voices[1:])
    cost += 0.5 * (4 - len({pitch % 12 for pitch in voices}))
    if previous is None:
        return cost
    moves = [abs(now - before) for now, before in zip(voices, previous, strict=True)]
    cost += 0.3 * moves[0] + sum(moves[1:]) + _JUMP * sum(max(0, move - 4) for move in moves[1:])
    return cost + _PARALLEL * parallels(previous, voices)


def parallels(before: Voices, after: Voices) -> int:
    """How many pairs of voices move in parallel fifths or octaves."""
    pairs = combinations(range(len(before)), 2)
    return sum(
        (before[high] - before[low]) % 12 == (after[high] - after[low]) % 12
        and (after[high] - after[low]) % 12 in (0, 7)
        and (after[low] - before[low]) * (after[high] - before[high]) > 0
        for low, high in pairs
    )


PROGRAM = 48  # General MIDI: string ensemble
VELOCITY, BASS_VELOCITY = 52, 60
AHEAD_SECONDS = 0.35  # LIMIT: beyond the beat, for a busy window; a chord that cannot be sent a beat ahead is left out
SLOTS_AHEAD = 4
STEP, NAME = "Accompaniment", "Chords"


class Duet:
    """The accompanist. Main thread only; nothing here waits.

    It knows what was played in the last bar, and of the song also what comes; a bar without notes has no chord. What
    it plays sounds beside the song until it is written into it.

    Attributes:
        is_on: Whether it accompanies.
    """

    def __init__(
        self,
        session: Session,
        *,
        also_heard: Callable[[], Notes] = Notes.of,
        tell: Callable[[], None] = lambda: None,
    ) -> None:
        """Is silent.

        Args:
            session: What is accompanied.
            also_heard: Notes that sound and are not in the song.
            tell: Called when it was switched, and when there is something to write or nothing any more.
        """
        self.is_on = False
        self._session = session
        self._also_heard = also_heard
        self._tell = tell
        self._recorder: Recorder | None = None
        self._steps: dict[int, tuple[Step | None, Voices | None, Slot]] = {}  # by where they begin
        self._heard: set[int] = set()  # where chords begin that were heard
        self._last_tick = 0.0
        session.subscribe(self._on_session_changed)
        session.on_played(self._on_received)

    def toggle(self) -> None:
        """Begins to accompany what plays from the next chord on, or ends."""
        self.is_on = not self.is_on
        self._session.transport.accompany("duet", is_on=self.is_on)
        self._recorder = None
        if self.is_on:
            self._forget()
        else:
            self._drop_unheard()
            self._session.sound_beside(None)
        self._tell()

    @property
    def track(self) -> Track:
        """What was and will be played, as a track that the song does not have."""
        notes = [note for _, voices, slot in self._steps.values() if voices for note in _notes(voices, slot)]
        return on_free_wire(self._session.document.song, Track(NAME, Notes.of(notes), program=PROGRAM))

    @property
    def has_played(self) -> bool:
        """Whether there is something to write into the song."""
        return any(voices is not None for _, voices, _ in self._steps.values())

    def write(self) -> None:
        """Puts what was played into the song as a new track, as one step; it begins anew."""
        self._drop_unheard()
        track = self.track
        if not len(track.notes):
            return
        self._session.sound_beside(None)
        document = self._session.document
        document.apply(STEP, add_track(document.song, track), selected_track=document.selected_track)
        self._forget()
        self._tell()

    def _forget(self) -> None:
        self._steps, self._heard, self._last_tick = {}, set(), 0.0

    def on_frame(self) -> None:
        """Plans what is due; call it for each frame."""
        transport = self._session.transport
        if not self.is_on:
            return
        song, tick = self._session.document.song, transport.position_tick()
        if not transport.is_playing:
            self._plan_beginning(song, tick)
            return
        self._note_heard(tick, song.ticks_per_beat)
        slot, after_seconds = self._slot_ahead(song.time_map, tick + song.ticks_per_beat)
        if after_seconds <= AHEAD_SECONDS and slot.from_tick not in self._steps:
            self._plan(song, slot, tick)

    def _note_heard(self, tick: float, beat_ticks: int) -> None:
        """Remembers which chords have begun; where the playhead goes back, what was silent is planned anew."""
        if tick < self._last_tick - beat_ticks:
            self._steps = {start: row for start, row in self._steps.items() if row[1] and start in self._heard}
        self._last_tick = tick
        self._heard |= {start for start, (_, _, slot) in self._steps.items() if start <= tick < slot.to_tick}

    def _slot_ahead(self, bars: TimeMap, beat_ahead_tick: float) -> tuple[Slot, float]:
        """The slot that is heard next, a beat from now or later, and how long after that beat: a loop goes round."""
        slot, loop = slot_after(bars, beat_ahead_tick), self._session.transport.active_loop
        way = [(beat_ahead_tick, float(slot.from_tick))]
        if loop is not None and beat_ahead_tick <= loop[1] <= slot.from_tick:
            slot = slot_after(bars, loop[0])
            way = [(beat_ahead_tick, float(loop[1])), (float(loop[0]), float(slot.from_tick))]
        return slot, sum(bars.tick_to_seconds(to_tick) - bars.tick_to_seconds(from_tick) for from_tick, to_tick in way)

    def _plan_beginning(self, song: Song, tick: float) -> None:
        """Before a song that is known begins, its first chord is ready."""
        slot = slot_after(song.time_map, tick)
        if slot.from_tick == tick and slot.from_tick not in self._steps:
            melody = self._melody(song, tick, slot, slot)
            if melody.starting_between(slot.from_tick, slot.to_tick).any():
                self._plan(song, slot, tick)

    def _plan(self, song: Song, slot: Slot, tick: float) -> None:
        """Chooses the chord of a slot, and hands it on."""
        slots = [slot]
        while len(slots) < SLOTS_AHEAD:
            slots.append(slot_after(song.time_map, slots[-1].to_tick))
        melody = self._melody(song, tick, slot, slots[-1])
        step = self._step(song, slots, melody, tick)
        had_played = self.has_played
        before = self._before(slot)
        voices = None
        if step is not None:
            voices = voiced(step.chord, before[1] if before is not None else None, _floor(melody))
        self._steps[slot.from_tick] = (step, voices, slot)
        if voices is not None:
            self._session.sound_beside(self.track)
            if not had_played:
                self._tell()

    def _step(self, song: Song, slots: Sequence[Slot], melody: Notes, tick: float) -> Step | None:
        """The chord under what comes, as far as the song says it, else under what was heard in the last bar."""
        beat_ticks = song.ticks_per_beat
        heard = pitch_weights(melody, tick - _bar_ticks(song, tick), tick, beat_ticks, fades=True)
        known = [pitch_weights(melody, s.from_tick, s.to_tick, beat_ticks, fades=False) for s in slots]
        if not known[0].any() and not heard.any():
            return None
        if not known[0].any():
            known[0] = heard / 2  # what comes is like what was, more or less
        key = self._session.score.key(slots[0].from_tick) or find_key(*self._parts(song, tick)) or Key(0)
        before = self._before(slots[0])
        return next_step(palette(key), before[0] if before is not None else None, tuple(slots), tuple(known))

    def _before(self, slot: Slot) -> tuple[Step | None, Voices | None, Slot] | None:
        """The chord that ends where a slot begins."""
        return next((row for row in self._steps.values() if row[2].to_tick == slot.from_tick and row[0]), None)

    def _parts(self, song: Song, tick: float) -> list[Notes]:
        """What sounds but for drums: the song, answers of the assistant, and what is played."""
        tracks = [track.notes for track in audible_tracks(song) if not track.is_drums]
        played = [] if self._recorder is None else [self._recorder.notes(tick)]
        return [*tracks, self._also_heard(), *played]

    def _melody(self, song: Song, tick: float, first: Slot, last: Slot) -> Notes:
        """What sounded in the last bar, and what is known of some slots; only that, for a song may be long."""
        melody, bar_ago_tick = Notes.of(), tick - _bar_ticks(song, tick)
        for notes in self._parts(song, tick):
            was_heard = (notes.end_tick > bar_ago_tick) & (notes.start_tick < tick)
            comes = (notes.end_tick > first.from_tick) & (notes.start_tick < last.to_tick)
            melody = melody.plus(notes.where(was_heard | comes))
        return melody

    def _drop_unheard(self) -> None:
        """What was planned and has not sounded goes."""
        self._steps = {start: row for start, row in self._steps.items() if start in self._heard}

    def _on_received(self, received: MidiReceived) -> None:
        if self.is_on:
            if self._recorder is None:
                self._recorder = Recorder(self._session.document.song, 0)
            self._recorder.receive(received)

    def _on_session_changed(self, change: SessionChange) -> None:
        if change.kind == "opened":
            self._recorder = None
            self._forget()
            self._session.sound_beside(None)
            self._tell()
        elif change.kind == "keys_lost" or (
            change.kind == "transport" and self.is_on and not self._session.transport.is_playing
        ):
            self._recorder = None


def _bar_ticks(song: Song, tick: float) -> int:
    return song.time_map.meter_at(tick).bar_ticks(song.ticks_per_beat)


def _floor(melody: Notes) -> int:
    """The lowest pitch of the melody; a song's low voices are none."""
    high = melody.pitch[melody.pitch >= HIGHEST - 12]
    return int(np.min(high)) if len(high) else HIGHEST + 1


def _notes(voices: Voices, slot: Slot) -> list[Note]:
    """The voices held until the next chord."""
    length = slot.to_tick - slot.from_tick
    return [Note(slot.from_tick, p, length, BASS_VELOCITY if i == 0 else VELOCITY) for i, p in enumerate(voices)]
