"""Which conditions of the table of commands hold now."""

from __future__ import annotations

from musicassist.errors import SeedError
from musicassist.session.session import Session


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
        "bars": session.notes.has_selection or session.transport.is_looping,
        "neighbours": _can_fill(session),
        "pitches": not session.document.song.is_drum_track(session.document.selected_track),
    }
    models = (f"{verb}_model" for verb in takes.controls.models)
    return frozenset((*(name for name, holds in facts.items() if holds), *models))


def _can_fill(session: Session) -> bool:
    """Whether there are bars to fill, with notes around them."""
    try:
        bars = session.ask_for("infill")
    except SeedError:
        return False
    starts = session.document.track.notes.start_tick
    return len(starts) > 0 and bool(starts[0] < bars.from_tick or starts[-1] >= bars.to_tick)
