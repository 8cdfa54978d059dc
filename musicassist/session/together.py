"""All ways to play with the assistant in one session; and the first of them: continue and listen.

A take is heard while it is composed, and playing never runs out of music.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from musicassist.composing.span import request_amends
from musicassist.document.document import DocumentChange
from musicassist.errors import QT_TRANSLATE_NOOP, MusicAssistError
from musicassist.score.seam import NO_AMENDS
from musicassist.score.song import Notes
from musicassist.score.timing import TimeMap
from musicassist.session.call_response import CallResponse
from musicassist.session.duet import Duet
from musicassist.session.offers import CONTINUE, Generator
from musicassist.session.session import Session, SessionChange

CAUTION = 1.5  # LIMIT: composing may become slower by half while it is heard
_IS_LISTENING = QT_TRANSLATE_NOOP("Session", "Call and response is off: a continuation is composed and heard.")
KEPT = QT_TRANSLATE_NOOP("Session", "What you heard is yours. {undo} takes it back.")


def known_bar_line(time_map: TimeMap, notes: Notes, span: tuple[int, int]) -> int:
    """The last bar line before which every note of the take is there; where the take begins if it is not yet a bar.

    Notes come in the order of their starts, so all that starts before the newest one is known.

    Args:
        time_map: Bars of the song.
        notes: The notes that have come, each as it stays.
        span: First tick of the take, and the bar line on which it ends.
    """
    if not len(notes):
        return span[0]
    newest_tick = int(notes.start_tick[-1])
    bar_line = time_map.bar_start_tick(time_map.bar_at(newest_tick))
    return min(span[1], max(span[0], bar_line))


def vamp(time_map: TimeMap, from_tick: int) -> tuple[int, int] | None:
    """The last whole bar before a take, which can be repeated until the take may begin; None if there is none."""
    bar = time_map.bar_at(from_tick)
    return (time_map.bar_start_tick(bar - 1), time_map.bar_start_tick(bar)) if bar > 0 else None


def is_enough(time_map: TimeMap, span: tuple[int, int], known_tick: int, spent_seconds: float, start_tick: int) -> bool:
    """Whether playing may begin at ``start_tick`` now and will still find each bar made when it comes there.

    Both move on evenly, so it is enough that a whole bar is made now, and that all is made when the last one begins.

    Args:
        time_map: Bars and tempo of the song.
        span: What the take fills.
        known_tick: The bar line up to which it is known.
        spent_seconds: How long composing took so far.
        start_tick: Where playing would begin.
    """
    if known_tick >= span[1]:
        return True
    if known_tick <= time_map.bar_line_at_or_after(span[0]):
        return False
    start, first, known, end = (time_map.tick_to_seconds(tick) for tick in (start_tick, span[0], known_tick, span[1]))
    last_bar_seconds = time_map.tick_to_seconds(time_map.bar_start_tick(time_map.bar_at(span[1] - 1)))
    left_to_compose_seconds = spent_seconds * (end - known) / (known - first)
    return left_to_compose_seconds * CAUTION <= last_bar_seconds - start


class PlayAhead:
    """One take that is composed and heard at the same time. Main thread only; nothing here waits.

    What repeats while it is heard ends at the last bar that is made. So the sound engine itself goes round before a
    bar that is not there yet, even if the window is late; ``late_bars`` counts how often that happened.

    Stopping keeps what was heard and lets the rest go: the keys are the editor's again, and another press goes on from
    what was kept. Keeping and dismissing the take work as ever.

    Attributes:
        is_live: Whether a take is heard, or will be, while it is composed.
        late_bars: How often playing came to a bar that was not made yet.
    """

    def __init__(self, session: Session, now_seconds: Callable[[], float] = time.monotonic) -> None:
        self.is_live = False
        self.late_bars = 0
        self._session = session
        self._document = session.document
        self._takes = session.takes
        self._transport = session.transport
        self._now_seconds = now_seconds
        self._asked_seconds = 0.0
        self._first_seconds: float | None = None
        self._known_tick = 0
        self._heard_tick = 0.0
        self._last_tick = 0.0
        self._has_begun = False
        session.subscribe(self._on_session_changed)
        session.document.subscribe(self._on_document_changed)

    def toggle(self) -> None:
        """Asks for a take and plays it as soon as its first bars are there; while one is heard, stops.

        Raises:
            SeedError: There is nothing to continue, in words.
        """
        if self.is_live and self._has_begun:
            self._transport.stop()
            return
        self._takes.dismiss()
        self.is_live, self._has_begun, self._known_tick, self._heard_tick = True, False, 0, 0.0
        self._asked_seconds, self._first_seconds = self._now_seconds(), None
        try:
            self._takes.ask(CONTINUE, takes=1)
        except MusicAssistError:
            self.is_live = False
            raise
        self._hold_before_take()

    def on_frame(self) -> None:
        """Notes how far it was heard; call it for each frame."""
        if not (self.is_live and self._has_begun and self._transport.is_playing):
            return
        tick = self._transport.position_tick()
        beat_ticks = self._document.song.ticks_per_beat  # less is a rounded tick, not another round
        if tick < self._last_tick - beat_ticks and self._takes.phase == "generating":
            self.late_bars += 1
        self._last_tick = tick
        self._heard_tick = max(self._heard_tick, tick)

    def _hold_before_take(self) -> None:
        """A song that plays repeats the bar before the take until that may begin."""
        span = self._takes.span
        if span is None or not self._transport.is_playing:
            return
        held = vamp(self._document.song.time_map, span[0])
        if held is not None and self._transport.position_tick() < held[1]:
            self._transport.lend_loop(*held)

    def _on_session_changed(self, change: SessionChange) -> None:
        if not self.is_live:
            return
        if change.kind in ("takes", "ghost"):
            if self._takes.phase == "idle":  # the take is kept or gone
                self.is_live = False
                self._session.sound.clear_audition()
                self._transport.give_loop_back()
            elif self._takes.phase != "waiting":
                self._follow()
        elif change.kind == "transport" and self._has_begun and not self._transport.is_playing:
            self._keep_heard()

    def _on_document_changed(self, change: DocumentChange) -> None:
        """Its track may be elsewhere now, or have new notes."""
        span = self._takes.span
        if change.kind == "song" and self.is_live and self._has_begun and span is not None:
            self._sound(span)

    def _follow(self) -> None:
        """Lets each bar be heard as soon as it is made."""
        span = self._takes.span
        assert span is not None
        time_map = self._document.song.time_map
        is_made = self._takes.phase == "offered"
        if self._first_seconds is None and len(self._takes.ghosts(1)):
            self._first_seconds = self._now_seconds()
        known_tick = span[1] if is_made else known_bar_line(time_map, self._takes.ghosts(1), span)
        if known_tick <= max(self._known_tick, span[0]):
            return
        self._known_tick = known_tick
        if self._has_begun:
            self._sound(span)
            self._transport.lend_loop(*self._known_span(span))
            return
        start_tick = self._start_tick(span)
        # The known bars took as long as since the first note. Reading the phrase comes before, and takes as long as a
        # bar; notes that come at once say little.
        now = self._now_seconds()
        spent_seconds = max(now - (self._first_seconds or now), (now - self._asked_seconds) / 2)
        if is_enough(time_map, span, known_tick, spent_seconds, start_tick):
            self._sound(span)
            self._begin(span, start_tick)

    def _sound(self, span: tuple[int, int]) -> None:
        """As it will be kept: with what was written in its place meanwhile, as by recording."""
        notes, written, request = self._takes.ghosts(1), self._takes.written_meanwhile(), self._takes.request
        whole, amends = notes.plus(written.where(~written.among(notes))), NO_AMENDS
        if request is not None:
            amends = request_amends(request, notes)
        self._session.sound.audition(whole, self._takes.track_index, *span, amends=amends)

    def _known_span(self, span: tuple[int, int]) -> tuple[int, int]:
        """What is repeated: the bar before the take, and what is made of it."""
        return self._document.song.time_map.bar_line_before(span[0]), self._known_tick

    def _start_tick(self, span: tuple[int, int]) -> int:
        """Where it begins: at the playhead if that leads into the take, else a bar before the take."""
        time_map = self._document.song.time_map
        tick, lead_in = round(self._transport.position_tick()), time_map.bar_line_before(span[0])
        is_near = self._transport.is_playing or tick >= lead_in
        return tick if is_near and tick <= time_map.bar_line_at_or_after(span[0]) else lead_in

    def _begin(self, span: tuple[int, int], start_tick: int) -> None:
        """A song that is on its way into the take goes on as it is."""
        line_tick = self._document.song.time_map.bar_line_at_or_after(span[0])
        if self._transport.is_playing and self._transport.position_tick() <= line_tick:
            self._transport.lend_loop(*self._known_span(span))
        else:
            self._transport.play_lent_loop(*self._known_span(span), start_tick)
        self._last_tick, self._has_begun = start_tick, True

    def _keep_heard(self) -> None:
        """The sound was stopped: what sounded stays in the song."""
        span = self._takes.span
        assert span is not None
        tick = self._transport.position_tick()
        heard_tick = max(self._heard_tick, tick if tick <= self._known_tick else 0.0)
        if self._takes.keep_until(round(heard_tick)):
            self._session.say(KEPT)


class Ensemble:
    """Main thread only; nothing here waits.

    Attributes:
        ahead: Continue and listen.
        talk: Call and response.
        duet: The accompaniment.
    """

    def __init__(self, session: Session, generator: Generator) -> None:
        self._session = session
        self._listeners: list[Callable[[], None]] = []
        self.ahead = PlayAhead(session)
        self.talk = CallResponse(session, generator, on_change=self._publish)
        self.duet = Duet(session, also_sounding=lambda: self.talk.sounding, on_change=self._publish)

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Calls ``listener`` when a way to play was switched on or off, or has something to write."""
        self._listeners.append(listener)

    def toggle_ahead(self) -> None:
        """Continues and lets it be heard, or stops; call and response ends, which sounds in the same place.

        Raises:
            SeedError: There is nothing to continue, in words.
        """
        was_talking = self.talk.is_on and self._session.takes.why_not() is None
        if was_talking:
            self.talk.toggle()
        self.ahead.toggle()
        if was_talking:
            self._session.say(_IS_LISTENING)

    def _publish(self) -> None:
        for listener in self._listeners:
            listener()

    def on_frame(self) -> None:
        """Looks where playing is; call it for each frame."""
        self.ahead.on_frame()
        self.talk.on_frame()
        self.duet.on_frame()
