"""How soon a continuation sounds that is composed while it is heard, and whether each of its bars is there in time."""

from __future__ import annotations

import time

from lab.window.turns import turn_until
from musicassist.document.song_edits import set_tempo
from musicassist.ui.main_window import MainWindow

TEMPO_BPM = 180.0
PRESSES = 20


def measure_play_ahead(window: MainWindow) -> tuple[list[float], list[int]]:
    """Presses 20 times, stopped at the bar line where the phrase ends, and listens to each take until its end.

    Args:
        window: Open with a phrase, its model loaded and its sound engine started.

    Returns:
        Milliseconds from each press until the playhead has moved into the take, which the engine's queue then holds;
        and how many bars of each take were not made when playing came to them.
    """
    session = window.session
    session.document.apply("Change tempo", set_tempo(session.document.song, 0, TEMPO_BPM))
    presses = [_press(window) for _ in range(PRESSES + 1)][1:]
    return [first for first, _ in presses], [late for _, late in presses]


def _press(window: MainWindow) -> tuple[float, int]:
    session, ahead = window.session, window.ensemble.ahead
    transport, takes = session.transport, session.takes
    bars = session.document.song.time_map
    begin_tick = bars.bar_line_at_or_after(session.document.track.end_tick)
    transport.seek(begin_tick)
    turn_until(lambda: transport.position_tick() == begin_tick)
    late_before = ahead.late_bars
    start_seconds = time.perf_counter()
    window.actions_table.run("assistant.continue_and_listen")
    turn_until(lambda: transport.is_playing and transport.position_tick() > begin_tick)
    first_ms = (time.perf_counter() - start_seconds) * 1000
    last_bar_tick = bars.bar_start_tick(bars.bar_at(begin_tick) + takes.controls.bars - 1)
    turn_until(lambda: transport.position_tick() >= last_bar_tick)
    takes.dismiss()
    transport.stop()
    return first_ms, ahead.late_bars - late_before
