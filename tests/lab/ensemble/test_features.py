"""What a row reads is known before its note, and does not depend on the key."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from ensemble_music import PARTS, drawn, view_of
from lab.ensemble.features import rows_of
from lab.ensemble.pieces import View
from musicassist.families.ensemble.columns import (
    GAP_COLUMNS,
    LENGTH_COLUMNS,
    PITCH_COLUMNS,
    ROLE_COLUMNS,
    STATE,
    TABLES,
    VELOCITY_COLUMNS,
    Rows,
)
from musicassist.families.ensemble.stream import Lane, Stream
from musicassist.families.ensemble.vocabulary import Role

READ = {
    "gap": ("state", "state_numbers", "gap", "gap_numbers", "tonic"),
    "role": ("role", "role_numbers", "least_role"),
    "pitch": ("pitch", "anchors", "candidates", "classes", "least_pitch"),
    "length": ("length",),
    "velocity": ("velocity",),
}
ORDER = ("gap", "role", "pitch", "length", "velocity")


def equal(one: Rows, other: Rows, names: tuple[str, ...], first: int, end: int) -> bool:
    return all(np.array_equal(getattr(one, n)[first:end], getattr(other, n)[first:end]) for n in names)


@pytest.mark.parametrize("free", [PARTS, (Role.RIGHT_HAND,), (Role.LEFT_HAND, Role.MELODY)])
def test_no_row_knows_what_comes(free: tuple[int, ...]) -> None:
    stream = drawn(1)
    view = view_of(stream, free)
    rows = rows_of(view)
    random = np.random.default_rng(2)
    for place in random.integers(5, len(view.free) - 5, 6).tolist():
        other = view.free
        for field in reversed(ORDER):  # the field and all behind it, and all notes behind, become others
            changed = {
                name: getattr(other, name).copy() for name in ("onset_step", "role", "pitch", "length", "velocity")
            }
            behind = np.arange(len(other)) > place
            changed["onset_step"][behind] += 7
            changed["pitch"][behind] = (changed["pitch"][behind] + 5) % 128
            changed["length"][behind] = (changed["length"][behind] + 3) % 20
            if field == "velocity":
                changed["velocity"][place] = 127 - changed["velocity"][place]
            if field in ("length", "pitch", "role", "gap"):
                changed["length"][place] = (changed["length"][place] + 5) % 20
            if field in ("pitch", "role", "gap"):
                changed["pitch"][place] += 3
            if field in ("role", "gap") and len(free) > 1:
                changed["role"][place] = free[-1]
            if field == "gap":
                changed["onset_step"][place:] += 2
            again = rows_of(
                View(Stream(**changed), view.given, view.bars, view.lane, view.free_roles, has_velocities=True)
            )
            for name in ORDER[: ORDER.index(field) + 1]:
                assert equal(rows, again, READ[name], 0, place + 1), (field, name, place)


def test_given_notes_are_known_one_bar_ahead_and_no_further() -> None:
    stream = drawn(3)
    view = view_of(stream, (Role.RIGHT_HAND,))
    rows = rows_of(view)
    at_step = 48 * 4 + 12
    place = int(np.searchsorted(view.free.onset_step, at_step))
    far = view.given.onset_step > view.free.onset_step[place] + 48
    changed = Stream(view.given.onset_step, view.given.role, np.where(far, view.given.pitch + 1, view.given.pitch),
                     view.given.length, view.given.velocity)  # fmt: skip
    again = rows_of(View(view.free, changed, view.bars, view.lane, view.free_roles, has_velocities=True))
    names = tuple(f.name for f in fields(Rows))
    assert equal(rows, again, names, 0, place + 1)
    near = view.given.onset_step > view.free.onset_step[place]
    changed = Stream(view.given.onset_step, view.given.role, np.where(near, view.given.pitch + 1, view.given.pitch),
                     view.given.length, view.given.velocity)  # fmt: skip
    again = rows_of(View(view.free, changed, view.bars, view.lane, view.free_roles, has_velocities=True))
    assert not equal(rows, again, names, place, place + 1)


def test_a_transposed_song_reads_the_same() -> None:
    stream = drawn(4)
    higher = Stream(stream.onset_step, stream.role, stream.pitch + 3, stream.length, stream.velocity)
    view, other = view_of(stream, (Role.RIGHT_HAND, Role.MELODY)), view_of(higher, (Role.RIGHT_HAND, Role.MELODY))
    rows, moved = rows_of(view), rows_of(other)
    names = ("gap", "gap_numbers", "role", "role_numbers", "length", "velocity")
    settled = 40  # before, the centre of a part that has not played yet stands where it stands
    assert equal(rows, moved, names[:4], 0, len(rows))
    assert equal(rows, moved, (*names, "state", "pitch"), settled, len(rows))
    assert np.array_equal(moved.classes[settled:], np.roll(rows.classes, 3, axis=-1)[settled:])
    assert np.array_equal((rows.tonic[settled:] + 3) % 12, moved.tonic[settled:])


def test_classes_are_within_their_tables() -> None:
    lane = Lane(np.array([0, 96]), np.array([0b10010001, 0b100010010000]))
    for free in (PARTS, (Role.MELODY,)):
        rows = rows_of(view_of(drawn(5), free, lane))
        heads = {"state": STATE, "gap": GAP_COLUMNS, "role": ROLE_COLUMNS, "pitch": PITCH_COLUMNS}
        heads |= {"length": LENGTH_COLUMNS, "velocity": VELOCITY_COLUMNS}
        for name, columns in heads.items():
            table = getattr(rows, name)
            assert table.shape == (len(rows), len(columns))
            for place, kind in enumerate(columns):
                assert table[:, place].min() >= 0 and table[:, place].max() < TABLES[kind], (name, place)
