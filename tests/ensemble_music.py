"""Music that tests draw: three parts with chords, repeats and rests, and views of it."""

from __future__ import annotations

import numpy as np

from lab.ensemble.pieces import View
from musicassist.families.ensemble.stream import NO_LANE, BarGrid, Lane, Stream, stream_of
from musicassist.families.ensemble.vocabulary import Role

FOUR_FOUR = BarGrid(np.array([0]), np.array([48]), np.array([0]))
PARTS = (Role.LEFT_HAND, Role.RIGHT_HAND, Role.MELODY)


def drawn(seed: int, notes: int = 240) -> Stream:
    """Music with chords, repeats and rests in three parts."""
    random = np.random.default_rng(seed)
    onset, role, pitch, length = [], [], [], []
    for part in PARTS:
        at, figure = 0, [(int(random.choice([3, 6, 12])), int(random.integers(-5, 6))) for _ in range(8)]
        height = 40 + 12 * PARTS.index(part)
        while at < 48 * 12:
            for step, interval in figure if random.random() < 0.7 else figure[:3]:
                height = int(np.clip(height + interval, 30, 90))
                for extra in range(int(random.integers(1, 4)) if part != Role.MELODY else 1):
                    onset.append(at)
                    role.append(int(part))
                    pitch.append(height + 4 * extra)
                    length.append(step)
                at += step
    table = [np.array(column) for column in (onset, role, pitch, length, random.integers(40, 100, len(onset)))]
    stream = stream_of(*table)
    return stream.where(np.arange(len(stream)) < notes)


def view_of(stream: Stream, free: tuple[int, ...], lane: Lane = NO_LANE) -> View:
    """Some parts to be written to the others."""
    given = [role for role in PARTS if role not in free]
    return View(stream.of_roles(free), stream.of_roles(given), FOUR_FOUR, lane, free, has_velocities=True)
