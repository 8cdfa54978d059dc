"""A whole melody with its form as the columns that the net is trained on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from musicassist.families.recurrent.form_context import Form, FormContext
from musicassist.families.recurrent.form_vocabulary import (
    FORM_DURATION_COLUMNS,
    FORM_GAP_COLUMNS,
    FORM_PITCH_COLUMNS,
    FORM_STATE_COLUMNS,
    MASKS,
)
from musicassist.tokens.codec import Melody, Surroundings
from musicassist.tokens.columns import Bytes, NoteRows
from musicassist.tokens.vocabulary import VELOCITY_COLUMNS


@dataclass(frozen=True)
class FormRows(NoteRows):
    """See ``NoteRows``; with what sounds in the other tracks.

    Attributes:
        heard: (n, 2, MASKS + 1), what sounds at the note before and at the note itself; see ``FormContext.heard``.
        last_pitch: (n,), of the note before.
    """

    heard: NDArray[np.uint16]
    last_pitch: Bytes

    SHAPES: ClassVar[dict[str, tuple[int, ...]]] = {
        **NoteRows.SHAPES,
        "state": (len(FORM_STATE_COLUMNS),),
        "gap": (len(FORM_GAP_COLUMNS),),
        "pitch": (len(FORM_PITCH_COLUMNS),),
        "duration": (len(FORM_DURATION_COLUMNS),),
        "velocity": (len(VELOCITY_COLUMNS),),
        "heard": (2, MASKS + 1),
        "last_pitch": (),
    }
    WIDE: ClassVar[frozenset[str]] = frozenset({"heard"})


def rows_of(melody: Melody, place: Surroundings, form: Form) -> FormRows:
    """The columns of each note of a melody but the first."""
    context, rows = FormContext(place, form), FormRows.empty(max(0, len(melody) - 1))
    for row, gap in rows.fill(melody, context):
        rows.heard[row] = context.heard(0), context.heard(gap)
        rows.last_pitch[row] = context.pitch[-1]
    return rows
