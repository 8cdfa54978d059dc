"""All ways to play with the assistant in one session."""

from __future__ import annotations

from musicassist.ensemble.play_ahead import PlayAhead
from musicassist.session import Session


class Ensemble:
    """Main thread only.

    Attributes:
        ahead: Continue and listen.
    """

    def __init__(self, session: Session) -> None:
        self.ahead = PlayAhead(session)

    def beat(self) -> None:
        """Looks where playing is; call it for each frame."""
        self.ahead.beat()
