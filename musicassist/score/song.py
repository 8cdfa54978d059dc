"""Note, Notes, Track and Song: frozen values. An edit makes a new song."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from musicassist.score.evidence import (
    KeyEvidence,
    evidence_of,
    is_drum_name,
    joined,
    plays_like_drums,
    rows_in_key,
    says_pitched,
)
from musicassist.score.foreign_chunk import ForeignChunk
from musicassist.score.midi_bytes import DRUM_CHANNEL, bank_says_drums, rhythm_settings_of, standard_set_by
from musicassist.score.origins import Origins
from musicassist.score.theory import MAX_ACCIDENTALS, Key, usual_fifths
from musicassist.score.timing import DEFAULT_TICKS_PER_BEAT, MeterChange, TempoChange, TimeMap

DEFAULT_VELOCITY = 88
BEFORE_ENDS, BEFORE_STARTS, AFTER_STARTS = range(3)  # an event's place among the note-offs and note-ons of its tick
Bank = tuple[int | None, int | None]  # the values of controllers 0 and 32; None where none was sent
NO_BANK: Bank = (None, None)
NOTE_COLUMNS = ("start_tick", "pitch", "duration_ticks", "velocity", "is_pinned")
Column = NDArray[np.int64]
_UNPINNED: Column = np.broadcast_to(np.int64(0), 1 << 40)  # every column without pins is a slice of it, of 8 bytes
Mask = NDArray[np.bool_]
_RHYTHM_SETTINGS, _STANDARD = attrgetter("rhythm_settings"), attrgetter("standard")
_END_TICK, _NOTE_COUNT = attrgetter("end_tick"), attrgetter("note_count")  # a song asks them of each track at each edit


@dataclass(frozen=True, slots=True, order=True)
class Note:
    """One note. It has no identity beyond its value.

    Attributes:
        start_tick: Where it begins.
        pitch: MIDI number, 0..127.
        duration_ticks: How long it sounds, at least 1.
        velocity: 1..127.
        is_pinned: 1 where the assistant must leave it as it is, else 0.
    """

    start_tick: int
    pitch: int
    duration_ticks: int
    velocity: int = DEFAULT_VELOCITY
    is_pinned: int = 0

    @property
    def end_tick(self) -> int:
        """Where it stops sounding."""
        return self.start_tick + self.duration_ticks


def _read_only(column: Column) -> Column:
    """A column that was just made, not copied again."""
    column.setflags(write=False)
    return column


@dataclass(frozen=True, eq=False)
class Notes:
    """Many notes as read-only columns of equal length, sorted by start, then pitch (stable).

    Make one with :meth:`of` or :meth:`from_columns`, which sort; the constructor trusts its caller. A selection of
    notes is a boolean mask over the rows.

    Attributes:
        start_tick, pitch, duration_ticks, velocity: int64 columns, shape (n,).
        is_pinned: The same, of zeros and ones; without it, no note is pinned, which takes no memory.
    """

    start_tick: Column
    pitch: Column
    duration_ticks: Column
    velocity: Column
    is_pinned: Column = field(default_factory=lambda: _UNPINNED)

    def __post_init__(self) -> None:
        if self.is_pinned is _UNPINNED:
            object.__setattr__(self, "is_pinned", _UNPINNED[: len(self.start_tick)])

    @staticmethod
    def of(notes: Iterable[Note] = ()) -> Notes:
        """Columns of some notes."""
        rows = [(n.start_tick, n.pitch, n.duration_ticks, n.velocity, n.is_pinned) for n in notes]
        table = np.array(rows, dtype=np.int64).reshape(-1, len(NOTE_COLUMNS))
        return Notes.from_columns(*table.T)

    @staticmethod
    def from_columns(
        start_tick: Column, pitch: Column, duration_ticks: Column, velocity: Column, is_pinned: Column | None = None
    ) -> Notes:
        """Columns in any order of rows; they are copied and sorted."""
        order = np.lexsort((pitch, start_tick))
        columns: tuple[Column, ...] = (start_tick, pitch, duration_ticks, velocity)
        if is_pinned is not None and is_pinned.any():
            columns = (*columns, is_pinned)
        return Notes(*(_read_only(np.asarray(c, dtype=np.int64)[order]) for c in columns))

    @cached_property
    def end_tick(self) -> Column:
        """Where each note stops."""
        return _read_only(self.start_tick + self.duration_ticks)

    @cached_property
    def key_evidence(self) -> KeyEvidence | None:
        """What they say about their key; None without notes."""
        return evidence_of(self.start_tick, self.pitch, self.duration_ticks)

    @cached_property
    def has_pins(self) -> bool:
        """Whether any of them is pinned."""
        return bool(self.is_pinned.any())

    @property
    def pinned(self) -> Mask:
        """Mask of those that are pinned."""
        return np.asarray(self.is_pinned != 0)

    def with_pins(self, mask: Mask) -> Notes:
        """The same notes, of which those of the mask are pinned and no others."""
        pins = _read_only(mask.astype(np.int64)) if mask.any() else _UNPINNED
        return Notes(self.start_tick, self.pitch, self.duration_ticks, self.velocity, pins)

    def __len__(self) -> int:
        return len(self.start_tick)

    def __getitem__(self, row: int) -> Note:
        return Note(*(int(getattr(self, name)[row]) for name in NOTE_COLUMNS))

    def __iter__(self) -> Iterator[Note]:
        return (self[row] for row in range(len(self)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Notes):
            return NotImplemented
        columns = NOTE_COLUMNS if self.has_pins or other.has_pins else NOTE_COLUMNS[:-1]
        return all(np.array_equal(getattr(self, c), getattr(other, c)) for c in columns)

    __hash__ = None  # type: ignore[assignment]  # columns are not hashable

    def where(self, mask: Mask | Column) -> Notes:
        """The notes of the rows that the mask (or index array) picks, in the same order."""
        start, pitch, duration, velocity = (_read_only(getattr(self, c)[mask]) for c in NOTE_COLUMNS[:-1])
        return Notes(start, pitch, duration, velocity, self.pins_of(mask))

    def pins_of(self, mask: Mask | Column) -> Column:
        """The pins of some rows, for ``Notes``."""
        return _read_only(self.is_pinned[mask]) if self.has_pins else _UNPINNED

    def plus(self, other: Notes) -> Notes:
        """These and the other notes together."""
        return Notes.from_columns(*(getattr(self.beside(other), c) for c in NOTE_COLUMNS))

    def beside(self, other: Notes) -> Notes:
        """The other notes behind these, not sorted."""
        has_pins = self.has_pins or other.has_pins
        names = NOTE_COLUMNS if has_pins else NOTE_COLUMNS[:-1]
        return Notes(*(np.concatenate([getattr(self, name), getattr(other, name)]) for name in names))

    def starting_between(self, from_tick: int, to_tick: int) -> Mask:
        """Mask of the notes that start in [from_tick, to_tick)."""
        return (self.start_tick >= from_tick) & (self.start_tick < to_tick)

    def in_key(self, key: Key) -> Mask:
        """Mask of the notes that a key allows: those of its scale, and in minor what is raised where it leads up.

        A raised note may be struck again before the next onset has the note that it leads to.
        """
        return rows_in_key(self.start_tick, self.pitch, key)

    def among(self, others: Notes) -> Mask:
        """Mask of the notes that equal one of the others."""
        return np.isin(self._rows(), others._rows())

    def _rows(self) -> NDArray[np.void]:
        """Each note as one value that can be compared."""
        table = np.stack([getattr(self, c) for c in NOTE_COLUMNS], axis=1)
        return table.view(np.dtype((np.void, table.shape[1] * table.itemsize)))[:, 0]

    def without_span(self, from_tick: int, to_tick: int) -> Notes:
        """What stays when [from_tick, to_tick) is cleared: notes held into it end where it begins."""
        kept = self.where(~self.starting_between(from_tick, to_tick))
        is_held = (kept.start_tick < from_tick) & (kept.end_tick > from_tick)
        if from_tick >= to_tick or not is_held.any():
            return kept
        durations = _read_only(np.where(is_held, from_tick - kept.start_tick, kept.duration_ticks))
        return replace(kept, duration_ticks=durations)


@dataclass(frozen=True, slots=True)
class Event:
    """Anything of a file that is not a note: kept with its place so that saving loses nothing.

    Attributes:
        tick: Where it stands.
        data: The complete message: a channel message with its status byte (the low nibble holds the channel), a meta
            event as ``FF type payload`` without the length, or a sysex as ``F0 ...``/``F7 ...`` without the length.
        place: Where it stands among the notes of its tick: ``BEFORE_ENDS``, ``BEFORE_STARTS`` (behind the note-offs, as
            we write it) or ``AFTER_STARTS``. A pedal that goes down before a note-off catches the note, behind it not.
    """

    tick: int
    data: bytes
    place: int = BEFORE_STARTS


@dataclass(frozen=True)
class Track:
    """One instrument's notes and everything else that stands in its chunk.

    Attributes:
        name: As shown; may be empty.
        notes: Its notes.
        channel: MIDI channel, 0..15; 9 is drums.
        program: General MIDI program, 0..127, of its first program change.
        events: Every other event of the chunk, in tick order (program changes after the first included).
        muted, soloed: What the mixer does with it; not stored in a ``.mid``.
        output_port: Name of the MIDI port that plays it; None is what plays the whole song.
        origins: Which of its bars takes were kept in; no music, and not stored in a ``.mid``.
    """

    name: str = ""
    notes: Notes = field(default_factory=Notes.of)
    channel: int = 0
    program: int = 0
    events: tuple[Event, ...] = ()
    muted: bool = False
    soloed: bool = False
    output_port: str | None = None
    origins: Origins = ()

    @property
    def is_on_drum_channel(self) -> bool:
        """Whether it sounds as drums in General MIDI, whatever it is."""
        return self.channel == DRUM_CHANNEL

    @cached_property
    def is_drums(self) -> bool:
        """Whether its pitches name drums, as far as it tells itself; ``Song.is_drum_track`` knows the whole song."""
        return self.is_drums_in(self.rhythm_settings, self.standard)

    def is_drums_in(self, rhythm_settings: Mapping[int, bool], standard: str) -> bool:
        """The same where it is known what the song's messages set."""
        said = {bank_says_drums(msb, standard) for msb in self._banks}
        is_pitched_by_bank = said == {False}
        is_rhythm = rhythm_settings.get(self.channel, self.is_on_drum_channel and not is_pitched_by_bank)
        return is_rhythm or True in said or self._shows_drums

    @cached_property
    def _banks(self) -> frozenset[int]:
        select_bank = bytes([0xB0 | self.channel, 0])
        return frozenset(e.data[2] for e in self.events if len(e.data) == 3 and e.data[:2] == select_bank)

    @cached_property
    def _shows_drums(self) -> bool:
        if is_drum_name(self.name):
            return True
        return not says_pitched(self.name) and plays_like_drums(self.notes.pitch)

    @cached_property
    def standard(self) -> str:
        """What one of its messages sets the synth to: GM2, GS or XG; empty where none does."""
        return standard_set_by(event.data for event in self.events)

    @cached_property
    def rhythm_settings(self) -> dict[int, bool]:
        """The channels that its system exclusive messages make drum parts (True) or pitched ones (False)."""
        return rhythm_settings_of(event.data for event in self.events)

    @cached_property
    def end_tick(self) -> int:
        """Where its last note stops; 0 without notes."""
        return int(self.notes.end_tick.max()) if len(self.notes) else 0

    @cached_property
    def note_count(self) -> int:
        """How many notes it has."""
        return len(self.notes)

    def with_notes(self, notes: Notes) -> Track:
        """The same track with other notes."""
        return replace(self, notes=notes)


