"""What a user does to tracks, tempo, meter and key: each method is one named step of undo."""

from __future__ import annotations

from dataclasses import replace

from musicassist.document import song_edits
from musicassist.document.document import Document
from musicassist.document.instruments import leave_shared_channel, on_free_wire
from musicassist.score.keys import key_at
from musicassist.score.song import DRUM_CHANNEL, Track
from musicassist.score.theory import Key


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
        self._document.apply("Add track", song_edits.add_track(song, track), selected_track=len(song.tracks))

    def remove(self, index: int) -> None:
        """Takes a track away; the selected one stays selected if it is another."""
        selected = self._document.selected_track
        song = song_edits.remove_track(self._document.song, index)
        self._document.apply("Remove track", song, selected_track=selected - 1 if index < selected else selected)

    def move(self, index: int, to_index: int) -> None:
        """Puts a track to another place and selects it."""
        song = song_edits.move_track(self._document.song, index, to_index)
        self._document.apply("Move track", song, selected_track=to_index)

    def rename(self, index: int, name: str) -> None:
        """Gives a track another name."""
        self._document.apply("Rename track", song_edits.rename_track(self._document.song, index, name))

    def set_program(self, index: int, program: int) -> None:
        """Gives a track another General MIDI instrument, 0..127; one that shares its channel leaves it for that."""
        result = song_edits.set_program(leave_shared_channel(self._document.song, index), index, program)
        self._document.apply("Change instrument", result, merge_key=("program", index))

    def set_output_port(self, index: int, port: str | None) -> None:
        """Plays a track through a MIDI port of its own; None plays it with the song."""
        self._document.apply("Change output", song_edits.set_output_port(self._document.song, index, port))

    def set_muted(self, index: int, *, muted: bool) -> None:
        """Silences a track or not."""
        self._document.apply("Mute track", song_edits.set_track_flags(self._document.song, index, muted=muted))

    def set_soloed(self, index: int, *, soloed: bool) -> None:
        """Lets only soloed tracks sound, or not."""
        self._document.apply("Solo track", song_edits.set_track_flags(self._document.song, index, soloed=soloed))

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
        self._document.select_track(min(self._document.selected_track + 1, len(self._document.song.tracks) - 1))

    def select_previous(self) -> None:
        """Selects the track before the selected one, if there is one."""
        self._document.select_track(max(self._document.selected_track - 1, 0))


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
        self._document.apply("Change tempo", result, merge_key=("tempo", tick))

    def set_meter(self, numerator: int, denominator: int, tick: int = 0) -> None:
        """Changes the time signature from the bar line at or before ``tick`` on."""
        time_map = self._document.song.time_map
        bar_tick = time_map.bar_start_tick(time_map.bar_at(tick))
        result = song_edits.set_meter(self._document.song, bar_tick, numerator, denominator)
        self._document.apply("Change time signature", result, merge_key=("meter", bar_tick))

    def begin_bar_one(self, tick: int) -> None:
        """Lets bar 1 begin at ``tick``; what stands before it is a pickup.

        Raises:
            MusicAssistError: A pickup cannot be so long.
        """
        self._document.apply("Begin bar 1", song_edits.begin_bar_one(self._document.song, tick))

    def set_key(self, key: Key | None, tick: int = 0) -> None:
        """Changes the key from ``tick`` on; None takes the change away."""
        result = song_edits.set_key(self._document.song, tick, key)
        self._document.apply("Change key", result, merge_key=("key", tick))
