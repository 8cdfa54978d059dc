"""A recording that runs: how it was begun, and where it goes."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from musicassist.document.edits import EditResult
from musicassist.document.track_place import TrackPlace
from musicassist.score.song import Notes, Song
from musicassist.sound.messages import MidiReceived
from musicassist.sound.recorder import Recorder
from musicassist.sound.rounds import write_rounds
from musicassist.sound.transport import Transport


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
    """One recording, from the playhead on. Main thread only."""

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
            transport.next_start_tick(),
            is_counted_in=way.count_in_bars > 0,
            is_replacing=way.is_replacing,
            loop=lambda: transport.active_loop,
        )

    def receive(self, event: MidiReceived) -> None:
        """Takes in what the keyboard sent."""
        self._recorder.receive(event)

    @property
    def beats_to_wait(self) -> int:
        """How many clicks of the count-in are still to come, the one that sounds included; 0 while recording."""
        if self._way.count_in_bars == 0:
            return 0
        song, tick = self._song, self._transport.position_tick()
        beat_ticks = song.ticks_per_beat * 4 / song.time_map.meter_at(tick).denominator
        return ceil(self._transport.waiting_ticks() / beat_ticks)

    def notes(self) -> Notes:
        """What was recorded so far, held notes up to the playhead."""
        return self._recorder.notes(self._transport.position_tick())

    def finish(self) -> tuple[EditResult, int]:
        """The song with what was recorded, which is selected, and the track; what is held ends at the playhead."""
        self._recorder.pass_to(self._transport.position_tick())
        song, index = self._place.song_with_it()
        return write_rounds(song, index, self._recorder.rounds, is_replacing=self._way.is_replacing), index

    @property
    def _song(self) -> Song:
        return self._place.song_with_it()[0]
