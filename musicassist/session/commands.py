"""What a user does to notes, tracks, tempo, meter and key: each method is one named step, or presses that are one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import numpy as np

from musicassist.document import edits, song_edits
from musicassist.document.document import Document
from musicassist.document.edits import EditResult
from musicassist.document.history import State
from musicassist.document.instruments import leave_shared_channel, on_free_wire
from musicassist.errors import QT_TRANSLATE_NOOP
from musicassist.score.chord_track import is_only_of_chords
from musicassist.score.grid import Grid
from musicassist.score.keys import key_at
from musicassist.score.meant_times import meant_span
from musicassist.score.midi_bytes import DRUM_CHANNEL
from musicassist.score.scale_steps import limit_scale_steps
from musicassist.score.song import Mask, Notes, Song, Track
from musicassist.score.theory import Key
from musicassist.session.clipboard import Clipboard

_Edit = Callable[..., EditResult]
_Where = tuple[Song, int, Mask]  # the song, its track and the rows that an edit is of


class NoteCommands:
    """Commands on the selection of the selected track. Main thread only.

    Attributes:
        grid: The grid in use.
        clipboard: What was cut or copied last; None at first.
    """

    def __init__(
        self, document: Document, on_change: Callable[[Literal["grid", "clipboard"]], None] = lambda _kind: None
    ) -> None:
        """Edits ``document``; ``on_change`` is called when another grid is in use, or something can be pasted."""
        self.grid = Grid()
        self.clipboard: Clipboard | None = None
        self._document = document
        self._on_change = on_change
        self._total: tuple[int | float, ...] = ()  # how far the presses that merged have come

    # The grid and the selection.

    @property
    def grid_ticks(self) -> float:
        """One step of the grid in the song's ticks."""
        return self.grid.ticks(self._document.song.ticks_per_beat)

    def set_grid(self, grid: Grid) -> None:
        """Uses another grid."""
        if grid != self.grid:
            self.grid = grid
            self._on_change("grid")

    @property
    def has_selection(self) -> bool:
        """Whether any note is selected."""
        return bool(self._document.selection.any())

    def selected_span(self) -> tuple[int, int] | None:
        """From the first start to the last end of the selected notes as they are meant; None if none is selected."""
        return meant_span(self._document.track.notes, self._document.selection, self._document.song.time_map)

    def select_all(self) -> None:
        """Selects every note of the track."""
        self._document.select(np.ones(len(self._document.track.notes), dtype=np.bool_))

    def select_none(self) -> None:
        """Selects nothing."""
        self._document.select(np.zeros(len(self._document.track.notes), dtype=np.bool_))

    def select_next(self) -> None:
        """Selects the one note after the selection; the first if none is selected."""
        self._select_row(int(np.flatnonzero(self._document.selection)[-1]) + 1 if self.has_selection else 0)

    def select_previous(self) -> None:
        """Selects the one note before the selection; the last if none is selected."""
        first = len(self._document.selection) if not self.has_selection else int(self._document.selection.argmax())
        self._select_row(first - 1)

    def _select_row(self, row: int) -> None:
        if 0 <= row < len(self._document.selection):
            self._document.select(np.arange(len(self._document.selection)) == row)

    # Moving, lengthening, loudness: presses that repeat.

    def transpose(self, semitones: int) -> None:
        """Moves the notes in pitch."""
        self._move("Transpose", "transpose", 0, semitones)

    def transpose_in_scale(self, steps: int, key: Key) -> None:
        """Moves the notes by steps of a scale."""

        def edit(where: _Where, notes: Notes, total: int) -> tuple[EditResult, tuple[int, ...]]:
            limited = limit_scale_steps(notes, total, key)
            return edits.transpose_in_scale(*where, limited, key), (limited,)

        self._repeat("Transpose in scale", ("transpose in scale", key), (steps,), edit)

    def nudge(self, grid_steps: int) -> None:
        """Moves the notes in time by steps of the grid."""
        self._move("Move notes", "nudge", grid_steps * self.grid_ticks, 0)

    def nudge_ticks(self, ticks: int) -> None:
        """Moves the notes in time by ticks."""
        self._move("Move notes", "nudge", ticks, 0)

    def _move(self, name: str, merge_key: str, ticks: float, semitones: int) -> None:
        def edit(where: _Where, notes: Notes, ticks: float, semitones: int) -> tuple[EditResult, tuple[float, ...]]:
            limited, semitones = edits.limit_move(notes, round(ticks), semitones)
            result = edits.move_notes(*where, limited, semitones)
            return result, (ticks if limited == round(ticks) else limited, semitones)

        self._repeat(name, merge_key, (ticks, semitones), edit)

    def lengthen(self, grid_steps: int) -> None:
        """Moves the ends of the notes by steps of the grid; less than 0 shortens, to a tick at the least."""

        def edit(where: _Where, notes: Notes, ticks: float) -> tuple[EditResult, tuple[float, ...]]:
            _, limited = edits.limit_resize(notes, 0, round(ticks))
            return edits.resize_notes(*where, 0, limited), (ticks if limited == round(ticks) else limited,)

        self._repeat("Change length", "lengthen", (grid_steps * self.grid_ticks,), edit)

    def _repeat(
        self,
        name: str,
        merge_key: str | tuple[str, Key],
        amounts: tuple[int | float, ...],
        edit: Callable[..., tuple[EditResult, tuple[int | float, ...]]],
    ) -> None:
        """Applies an edit whose presses merge, computed from before the first press.

        So notes that were only passed over are not cut. ``edit`` returns how far it could really go.
        """
        if not self.has_selection:
            return
        document = self._document
        base = document.merge_base(merge_key)
        if base is not None:
            amounts = tuple(total + amount for total, amount in zip(self._total, amounts, strict=True))
        state = base or State(document.song, document.selected_track, document.selection)
        notes = state.song.tracks[state.selected_track].notes.where(state.selection)
        result, self._total = edit((state.song, state.selected_track, state.selection), notes, *amounts)
        document.apply(name, result, merge_key=merge_key)

    def change_velocity(self, delta: int) -> None:
        """Makes the notes louder or softer."""
        self._apply(QT_TRANSLATE_NOOP("Steps", "Change velocity"), edits.change_velocity, delta, merge_key="velocity")

    # Everything else is one step each time.

    def insert(self, notes: Notes, name: str = "Draw note") -> None:
        """Adds notes; they are selected."""
        self._apply(name, lambda song, track, _mask: edits.insert_notes(song, track, notes))

    def delete(self) -> None:
        """Takes the notes away."""
        self._apply(QT_TRANSLATE_NOOP("Steps", "Delete notes"), edits.delete_notes)

    def duplicate(self) -> None:
        """Puts copies right after the selection."""
        self._apply(QT_TRANSLATE_NOOP("Steps", "Duplicate notes"), edits.duplicate_notes, self.grid_ticks)

    @property
    def can_paste(self) -> bool:
        """Whether anything was cut or copied."""
        return self.clipboard is not None

    def copy(self) -> None:
        """Keeps the notes for pasting."""
        if self.has_selection:
            self.clipboard = Clipboard.of(self._document.song, self._document.selected_track, self._document.selection)
            self._on_change("clipboard")

    def cut(self) -> None:
        """Keeps the notes for pasting and takes them away."""
        self.copy()
        self._apply(QT_TRANSLATE_NOOP("Steps", "Cut notes"), edits.delete_notes)

    def paste(self, at_tick: float) -> None:
        """Adds the notes kept, with their beat at the grid line nearest to ``at_tick``."""
        if self.clipboard is not None:
            time_map = self._document.song.time_map
            place = self.grid.snap(time_map, at_tick), time_map.ticks_per_beat
            notes, origins = self.clipboard.notes_at(*place), self.clipboard.origins_at(*place)
            self._apply(
                QT_TRANSLATE_NOOP("Steps", "Paste notes"),
                lambda song, track, _mask: edits.insert_notes(song, track, notes, origins),
            )

    def quantise(self, strength_share: float = 1.0, swing_share: float = 0.0) -> None:
        """Pulls the starts to the grid; those of the whole track if nothing is selected, which stays so."""
        document, has_selection = self._document, self.has_selection
        result = edits.quantise_notes(
            document.song,
            document.selected_track,
            document.selection if has_selection else np.ones_like(document.selection),
            self.grid_ticks,
            strength_share=strength_share,
            swing_share=swing_share,
        )
        selection = result.selection if has_selection else np.zeros_like(result.selection)
        document.apply(QT_TRANSLATE_NOOP("Steps", "Quantise"), EditResult(result.song, selection))

    def split(self, at_tick: float) -> None:
        """Cuts the selected notes at a place; with none selected, whatever sounds there."""
        tick = self.grid.snap(self._document.song.time_map, at_tick)
        notes = self._document.track.notes
        mask = self._document.selection if self.has_selection else (notes.start_tick < tick) & (notes.end_tick > tick)
        self._apply_to("Split notes", mask, edits.split_notes, tick)

    def join(self) -> None:
        """Makes one note of the selected notes of each pitch."""
        self._apply(QT_TRANSLATE_NOOP("Steps", "Join notes"), edits.join_notes)

    def legato(self) -> None:
        """Lets each note last until the next."""
        self._apply(QT_TRANSLATE_NOOP("Steps", "Legato"), edits.legato)

    def staccato(self) -> None:
        """Halves the lengths."""
        self._apply(QT_TRANSLATE_NOOP("Steps", "Staccato"), edits.staccato)

    def _apply(self, name: str, edit: _Edit, *values: object, merge_key: str | None = None) -> None:
        self._apply_to(name, self._document.selection, edit, *values, merge_key=merge_key)

    def _apply_to(self, name: str, mask: Mask, edit: _Edit, *values: object, merge_key: str | None = None) -> None:
        result = edit(self._document.song, self._document.selected_track, mask, *values)
        self._document.apply(name, result, merge_key=merge_key)


