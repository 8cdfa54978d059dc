"""An answer by rule: the call once more, a third higher and then home. There at once, so that nobody waits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from musicassist.score.song import Note, Notes
from musicassist.score.theory import SCALES, Key

STEPS_UP = 2  # of the scale: a third
HIGHEST_PITCH = 108


def motif_answer(call: Notes, span: tuple[int, int], key: Key | None) -> Notes:
    """The call's rhythm in another place, its line moved by a third in the key, and its last note the tonic.

    Source: question and answer as sequence and cadence, Schoenberg (1967), Fundamentals of Musical Composition, ch. 5.

    Args:
        call: At least one note.
        span: The bar lines between which the answer stands.
        key: New notes are of its scale; None repeats the pitches, as of drums.
    """
    shift_ticks = span[0] - int(call.start_tick[0])
    moved = [replace(note, start_tick=note.start_tick + shift_ticks) for note in call]
    rows = [note for note in moved if note.start_tick < span[1]]
    if key is not None:
        rows = _answered(rows, int(call.pitch.max()), key)
    return Notes.of(replace(n, duration_ticks=max(1, min(n.duration_ticks, span[1] - n.start_tick))) for n in rows)


def _answered(rows: list[Note], highest: int, key: Key) -> list[Note]:
    """Moved by a third, the last ones to the tonic."""
    up = -STEPS_UP if highest + 2 * STEPS_UP > HIGHEST_PITCH else STEPS_UP
    moved = [replace(note, pitch=in_scale(note.pitch, up, key)) for note in rows]
    last_tick = max(note.start_tick for note in moved)
    home = max((note for note in moved if note.start_tick == last_tick), key=lambda note: note.pitch)
    ends = replace(home, pitch=nearest_of_class(home.pitch, key.tonic))
    return [*(note for note in moved if note.start_tick < last_tick), ends]


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
