"""The exchanges of call and response, as they go into the song: each is one step, in the track of the call."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from musicassist.document.edits import insert_notes, replace_span
from musicassist.document.track_place import TrackPlace
from musicassist.score.song import Notes
from musicassist.session import Session

STEP = "Call and response"
SAME_BEATS = 0.25  # a key that is recorded, too, lies so near in both
_TRACK_IS_GONE = "The track was removed. Call and response goes on in a new one, {track}."


@dataclass(frozen=True)
class Exchange:
    """A call, and the answer as far as it sounded.

    Attributes:
        call, answer: The notes; an answer that did not begin has none.
        answer_span: From where to where the answer stands, in ticks.
    """

    call: Notes
    answer: Notes
    answer_span: tuple[int, int]


class Exchanges:
    """Has the last one that was heard and not written. Main thread only."""

    def __init__(self, session: Session, place: TrackPlace) -> None:
        self._session = session
        self._place = place
        self._last: Exchange | None = None

    def forget(self) -> None:
        """There is none that could be written."""
        self._last = None

    def end(self, exchange: Exchange, *, is_kept: bool) -> None:
        """One is over, and is written or only heard. A call that was broken off displaces no exchange with an answer.

        What of the call is in the track already, or will be since it is recorded, is left out.
        """
        exchange = replace(exchange, call=self._unwritten(exchange.call))
        if is_kept:
            self._write(exchange)
        elif len(exchange.answer):
            self._last = exchange

    def keep_last(self) -> bool:
        """Writes the one that was heard last; False if there is none that is not written."""
        exchange, self._last = self._last, None
        if exchange is not None:
            self._write(exchange)
        return exchange is not None

    def _write(self, exchange: Exchange) -> None:
        if not len(exchange.call) + len(exchange.answer):
            return
        is_gone, document = self._place.index is None, self._session.document
        song, index = self._place.song_with_it()
        song = insert_notes(song, index, exchange.call).song
        if len(exchange.answer):
            song = replace_span(song, index, *exchange.answer_span, exchange.answer).song
        document.apply(STEP, song, selected_track=index if is_gone else document.selected_track)
        self._place.follow(index)
        if is_gone:
            self._session.tell(_TRACK_IS_GONE, track=song.tracks[index].name)

    def _unwritten(self, call: Notes) -> Notes:
        song, index = self._place.song_with_it()
        there = song.tracks[index].notes.plus(self._session.recorded_notes())
        near = np.abs(call.start_tick[:, None] - there.start_tick[None]) < song.ticks_per_beat * SAME_BEATS
        return call.where(~(near & (call.pitch[:, None] == there.pitch[None])).any(axis=1))
