"""Which conditions of the table of commands hold now."""

from __future__ import annotations

from musicassist.session import Session


def holding_conditions(session: Session) -> frozenset[str]:
    """Names of ``commands.CONDITIONS`` that hold."""
    takes = session.takes
    facts = {
        "selection": session.notes.has_selection,
        "notes": session.document.song.note_count > 0,
        "undo": session.document.can_undo,
        "redo": session.document.can_redo,
        "clipboard": session.notes.can_paste,
        "takes": takes.phase in ("generating", "offered"),
        "composing": takes.phase in ("waiting", "generating"),
        "key": session.key is not None,
        "track": bool(session.document.song.tracks),
    }
    return frozenset(name for name, holds in facts.items() if holds)