@dataclass(frozen=True, slots=True)
class KeyChange:
    """A new key from ``tick`` on. Use :meth:`of` for one that keeps how a key is written.

    Attributes:
        tick: Where it begins.
        tonic: Pitch class, 0..11.
        scale: A name in ``theory.SCALES``.
        fifths: Sharps of its signature, negative for flats; None for the usual ones. A plain C major with 0 was chosen
            by somebody, one with None may be what a program writes where nobody chose.
    """

    tick: int
    tonic: int
    scale: str = "major"
    fifths: int | None = None

    @staticmethod
    def of(tick: int, key: Key) -> KeyChange:
        """A key from ``tick`` on, written as it is spelled."""
        is_usual = key.signature_fifths == usual_fifths(key.tonic, key.scale)
        is_usual = is_usual or abs(key.signature_fifths) > MAX_ACCIDENTALS
        return KeyChange(tick, key.tonic, key.scale, None if is_usual else key.signature_fifths)

    @staticmethod
    def chosen(tick: int, key: Key) -> KeyChange:
        """A key that somebody chose, which counts whatever the notes are."""
        change = KeyChange.of(tick, key)
        return replace(change, fifths=0) if change == KeyChange(tick, 0) else change

    @property
    def key(self) -> Key:
        """The key that holds from here on."""
        return Key(self.tonic, self.scale, self.fifths)


