"""Step input: keys that are struck together are a chord, which is written at the playhead when they are let go."""

from __future__ import annotations

from dataclasses import dataclass, replace
from weakref import ref

from musicassist.document.document import Document, DocumentChange
from musicassist.document.edits import EditResult, delete_notes, insert_notes
from musicassist.errors import QT_TRANSLATE_NOOP
from musicassist.score import midi_bytes as midi
from musicassist.score.song import Note, Notes, Song
from musicassist.session.commands import NoteCommands
from musicassist.session.transport import Transport
from musicassist.sound.messages import MidiReceived

_PRESSED_FROM = 64
Chord = tuple[tuple[int, int], ...]  # pitch and velocity of each key; empty is a rest


class ChordCatcher:
    """Collects keys until all of them are up. Main thread only."""

    def __init__(self) -> None:
        self._struck: dict[int, int] = {}
        self._down: set[int] = set()
        self._is_pedal_down = False

    def receive(self, event: MidiReceived) -> list[Chord]:
        """The chords that were let go with these messages; a pedal that is pressed is a rest."""
        chords: list[Chord] = []
        for message in event.messages:
            kind, _, data1, data2 = midi.parts_of(message)
            if kind == midi.NOTE_ON:
                self._struck[data1] = data2
                self._down.add(data1)
            elif kind == midi.NOTE_OFF:
                chords.extend(self._let_go(data1))
            elif kind == midi.CONTROL and data1 == midi.SUSTAIN_CONTROL:
                was_down, self._is_pedal_down = self._is_pedal_down, data2 >= _PRESSED_FROM
                if self._is_pedal_down and not was_down:
                    chords.append(())
        return chords

    def _let_go(self, pitch: int) -> list[Chord]:
        if pitch not in self._down:
            return []
        self._down.discard(pitch)
        if self._down:
            return []
        chord = tuple(sorted(self._struck.items()))
        self._struck.clear()
        return [chord]


@dataclass(frozen=True, eq=False)
class _Step:
    """A step of undo that moved the playhead from a tick to another, between two songs.

    The undo list alone holds the songs, as long as it wants them.
    """

    before: ref[Song]
    after: ref[Song]
    from_tick: int
    to_tick: int

    @property
    def can_come_back(self) -> bool:
        """Whether the undo list still holds both songs."""
        return self.before() is not None and self.after() is not None

    def place_after(self, old: Song, new: Song) -> int | None:
        """Where the playhead goes if this step was undone or done again; None if it was not."""
        if self.before() is new and self.after() is old:
            return self.from_tick
        return self.to_tick if self.before() is old and self.after() is new else None


class StepInput:
    """Writes while it is on and the song stands; each chord is one step of undo. Main thread only."""

    def __init__(self, document: Document, notes: NoteCommands, transport: Transport) -> None:
        """Writes into the selected track of ``document``, in steps of the grid of ``notes``."""
        self._document = document
        self._notes = notes
        self._transport = transport
        self._chords: ChordCatcher | None = None  # while it is on
        self._steps: list[_Step] = []
        self._song = document.song  # as it was after its last change
        document.subscribe(self._on_document_changed)

    @property
    def is_on(self) -> bool:
        """Whether it writes."""
        return self._chords is not None

    def begin(self) -> None:
        """Writes from now on."""
        self._chords = ChordCatcher()

    def end(self) -> None:
        """Writes no more."""
        self._chords = None

    def lose_keys(self) -> None:
        """Nobody will tell that the keys of a chord are up."""
        if self.is_on:
            self.begin()

    def receive(self, event: MidiReceived) -> None:
        """Writes each chord that is let go; a pedal is a rest."""
        chords = self._chords.receive(event) if self._chords is not None else []
        for chord in chords:
            if chord:
                self._write(chord)
            else:
                self.rest()

    def rest(self) -> None:
        """Moves on by a step and writes nothing."""
        self._transport.seek(self._steps_from(self._playhead_tick, 1))

    def back(self) -> None:
        """Goes back by a step and takes away what begins there, as one step of undo."""
        document, tick = self._document, self._playhead_tick
        from_tick = self._steps_from(tick, -1)
        mask = document.track.notes.starting_between(from_tick, tick)
        self._apply(
            QT_TRANSLATE_NOOP("Steps", "Take step back"),
            delete_notes(document.song, document.selected_track, mask),
            from_tick,
        )

    def _write(self, chord: Chord) -> None:
        """Writes a chord as long as a step of the grid, and moves the playhead behind it."""
        document, tick = self._document, self._playhead_tick
        to_tick = self._steps_from(tick, 1)
        notes = Notes.of(Note(tick, pitch, to_tick - tick, velocity) for pitch, velocity in chord)
        self._apply(
            QT_TRANSLATE_NOOP("Steps", "Write step"),
            insert_notes(document.song, document.selected_track, notes),
            to_tick,
        )

    def _apply(self, name: str, result: EditResult, to_tick: int) -> None:
        """Makes an edit that moves the playhead, and remembers where from and where to."""
        before, from_tick = self._document.song, self._playhead_tick
        self._document.apply(name, result)
        self._steps = [step for step in self._steps if step.can_come_back]
        self._steps.append(_Step(ref(before), ref(self._document.song), from_tick, to_tick))
        self._transport.seek(to_tick)

    def _on_document_changed(self, change: DocumentChange) -> None:
        """Undo and redo of a step take the playhead along."""
        old, self._song = self._song, self._document.song
        if change.kind == "opened":
            self._steps.clear()
        if change.kind != "song" or not self.is_on or self._transport.is_playing:
            return
        places = (step.place_after(old, self._song) for step in self._steps)
        tick = next((place for place in places if place is not None), None)
        if tick is not None:
            self._transport.seek(tick)

    @property
    def _playhead_tick(self) -> int:
        return round(self._transport.position_tick())

    def _steps_from(self, tick: int, steps: int) -> int:
        """A place some steps of the grid away; on the line that is there, since steps need not be whole ticks."""
        time_map, grid = self._document.song.time_map, self._notes.grid
        exact = tick + steps * grid.ticks(time_map.ticks_per_beat)
        line = replace(grid, is_snapping=True).snap(time_map, exact)
        return line if abs(line - exact) <= 1 else max(0, round(exact))
