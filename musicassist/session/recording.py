"""A recording that runs: how it was begun, where it goes, and what of it is heard before it ends."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np

from musicassist.document.edits import EditResult
from musicassist.document.track_place import TrackPlace
from musicassist.score.song import Mask, Notes, Song
from musicassist.session.recorder import Recorder, Round, write_rounds
from musicassist.session.transport import Transport
from musicassist.sound.messages import MidiReceived

HEARD_AHEAD_SECONDS = 0.5  # LIMIT: a busy window, and an engine that plays 0.2 s ahead of what is heard


@dataclass(frozen=True)
class RecordingWay:
    """How the user wants to record.

    Attributes:
        count_in_bars: How many bars click before it begins, 0..2.
        is_replacing: Whether what stood in the recorded span goes, in a loop with each round anew; else all stays.
    """

    count_in_bars: int = 0
    is_replacing: bool = False


class Recording:
    """One recording, from the playhead on. Main thread only.

    A round of a loop is heard in the next ones, written into the song as it will be at the end. The engine gets it a
    moment before its end, for what is written later than the loop goes round misses its first notes; and once more
    when it is over.
    """

    def __init__(self, place: TrackPlace, transport: Transport, way: RecordingWay, since_seconds: float) -> None:
        """Begins.

        Args:
            place: The track that it goes into.
            transport: Where the playhead is.
            way: How it is recorded.
            since_seconds: When, on the clock of what is received.
        """
        self.since_seconds = since_seconds
        self._place = place
        self._transport = transport
        self._way = way
        self._recorder = Recorder(
            self._song,
            round(transport.position_tick()) if transport.is_playing else transport.next_start_tick(),
            is_counted_in=way.count_in_bars > 0,
            is_replacing=way.is_replacing,
            loop=lambda: transport.active_loop,
        )
        song, index = place.song_with_it()
        self._stood = self._compared = song.tracks[index].notes
        self._has_stood_mask = np.ones(len(self._stood), dtype=np.bool_)
        self._is_round_ending = False
        self._round_count = 1

    def receive(self, event: MidiReceived) -> None:
        """Takes in what the keyboard sent."""
        self._recorder.pass_to(self._transport.position_tick())
        self._recorder.receive(event)

    def lose_keys(self) -> None:
        """Keys that are down go up now."""
        self._recorder.lose_keys(self._transport.position_tick())

    def jump_to(self, tick: int) -> None:
        """The playhead is about to be put elsewhere, or, if nothing plays yet, where recording begins."""
        if self._transport.is_playing:
            self._recorder.pass_to(self._transport.position_tick())
        self._recorder.jump_to(tick)

    @property
    def beats_to_wait(self) -> int:
        """How many clicks of the count-in are still to come, the one that sounds included; 0 while recording."""
        if self._way.count_in_bars == 0:
            return 0
        beat_ticks = self._song.time_map.pulse_ticks_at(self._transport.position_tick())
        return ceil(self._transport.waiting_ticks() / beat_ticks)

    def notes(self) -> Notes:
        """What was recorded so far, held notes up to the playhead."""
        return self._recorder.notes(self._transport.position_tick())

    def beat(self) -> bool:
        """Looks where the playhead is; call it for each frame. Whether the song sounds otherwise from now on."""
        tick = self._transport.position_tick()
        self._recorder.pass_to(tick)
        before = self._round_count, self._is_round_ending
        self._round_count, self._is_round_ending = len(self._recorder.rounds), self._is_ending_at(tick)
        is_new = before != (self._round_count, self._is_round_ending)
        return is_new and any(round_.is_played for round_ in self._rounds_over[-2:])  # keys may come in a little late

    def song_with_rounds(self) -> Song:
        """The song as it sounds now: with the rounds that are over, or nearly so."""
        return self._written(self._rounds_over).song

    def written(self) -> tuple[EditResult, int]:
        """The song with what was recorded, which is selected, and the track; what is held ends at the playhead."""
        self._recorder.pass_to(self._transport.position_tick())
        return self._written(self._recorder.rounds), self._place.song_with_it()[1]

    @property
    def _rounds_over(self) -> tuple[Round, ...]:
        rounds = self._recorder.rounds
        return rounds if self._is_round_ending else rounds[:-1]

    @property
    def _song(self) -> Song:
        return self._place.song_with_it()[0]

    def _written(self, rounds: tuple[Round, ...]) -> EditResult:
        """The song with rounds; answers, takes and edits that came into it meanwhile are not replaced by them."""
        song, index = self._place.song_with_it()
        track = song.tracks[index]
        if not self._way.is_replacing or track.notes is self._stood:
            return write_rounds(song, index, rounds, is_replacing=self._way.is_replacing)
        is_old = self._has_stood(track.notes)
        song = song.with_track(index, track.with_notes(track.notes.where(is_old)))
        return write_rounds(song, index, rounds, is_replacing=True, beside=track.notes.where(~is_old))

    def _has_stood(self, notes: Notes) -> Mask:
        """Mask of the notes that the track had when recording began; found once for each edit."""
        if notes is not self._compared:
            self._compared, self._has_stood_mask = notes, notes.among(self._stood)
        return self._has_stood_mask

    def _is_ending_at(self, tick: float) -> bool:
        """Whether the loop is about to go round."""
        loop, time_map = self._transport.active_loop, self._song.time_map
        if loop is None or not loop[0] <= tick < loop[1]:
            return False
        return time_map.tick_to_seconds(loop[1]) - time_map.tick_to_seconds(tick) < HEARD_AHEAD_SECONDS