@dataclass(frozen=True)
class Song:
    """A whole piece.

    Attributes:
        tracks: The tracks with notes or events, in file order.
        ticks_per_beat: Ticks in a quarter note; an opened file keeps its own.
        tempo_changes, meter_changes, key_changes: In tick order; see ``TimeMap`` for what holds before the first.
        events: What stands in the conductor track besides these (markers, lyrics, sysex, ...).
        file_format: Of its Standard MIDI File: 0 (one chunk for all channels), 1, or 2, which is only read.
        foreign_chunks: What stands in its file besides music.
        is_riff: Whether its file is wrapped in RIFF (``.rmi``).
    """

    tracks: tuple[Track, ...] = ()
    ticks_per_beat: int = DEFAULT_TICKS_PER_BEAT
    tempo_changes: tuple[TempoChange, ...] = ()
    meter_changes: tuple[MeterChange, ...] = ()
    key_changes: tuple[KeyChange, ...] = ()
    events: tuple[Event, ...] = ()
    file_format: int = 1
    foreign_chunks: tuple[ForeignChunk, ...] = ()
    is_riff: bool = False

    @cached_property
    def time_map(self) -> TimeMap:
        """Converts this song's times."""
        return TimeMap(self.ticks_per_beat, self.tempo_changes, self.meter_changes)

    @cached_property
    def end_tick(self) -> int:
        """Where the last note stops; 0 without notes."""
        return max(map(_END_TICK, self.tracks), default=0)

    @cached_property
    def key_evidence(self) -> KeyEvidence | None:
        """What the notes of all tracks but drums say about their key; None without any."""
        if not self._rhythm_settings and not self._standard:
            return joined(track.notes.key_evidence for track in self.tracks if not track.is_drums)
        return joined(t.notes.key_evidence for i, t in enumerate(self.tracks) if not self.is_drum_track(i))

    @cached_property
    def _rhythm_settings(self) -> dict[int, bool]:
        settings = rhythm_settings_of(event.data for event in self.events)
        for of_track in filter(None, map(_RHYTHM_SETTINGS, self.tracks)):
            settings |= of_track
        return settings

    def is_drum_track(self, index: int) -> bool:
        """Whether a track's pitches name drums: by its channel, a message of any chunk, its name or its notes."""
        track = self.tracks[index]
        if not self._rhythm_settings and not self._standard:
            return track.is_drums
        return track.is_drums_in(self._rhythm_settings, self._standard)

    @cached_property
    def _standard(self) -> str:
        own = standard_set_by(event.data for event in self.events)
        return own or next(filter(None, map(_STANDARD, self.tracks)), "")

    @cached_property
    def note_count(self) -> int:
        """Notes of all tracks."""
        return sum(map(_NOTE_COUNT, self.tracks))

    def with_track(self, index: int, track: Track) -> Song:
        """The same song with another track in that place."""
        return replace(self, tracks=(*self.tracks[:index], track, *self.tracks[index + 1 :]))