class TrackCommands:
    """Commands on the tracks of a document. Main thread only."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def add(self, name: str = "", program: int = 0, *, is_drums: bool = False) -> None:
        """Adds a track at the end, on a channel of its own where one is free, and selects it."""
        song = self._document.song
        track = Track(name or f"Track {len(song.tracks) + 1}", channel=DRUM_CHANNEL, program=program)
        if not is_drums:
            track = on_free_wire(song, replace(track, channel=0))
        self._document.apply(
            QT_TRANSLATE_NOOP("Steps", "Add track"), song_edits.add_track(song, track), selected_track=len(song.tracks)
        )

    def remove(self, index: int) -> None:
        """Takes a track away; the selected one stays selected if it is another."""
        selected = self._document.selected_track
        song = song_edits.remove_track(self._document.song, index)
        self._document.apply(
            QT_TRANSLATE_NOOP("Steps", "Remove track"),
            song,
            selected_track=selected - 1 if index < selected else selected,
        )

    def move(self, index: int, to_index: int) -> None:
        """Puts a track to another place and selects it."""
        song = song_edits.move_track(self._document.song, index, to_index)
        self._document.apply(QT_TRANSLATE_NOOP("Steps", "Move track"), song, selected_track=to_index)

    def rename(self, index: int, name: str) -> None:
        """Gives a track another name."""
        self._document.apply(
            QT_TRANSLATE_NOOP("Steps", "Rename track"), song_edits.rename_track(self._document.song, index, name)
        )

    def set_program(self, index: int, program: int) -> None:
        """Gives a track another General MIDI instrument, 0..127; one that shares its channel leaves it for that."""
        result = song_edits.set_program(leave_shared_channel(self._document.song, index), index, program)
        self._document.apply(QT_TRANSLATE_NOOP("Steps", "Change instrument"), result, merge_key=("program", index))

    def set_output_port(self, index: int, port: str | None) -> None:
        """Plays a track through a MIDI port of its own; None plays it with the song."""
        self._document.apply(
            QT_TRANSLATE_NOOP("Steps", "Change output"), song_edits.set_output_port(self._document.song, index, port)
        )

    def set_muted(self, index: int, *, muted: bool) -> None:
        """Silences a track or not."""
        self._document.apply(
            QT_TRANSLATE_NOOP("Steps", "Mute track"),
            song_edits.set_track_flags(self._document.song, index, muted=muted),
        )

    def set_soloed(self, index: int, *, soloed: bool) -> None:
        """Lets only soloed tracks sound, or not."""
        self._document.apply(
            QT_TRANSLATE_NOOP("Steps", "Solo track"),
            song_edits.set_track_flags(self._document.song, index, soloed=soloed),
        )

    def toggle_mute(self) -> None:
        """Mutes the selected track, or lets it sound again."""
        self.set_muted(self._document.selected_track, muted=not self._document.track.muted)

    def toggle_solo(self) -> None:
        """Soloes the selected track, or not."""
        self.set_soloed(self._document.selected_track, soloed=not self._document.track.soloed)

    def select(self, index: int) -> None:
        """Selects a track."""
        self._document.select_track(index)

    def select_next(self) -> None:
        """Selects the track after the selected one, if there is one."""
        self._select_from(range(self._document.selected_track + 1, len(self._document.song.tracks)))

    def select_previous(self) -> None:
        """Selects the track before the selected one, if there is one."""
        self._select_from(range(self._document.selected_track - 1, -1, -1))

    def _select_from(self, indexes: range) -> None:
        """Selects the first of some tracks that is more than the chords' names."""
        tracks = self._document.song.tracks
        found = next((index for index in indexes if not is_only_of_chords(tracks[index])), None)
        if found is not None:
            self._document.select_track(found)


