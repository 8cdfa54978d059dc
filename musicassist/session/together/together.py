"""All ways to play with the assistant in one session."""

from __future__ import annotations

from collections.abc import Callable

from musicassist.session.session import Session
from musicassist.session.takes import Generator
from musicassist.session.together.call_response import CallResponse
from musicassist.session.together.duet import Duet
from musicassist.session.together.play_ahead import PlayAhead

_IS_LISTENING = "Call and response is off: a continuation is composed and heard."


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
