"""What the roll shows: the document or a gesture's preview, the tracks behind it, takes on offer, the user's view."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from operator import is_

import numpy as np
from PySide6.QtCore import QObject, Signal

from musicassist.document.document import Document, DocumentChange
from musicassist.score.grid import SongGrid
from musicassist.score.song import DEFAULT_VELOCITY, Mask, Note, Notes, Song
from musicassist.score.theory import Key
from musicassist.ui.piano_roll.geometry import NoteIndex
from musicassist.ui.piano_roll.gestures import Base, Outcome
from musicassist.ui.piano_roll.motif_lines import MotifLine
from musicassist.ui.piano_roll.plan_brackets import Bracket
from musicassist.ui.theme import Theme

COLORS = 12  # as many as the theme has hues; tracks that far apart look alike


@dataclass(frozen=True, eq=False)
class Backdrop:
    """What lies behind the edited track. It is the same object as long as an edit changes none of its notes.

    Attributes:
        key: The notes of each track but the edited one, with the numbers of their tracks.
        layers: For each colour that occurs the number of a track that has it, and all notes in it.
        pitches: Lowest and highest pitch; None without notes.
    """

    key: tuple[tuple[int, ...], tuple[Notes, ...]]
    layers: tuple[tuple[int, NoteIndex], ...]
    pitches: tuple[int, int] | None


def backdrop_of(song: Song, track_index: int, before: Backdrop | None = None) -> Backdrop:
    """The tracks of a song behind one of them, drums left out; ``before`` itself where it shows the same notes."""
    numbers = tuple(
        number
        for number, track in enumerate(song.tracks)
        if number != track_index and not track.is_drums and len(track.notes)
    )
    columns = tuple(song.tracks[number].notes for number in numbers)
    if before is not None and before.key[0] == numbers and all(map(is_, before.key[1], columns)):
        return before
    known = dict(before.layers) if before is not None else {}
    parts_before = _by_color(*before.key) if before is not None else {}
    layers = tuple(
        (color, known[color] if _are_same(parts, parts_before.get(color, ())) else _index_of(_gathered(parts)))
        for color, parts in sorted(_by_color(numbers, columns).items())
    )
    pitches = [index.notes.pitch for _, index in layers]
    span = (min(int(p.min()) for p in pitches), max(int(p.max()) for p in pitches)) if pitches else None
    return Backdrop((numbers, columns), layers, span)


def _by_color(numbers: Sequence[int], columns: Sequence[Notes]) -> dict[int, list[Notes]]:
    parts: dict[int, list[Notes]] = {}
    for number, notes in zip(numbers, columns, strict=True):
        parts.setdefault(number % COLORS, []).append(notes)
    return parts


def _are_same(some: Sequence[Notes], others: Sequence[Notes]) -> bool:
    return len(some) == len(others) and all(map(is_, some, others))


def is_same_behind(old: Song, new: Song, track_index: int) -> bool:
    """Whether an edit has touched the one track only; costs next to nothing."""
    if old is new:
        return True
    after = track_index + 1
    return (
        len(old.tracks) == len(new.tracks)
        and all(map(is_, old.tracks[:track_index], new.tracks[:track_index]))
        and all(map(is_, old.tracks[after:], new.tracks[after:]))
    )


def _gathered(columns: Sequence[Notes]) -> Notes:
    """The notes of several tracks as those of one."""
    if len(columns) == 1:
        return columns[0]
    start = np.concatenate([notes.start_tick for notes in columns])
    order = np.argsort(start, kind="stable")
    rest = (
        np.concatenate([getattr(notes, name) for notes in columns])[order]
        for name in ("pitch", "duration_ticks", "velocity")
    )
    return Notes.from_columns(start[order], *rest)


def _index_of(notes: Notes) -> NoteIndex:
    return NoteIndex(notes, np.zeros(len(notes), dtype=np.bool_))


@dataclass(frozen=True, eq=False)
class Offer:
    """Takes as the roll shows them: the auditioned one lit, the others dimmed, over the span that they fill.

    Of the auditioned one there is a bracket for each bar of its plan. Whether it replaces what the edited track has
    in the span, ``replaces`` says, which of its notes are ``picked`` to be kept alone, and which notes of the track it
    has as well: those ``stay``, and are seen as they are.
    """

    chosen: Notes
    others: tuple[Notes, ...]
    from_tick: int
    to_tick: int
    brackets: tuple[Bracket, ...] = ()
    replaces: bool = True
    picked: Notes = field(default_factory=Notes.of)
    stay: Notes = field(default_factory=Notes.of)


class Scene(QObject):
    """Shared by all parts of the roll; main thread only.

    Signals tell what has to be drawn anew: ``ground_changed`` rows and lines, ``notes_changed`` the notes,
    ``overlay_changed`` what lies above them, ``ghost_appended`` (a note) only the place of that note there,
    ``playhead_moved`` (old and new tick), ``opened`` another song.
    """

    ground_changed = Signal()
    notes_changed = Signal()
    overlay_changed = Signal()
    ghost_appended = Signal(Note)
    playhead_moved = Signal(float, float)
    opened = Signal()
    tool_changed = Signal(str)
    pointed_changed = Signal()

    def __init__(self, document: Document, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.theme = theme
        self.tool = "edit"
        self.key: Key | None = None
        self.grid_ticks: float | None = document.song.ticks_per_beat / 4
        self.offer: Offer | None = None
        self.motifs: tuple[MotifLine, ...] = ()
        self.shows_origins = False
        self.gone, self.new = Notes.of(), Notes.of()
        self.recorded = Notes.of()
        self.loop: tuple[int, int] | None = None
        self.playhead_tick = 0.0
        self.edit_cursor_tick = 0
        self.pointed_pitch: int | None = None
        self.is_playing = False
        self.is_recording = False
        self.follows_playhead = True
        self.shows_other_tracks = True
        self.box: tuple[float, float, int, int] | None = None
        self.new_note = Note(0, 60, max(1, document.song.ticks_per_beat // 2), DEFAULT_VELOCITY)
        self._preview: Outcome | None = None
        self._index: NoteIndex | None = None
        self._backdrop: Backdrop | None = None
        self._backdrop_song = Song(), -1  # what it was made for
        self._ruled: tuple[object, ...] = ()  # what rows and lines were made from
        self._cancel_drag: Callable[[], None] | None = None
        self._unsubscribe: Callable[[], None] | None = document.subscribe(self._on_document_change)

    def close(self) -> None:
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None

    @property
    def song(self) -> Song:
        edit = self._preview.edit if self._preview is not None else None
        return edit.song if edit is not None else self.document.song

    @property
    def track_index(self) -> int:
        return self.document.selected_track

    @property
    def notes(self) -> Notes:
        return self.song.tracks[self.track_index].notes

    @property
    def selection(self) -> Mask:
        """The selected rows of ``notes``."""
        preview = self._preview
        if preview is not None and preview.edit is not None:
            return preview.edit.selection
        if preview is not None and preview.selection is not None:
            return preview.selection
        return self.document.selection

    @property
    def index(self) -> NoteIndex:
        if self._index is None or self._index.notes is not self.notes or self._index.selection is not self.selection:
            self._index = NoteIndex(self.notes, self.selection)
        return self._index

    @property
    def backdrop(self) -> Backdrop:
        """The other tracks: the same object as long as none of them is edited."""
        song, track_index = self.song, self.track_index
        last_song, last_index = self._backdrop_song
        if self._backdrop is None or last_index != track_index or not is_same_behind(last_song, song, track_index):
            self._backdrop = backdrop_of(song, track_index, self._backdrop)
        self._backdrop_song = song, track_index
        return self._backdrop

    @property
    def grid(self) -> SongGrid:
        """What gestures snap to."""
        return SongGrid(self.song.time_map, self.grid_ticks)

    @property
    def base(self) -> Base:
        """What a gesture that begins now starts from."""
        return Base(self.document.song, self.track_index, self.document.selection, self.grid, self.new_note)

    @property
    def end_tick(self) -> int:
        """Where the last thing shown ends."""
        offered = self.offer.to_tick if self.offer is not None else 0
        looped = self.loop[1] if self.loop is not None else 0
        return max(self.song.end_tick, offered, looped)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to see yet."""
        return self.song.note_count == 0 and self.offer is None and not self.is_recording

    @property
    def is_dragging(self) -> bool:
        return self._cancel_drag is not None

    def begin_drag(self, cancel: Callable[[], None]) -> None:
        """Takes note of a drag, and of what gives it up."""
        self._cancel_drag = cancel

    def end_drag(self) -> None:
        self._cancel_drag = None

    def cancel_drag(self) -> bool:
        """Gives up the drag that is going on and shows the document again; whether there was one."""
        if self._cancel_drag is None:
            return False
        cancel, self._cancel_drag = self._cancel_drag, None
        cancel()
        self.show_preview(None)
        return True

    def show_preview(self, outcome: Outcome | None) -> None:
        """Shows what a gesture has come to, or the document again."""
        self._preview = outcome
        self.box = outcome.box if outcome is not None else None
        self.notes_changed.emit()

    def commit(self, name: str, outcome: Outcome) -> None:
        """Makes a finished gesture an edit of the document, one step of undo."""
        self._preview, self.box = None, None
        if outcome.edit is not None:
            self.document.apply(name, outcome.edit)
        elif outcome.selection is not None:
            self.document.select(np.asarray(outcome.selection, dtype=np.bool_))
        self.notes_changed.emit()

    def model_new_notes_on(self, note: Note) -> None:
        """The next drawn note is as long and as loud as this one."""
        if (note.duration_ticks, note.velocity) != (self.new_note.duration_ticks, self.new_note.velocity):
            self.new_note = replace(self.new_note, duration_ticks=note.duration_ticks, velocity=note.velocity)

    def set_tool(self, tool: str) -> None:
        if tool != self.tool:
            self.tool = tool
            self.tool_changed.emit(tool)
            self.overlay_changed.emit()

    def set_edit_cursor(self, tick: int) -> None:
        """Puts the place where things are pasted."""
        if tick != self.edit_cursor_tick:
            self.edit_cursor_tick = tick
            self.overlay_changed.emit()

    def set_pointed(self, pitch: int | None) -> None:
        self.pointed_pitch = pitch
        self.pointed_changed.emit()

    def set_loop(self, loop: tuple[int, int] | None) -> None:
        if loop != self.loop:
            self.loop = loop
            self.overlay_changed.emit()

    def set_playhead(self, tick: float) -> None:
        if tick != self.playhead_tick:
            old, self.playhead_tick = self.playhead_tick, tick
            self.playhead_moved.emit(old, tick)

    def set_offer(self, offer: Offer | None) -> None:
        self.offer = offer
        self.overlay_changed.emit()

    def set_motifs(self, motifs: tuple[MotifLine, ...]) -> None:
        """Lines between bars of the phrase and bars of the take that is heard."""
        if motifs != self.motifs:
            self.motifs = motifs
            self.overlay_changed.emit()

    def set_difference(self, gone: Notes, new: Notes) -> None:
        """What the edited track has otherwise than a version: notes that went, and those that are new or changed."""
        if len(gone) or len(new) or len(self.gone) or len(self.new):
            self.gone, self.new = gone, new
            self.overlay_changed.emit()

    def set_origins_shown(self, *, is_shown: bool) -> None:
        """Whether bars that takes were kept in are marked in the ruler."""
        self.shows_origins = is_shown
        self.overlay_changed.emit()

    @property
    def origin_spans(self) -> tuple[tuple[int, int], ...]:
        """The bars of the edited track that are marked so."""
        origins = self.document.track.origins if self.shows_origins else ()
        return tuple((own.from_tick, own.to_tick) for own in origins)

    def append_ghost(self, note: Note, *, is_chosen: bool) -> None:
        """Adds a note that has just been composed, to the lit take or to the dimmed ones."""
        if self.offer is None:
            self.set_offer(Offer(Notes.of(), (), note.start_tick, note.end_tick))
        offer, ghost = self.offer, Notes.of([note])
        assert offer is not None
        if is_chosen:
            self.offer = replace(offer, chosen=offer.chosen.plus(ghost))
        else:
            dimmed = (*offer.others, Notes.of())[0].plus(ghost)
            self.offer = replace(offer, others=(dimmed, *offer.others[1:]))
        self.ghost_appended.emit(note)

    def _on_document_change(self, change: DocumentChange) -> None:
        if change.kind in ("saved", "pages"):
            return
        self.cancel_drag()  # its base is gone
        if change.kind == "opened":
            self.edit_cursor_tick = 0
            self.new_note = replace(self.new_note, duration_ticks=max(1, self.document.song.ticks_per_beat // 2))
            self.opened.emit()
        song = self.document.song
        ruled = song.ticks_per_beat, song.tempo_changes, song.meter_changes, song.key_changes
        if ruled != self._ruled or change.kind == "opened":
            self._ruled = ruled
            self.ground_changed.emit()
        self.notes_changed.emit()
