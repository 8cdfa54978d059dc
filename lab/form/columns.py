"""A whole melody with its form as the columns that the net is trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

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
from musicassist.tokens.columns import PROFILE_SCALE, TARGETS
from musicassist.tokens.context import interval_class, velocity_class
from musicassist.tokens.vocabulary import MAX_STEPS, PROFILE_SIZE, VELOCITY_COLUMNS

Bytes = NDArray[np.uint8]
_PAGES = (FORM_STATE_COLUMNS, FORM_GAP_COLUMNS, FORM_PITCH_COLUMNS, FORM_DURATION_COLUMNS, VELOCITY_COLUMNS)
_WIDTHS = (*(len(page) for page in _PAGES), PROFILE_SIZE, None, len(TARGETS))


@dataclass(frozen=True)
class FormRows:
    """What is known before, and what is true of, each note but the first. Rows: notes; ``n`` of them.

    Attributes:
        state, gap, pitch, duration, velocity: Classes, in the order of the vocabulary's pages.
        profile: (n, 24), shares times 255.
        heard: (n, 2, MASKS + 1), what sounds at the note before and at the note itself; see ``FormContext.heard``.
        last_pitch: (n,), of the note before.
        target: (n, 4), classes of ``TARGETS``.
    """

    state: Bytes
    gap: Bytes
    pitch: Bytes
    duration: Bytes
    velocity: Bytes
    profile: Bytes
    heard: NDArray[np.uint16]
    last_pitch: Bytes
    target: Bytes

    def __len__(self) -> int:
        return len(self.state)

    @staticmethod
    def empty(rows: int) -> FormRows:
        """Columns of that many rows, not yet filled."""
        state, gap, pitch, duration, velocity, profile, pitches, target = (
            np.zeros(rows if width is None else (rows, width), dtype=np.uint8) for width in _WIDTHS
        )
        heard = np.zeros((rows, 2, MASKS + 1), dtype=np.uint16)
        return FormRows(state, gap, pitch, duration, velocity, profile, heard, pitches, target)

    @staticmethod
    def joined(parts: Sequence[FormRows]) -> FormRows:
        """The rows of all parts, one after the other."""
        return FormRows(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(FormRows)))

    def rows(self, start: int, stop: int) -> FormRows:
        """Some of the rows, as views."""
        return FormRows(*(getattr(self, f.name)[start:stop] for f in fields(FormRows)))


def rows_of(melody: Melody, place: Surroundings, form: Form) -> FormRows:
    """The columns of each note of a melody but the first."""
    context = FormContext(place, form)
    rows = FormRows.empty(max(0, len(melody) - 1))
    for at, note in enumerate(melody):
        if at:
            _fill(rows, at - 1, context, note)
        context.append(*note)
    return rows


def _fill(rows: FormRows, row: int, context: FormContext, note: tuple[int, int, int, int]) -> None:
    onset_step, pitch, duration, velocity = note
    gap = min(onset_step - context.onset[-1], MAX_STEPS)
    interval = interval_class(pitch - context.pitch[-1])
    rows.state[row] = context.state_row()
    rows.gap[row] = context.gap_row()
    rows.pitch[row] = context.pitch_row(gap)
    rows.duration[row] = context.duration_row(gap, interval)
    rows.velocity[row] = context.velocity_row(gap, interval, duration)
    rows.profile[row] = np.rint(np.array(context.profile()) * PROFILE_SCALE)
    rows.heard[row] = context.heard(0), context.heard(gap)
    rows.last_pitch[row] = context.pitch[-1]
    rows.target[row] = (gap, interval, duration, velocity_class(velocity, context.mean_velocity))
