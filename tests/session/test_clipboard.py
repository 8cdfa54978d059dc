"""What was copied whole brings along where it comes from."""

from __future__ import annotations

from builders import phrase
from musicassist.score.origins import Origin
from musicassist.score.song import Song, Track
from musicassist.session.clipboard import Clipboard
from session_desk import Desk

BAR = 1920
KEPT = Origin(BAR, 2 * BAR, "one")
SONG = Song((Track("Melody", phrase(60, 62, 64, 65, 67, 69, 71, 72, step_ticks=480), origins=(KEPT,)),))


def test_whole_bars_that_are_pasted_come_from_where_they_came_from() -> None:
    desk = Desk(SONG)
    desk.select(4, 5, 6, 7)
    desk.session.notes.copy()
    desk.session.notes.paste(3 * BAR)
    assert desk.document.track.origins == (KEPT, Origin(3 * BAR, 4 * BAR, "one", 2 * BAR))
    desk.document.undo()
    desk.select(4, 5)
    desk.session.notes.copy()
    desk.session.notes.paste(3 * BAR)
    assert desk.document.track.origins == (KEPT,)


def test_bars_that_were_cut_out_come_back_by_pasting() -> None:
    desk = Desk(SONG)
    desk.select(4, 5, 6, 7)
    desk.session.notes.cut()
    assert desk.document.track.origins == ()
    desk.session.notes.paste(BAR)
    assert desk.document.track == SONG.tracks[0]


def test_in_another_division_they_come_from_nowhere() -> None:
    mask = SONG.tracks[0].notes.start_tick >= BAR
    clipboard = Clipboard.of(SONG, 0, mask)
    assert clipboard.origins_at(0, 480) == (Origin(0, BAR, "one", -BAR),)
    assert clipboard.origins_at(0, 96) == ()
