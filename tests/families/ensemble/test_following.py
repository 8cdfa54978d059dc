"""Followed note by note, music reads as it does as a whole."""

from __future__ import annotations

import numpy as np
import pytest

from ensemble_music import FOUR_FOUR, PARTS, drawn, view_of
from lab.ensemble.features import rows_of
from lab.ensemble.pieces import View
from musicassist.families.ensemble.columns import Rows
from musicassist.families.ensemble.following import Follower
from musicassist.families.ensemble.given import Given
from musicassist.families.ensemble.stream import BarGrid, Lane
from musicassist.families.ensemble.vocabulary import Role, velocity_class

LANE = Lane(np.array([0, 96, 300]), np.array([0b10010001, 0b100010010000, 0b001000100100]))
THREE = BarGrid(np.array([0, 96]), np.array([48, 36]), np.array([0, 2]))


def same(ours: object, rows: Rows, name: str, place: int) -> None:
    expected = getattr(rows, name)[place]
    assert np.allclose(np.asarray(ours, dtype=np.float64), expected.astype(np.float64), atol=1e-3), (name, place)


def follow(view: View, rows: Rows, follower: Follower, first: int, end: int) -> None:
    free = view.free
    for place in range(first, end):
        gap = follower.gap_row()
        same(gap.state, rows, "state", place)
        same(gap.state_numbers, rows, "state_numbers", place)
        same(gap.columns, rows, "gap", place)
        same(gap.numbers, rows, "gap_numbers", place)
        same(gap.tonic, rows, "tonic", place)
        role = follower.role_row(int(free.onset_step[place]) - follower.step)
        same(role.columns, rows, "role", place)
        same(role.numbers, rows, "role_numbers", place)
        same(role.least_role, rows, "least_role", place)
        pitch = follower.pitch_row(int(free.role[place]))
        same(pitch.columns, rows, "pitch", place)
        same(pitch.anchors, rows, "anchors", place)
        same(pitch.candidates, rows, "candidates", place)
        same(pitch.classes, rows, "classes", place)
        same(pitch.least_pitch, rows, "least_pitch", place)
        same(follower.length_row(int(free.pitch[place])), rows, "length", place)
        same(follower.velocity_row(int(free.length[place])), rows, "velocity", place)
        follower.add(int(velocity_class(free.velocity[place : place + 1])[0]))


@pytest.mark.parametrize("free", [PARTS, (Role.RIGHT_HAND,), (Role.LEFT_HAND, Role.MELODY)])
@pytest.mark.parametrize("bars", [FOUR_FOUR, THREE])
def test_every_row_is_that_of_the_whole(free: tuple[int, ...], bars: BarGrid) -> None:
    view = view_of(drawn(7), free, LANE)
    view = View(view.free, view.given, bars, LANE, view.free_roles, has_velocities=len(free) > 1)
    rows = rows_of(view)
    given = Given(view.given, bars, LANE)
    follower = Follower(free, given, view.begin_step, has_velocities=view.has_velocities)
    follow(view, rows, follower, 0, len(view.free))


def test_a_copy_goes_on_by_itself() -> None:
    view, other = view_of(drawn(8), PARTS), view_of(drawn(9), PARTS)
    joined = View(
        view.free.where(np.arange(len(view.free)) < 100), view.given, view.bars, view.lane, PARTS, has_velocities=True
    )
    rows = rows_of(view)
    follower = Follower(PARTS, Given(view.given, view.bars), view.begin_step)
    follow(view, rows, follower, 0, 100)
    twin = follower.copy()
    for place in range(100, 120):  # the twin hears other music
        twin.gap_row()
        twin.role_row(6)
        twin.pitch_row(int(other.free.role[place]))
        twin.length_row(int(other.free.pitch[place]))
        twin.velocity_row(3)
        twin.add(4)
    assert len(joined.free) == len(follower) == 100
    follow(view, rows, follower, 100, len(view.free))
