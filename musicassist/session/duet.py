"""The accompanist: chords under what is played, in its own track, beside the song until they are written into it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from musicassist.document.instruments import on_free_wire
from musicassist.document.song_edits import add_track
from musicassist.harmony.slots import Slot, slot_after
from musicassist.harmony.voicing import MAX_PITCH, Voices, voiced
from musicassist.score.chord_track import chord_at, written_chords, written_spans
from musicassist.score.keys import find_key
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.score.theory import Chord, Key
from musicassist.score.timing import TimeMap
from musicassist.session import harmony
from musicassist.session.recorded_rounds import duet_offer
from musicassist.session.recording import Recorder
from musicassist.session.session import Session, SessionChange
from musicassist.sound.messages import MidiReceived
from musicassist.sound.schedule import audible_tracks

PROGRAM = 48  # General MIDI: string ensemble
VELOCITY, BASS_VELOCITY = 52, 60
AHEAD_SECONDS = 0.35  # LIMIT: beyond the beat, for a busy window; a chord that cannot be sent a beat ahead is left out
SLOTS_AHEAD = 4
STEP, NAME = "Accompaniment", "Chords"
_Row = tuple[harmony.Step | None, Voices | None, Slot]  # a slot with what it gets; None is silence


class Duet:
    """The accompanist. Main thread only; nothing here waits.

    It plays the chords of the song where there are some, and elsewhere its own.
    It knows what was played in the last bar, and of the song also what comes; a bar without notes has no chord. What
    it plays sounds beside the song until it is written into it.

    Attributes:
        is_on: Whether it accompanies.
    """

    def __init__(
        self,
        session: Session,
        *,
        also_sounding: Callable[[], Notes] = Notes.of,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        """Accompanies ``session`` once it is switched on.

        Args:
            session: What is accompanied.
            also_sounding: Notes that sound and are not in the song.
            on_change: Called when it was switched, and when there is something to write or nothing any more.
        """
        self.is_on = False
        self._session = session
        self._also_sounding = also_sounding
        self._on_change = on_change
        self._recorder: Recorder | None = None
        self._steps: dict[int, _Row] = {}  # by where they begin
        self._begun: set[int] = set()  # where the chords begin that sounded
        self._last_tick = 0.0
        self._heard_in: tuple[Song, list[Notes]] | None = None  # a song, and the parts in which its chords are heard
        session.subscribe(self._on_session_changed)
        session.on_played.append(self._on_received)

    def toggle(self) -> None:
        """Begins to accompany what plays from the next chord on, or ends."""
        self.is_on = not self.is_on
        self._session.transport.accompany("duet", is_on=self.is_on)
        self._recorder = None
        if self.is_on:
            self._forget()
        else:
            self._drop_unsounded()
            self._session.sound_beside()
            self._shelve()
        self._on_change()

    def _shelve(self) -> None:
        """What was heard stays among the earlier takes, also where nobody writes it."""
        if len(self.track.notes):
            document = self._session.document
            offer = duet_offer(document.song, document.selected_track, self.track)
            self._session.shelf.add(offer, track_index=document.selected_track)

    @property
    def track(self) -> Track:
        """What was and will be played, as a track that the song does not have."""
        notes = [
            Note(slot.from_tick, pitch, slot.to_tick - slot.from_tick, BASS_VELOCITY if row == 0 else VELOCITY)
            for _, voices, slot in self._steps.values()
            for row, pitch in enumerate(voices or ())
        ]
        return on_free_wire(self._session.document.song, Track(NAME, Notes.of(notes), program=PROGRAM))

    @property
    def has_played(self) -> bool:
        """Whether there is something to write into the song."""
        return any(voices is not None for _, voices, _ in self._steps.values())

    def write(self) -> None:
        """Puts what was played into the song as a new track, as one step; it begins anew."""
        self._drop_unsounded()
        track = self.track
        if not len(track.notes):
            return
        self._session.sound_beside()
        document = self._session.document
        document.apply(STEP, add_track(document.song, track), selected_track=document.selected_track)
        self._forget()
        self._on_change()

    def _forget(self) -> None:
        self._steps, self._begun, self._last_tick = {}, set(), 0.0

    def on_frame(self) -> None:
        """Plans what is due; call it for each frame."""
        transport = self._session.transport
        if not self.is_on:
            return
        song, tick = self._session.document.song, transport.position_tick()
        if not transport.is_playing:
            self._plan_beginning(song, tick)
            return
        self._note_begun(tick, song.ticks_per_beat)
        slot, after_seconds = self._slot_ahead(song.time_map, tick + song.ticks_per_beat)
        if after_seconds <= AHEAD_SECONDS and slot.from_tick not in self._steps:
            self._plan(song, slot, tick)

    def _note_begun(self, tick: float, beat_ticks: int) -> None:
        """Remembers which chords have begun; where the playhead goes back, what was silent is planned anew."""
        if tick < self._last_tick - beat_ticks:
            self._steps = {start: row for start, row in self._steps.items() if row[1] and start in self._begun}
        self._last_tick = tick
        self._begun |= {start for start, (_, _, slot) in self._steps.items() if start <= tick < slot.to_tick}

    def _slot_ahead(self, bars: TimeMap, beat_ahead_tick: float) -> tuple[Slot, float]:
        """The slot that is heard next, a beat from now or later, and how long after that beat: a loop goes round."""
        slot, loop = slot_after(bars, beat_ahead_tick), self._session.transport.active_loop
        way = [(beat_ahead_tick, float(slot.from_tick))]
        if loop is not None and beat_ahead_tick <= loop[1] <= slot.from_tick:
            slot = slot_after(bars, loop[0])
            way = [(beat_ahead_tick, float(loop[1])), (float(loop[0]), float(slot.from_tick))]
        return slot, sum(bars.seconds_between(*part) for part in way)

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
            high = melody.pitch[melody.pitch >= MAX_PITCH - 12]  # a song's low voices are no melody
            floor = int(np.min(high)) if len(high) else MAX_PITCH + 1
            voices = voiced(step.chord, before[1] if before is not None else None, floor)
        self._steps[slot.from_tick] = (step, voices, slot)
        if voices is not None:
            self._session.sound_beside(self.track)
            if not had_played:
                self._on_change()

    def _step(self, song: Song, slots: Sequence[Slot], melody: Notes, tick: float) -> harmony.Step | None:
        """The song's own chord; without one, that under what the song says of what comes, or of the last bar."""
        key = self._session.song_commands.key(slots[0].from_tick) or find_key(*self._parts(song, tick)) or Key(0)
        own = self._song_chord(song, slots[0])
        if own is not None:
            return harmony.step_of(own, key)
        beat_ticks = song.ticks_per_beat
        heard = harmony.pitch_weights(melody, tick - song.time_map.bar_ticks_at(tick), tick, beat_ticks, fades=True)
        known = [harmony.pitch_weights(melody, s.from_tick, s.to_tick, beat_ticks, fades=False) for s in slots]
        if not known[0].any() and not heard.any():
            return None
        if not known[0].any():
            known[0] = heard / 2  # what comes is like what was, more or less
        before = self._before(slots[0])
        previous = before[0] if before is not None else None
        return harmony.next_step(harmony.palette(key), previous, tuple(slots), tuple(known))

    def _song_chord(self, song: Song, slot: Slot) -> Chord | None:
        """What is written where a slot begins, else what the song's parts are heard to play there."""
        written = chord_at(written_spans(written_chords(song), max(slot.to_tick, song.end_tick)), slot.from_tick)
        if written is not None:
            return written.chord if written.chord.pitch_classes else None
        from musicassist.harmony.song_chords import harmony_parts, heard_between  # a start needs no ear

        if self._heard_in is None or self._heard_in[0] is not song:
            self._heard_in = song, harmony_parts(song)
        parts = self._heard_in[1]
        heard = heard_between(song, parts, slot.from_tick, slot.to_tick) if parts else []
        return heard[0].chord if heard and heard[0].from_tick == slot.from_tick else None

    def _before(self, slot: Slot) -> _Row | None:
        """The chord that ends where a slot begins."""
        return next((row for row in self._steps.values() if row[2].to_tick == slot.from_tick and row[0]), None)

    def _parts(self, song: Song, tick: float) -> list[Notes]:
        """What sounds but for drums: the song, answers of the assistant, and what is played."""
        tracks = [track.notes for track in audible_tracks(song) if not track.is_drums]
        played = [] if self._recorder is None else [self._recorder.notes(tick)]
        return [*tracks, self._also_sounding(), *played]

    def _melody(self, song: Song, tick: float, first: Slot, last: Slot) -> Notes:
        """What sounded in the last bar, and what is known of some slots; only that, for a song may be long."""
        melody, bar_ago_tick = Notes.of(), tick - song.time_map.bar_ticks_at(tick)
        for notes in self._parts(song, tick):
            was_heard = (notes.end_tick > bar_ago_tick) & (notes.start_tick < tick)
            comes = (notes.end_tick > first.from_tick) & (notes.start_tick < last.to_tick)
            melody = melody.plus(notes.where(was_heard | comes))
        return melody

    def _drop_unsounded(self) -> None:
        """What was planned and has not sounded goes."""
        self._steps = {start: row for start, row in self._steps.items() if start in self._begun}

    def _on_received(self, received: MidiReceived) -> None:
        if self.is_on:
            if self._recorder is None:
                self._recorder = Recorder(self._session.document.song, 0)
            self._recorder.receive(received)

    def _on_session_changed(self, change: SessionChange) -> None:
        if change.kind == "opened":
            self._recorder = None
            self._forget()
            self._session.sound_beside()
            self._on_change()
        elif change.kind == "keys_lost" or (
            change.kind == "transport" and self.is_on and not self._session.transport.is_playing
        ):
            self._recorder = None
