"""An answer by rule: the call once more, a third higher and then home. There at once, so that nobody waits."""

from __future__ import annotations

import numpy as np

from musicassist.score.song import Note, Notes
from musicassist.score.theory import SCALES, Key
from musicassist.score.timing import TimeMap

STEPS_UP = 2  # of the scale: a third
HIGHEST_PITCH = 108


def motif_answer(time_map: TimeMap, call: Notes, span: tuple[int, int], key: Key) -> Notes:
    """The call's rhythm in another place, its line moved by a third in the key, and its last note the tonic.

    Source: question and answer as sequence and cadence, Schoenberg (1967), Fundamentals of Musical Composition, ch. 5.

    Args:
        time_map: Bars of the song.
        call: At least one note.
        span: The bar lines between which the answer stands.
        key: New notes are of its scale.
    """
    begun_tick = int(call.start_tick[0])
    shift_ticks = span[0] - begun_tick
    up = -STEPS_UP if int(call.pitch.max()) + 2 * STEPS_UP > HIGHEST_PITCH else STEPS_UP
    rows = [
        Note(note.start_tick + shift_ticks, in_scale(note.pitch, up, key), note.duration_ticks, note.velocity)
        for note in call
        if note.start_tick + shift_ticks < span[1]
    ]
    last = max(row.start_tick for row in rows)
    home = nearest_of_class(max(row.pitch for row in rows if row.start_tick == last), key.tonic)
    kept = [row for row in rows if row.start_tick < last]
    ends = [*kept, next(Note(r.start_tick, home, r.duration_ticks, r.velocity) for r in rows if r.start_tick == last)]
    return Notes.of(
        Note(n.start_tick, n.pitch, max(1, min(n.duration_ticks, span[1] - n.start_tick)), n.velocity) for n in ends
    )


def in_scale(pitch: int, steps: int, key: Key) -> int:
    """The tone of the scale that lies some steps from a pitch; one outside the scale counts as the tone below it."""
    scale = np.array(SCALES[key.scale])
    octave, above = divmod(pitch - key.tonic, 12)
    degree = int(np.searchsorted(scale, above, side="right")) - 1 + steps
    return min(127, max(0, key.tonic + 12 * (octave + degree // len(scale)) + int(scale[degree % len(scale)])))


def nearest_of_class(pitch: int, pitch_class: int) -> int:
    """The pitch of a class that is nearest to another pitch; above it where two are."""
    up = (pitch_class - pitch) % 12
    moved = pitch + up if up <= 6 else pitch + up - 12
    return moved if 0 <= moved <= 127 else moved + (12 if moved < 0 else -12)