class SongCommands:
    """Commands on tempo, meter and key of a document. Main thread only."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def key(self, tick: int = 0) -> Key | None:
        """The key at ``tick``, as the song says; None if it does not, or if its notes contradict it."""
        found = key_at(self._document.song, tick)
        return found.key if found.is_stated else None

    def set_tempo(self, tempo_bpm: float, tick: int = 0) -> None:
        """Changes the tempo from ``tick`` on; turning a dial is one step."""
        result = song_edits.set_tempo(self._document.song, tick, tempo_bpm)
        self._document.apply(QT_TRANSLATE_NOOP("Steps", "Change tempo"), result, merge_key=("tempo", tick))

    def set_meter(self, numerator: int, denominator: int, tick: int = 0) -> None:
        """Changes the time signature from the bar line at or before ``tick`` on."""
        time_map = self._document.song.time_map
        bar_tick = time_map.bar_start_tick(time_map.bar_at(tick))
        result = song_edits.set_meter(self._document.song, bar_tick, numerator, denominator)
        self._document.apply(QT_TRANSLATE_NOOP("Steps", "Change time signature"), result, merge_key=("meter", bar_tick))

    def begin_bar_one(self, tick: int) -> None:
        """Lets bar 1 begin at ``tick``; what stands before it is a pickup.

        Raises:
            MusicAssistError: A pickup cannot be so long.
        """
        self._document.apply(
            QT_TRANSLATE_NOOP("Steps", "Begin bar 1"), song_edits.begin_bar_one(self._document.song, tick)
        )

    def set_key(self, key: Key | None, tick: int = 0) -> None:
        """Changes the key from ``tick`` on; None takes the change away."""
        result = song_edits.set_key(self._document.song, tick, key)
        self._document.apply(QT_TRANSLATE_NOOP("Steps", "Change key"), result, merge_key=("key", tick))
