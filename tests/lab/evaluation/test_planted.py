"""Excerpts that are planted are those of the line, in another key and tempo; an index of the line names its piece."""

from __future__ import annotations

import numpy as np
import pytest

from lab.evaluation.planted import found_share, planted
from lab.training.originality import PieceLine
from musicassist.score.song import Notes
from training_index import line_of, music_of

LINES = [line_of(seed) for seed in range(5)]
PIECES = [PieceLine("made", str(row), True, Notes.of(), *line, np.ones(120)) for row, line in enumerate(LINES)]


@pytest.mark.parametrize("changed", [0, 2])
def test_an_excerpt_keeps_all_intervals_but_those_of_changed_notes(changed: int) -> None:
    random = np.random.default_rng(4)
    for piece in PIECES:
        take = planted(piece, 24, changed, random)
        own = np.lib.stride_tricks.sliding_window_view(piece.pitch, 24)
        differ = ((take.pitch - take.pitch[0]) != (own - own[:, :1])).sum(1)
        first = int(differ.argmin())
        assert differ[first] == changed
        assert take.pitch[0] != own[first, 0]
        assert (np.diff(take.start_tick) > 0).all()


@pytest.mark.parametrize(("notes", "changed"), [(16, 0), (24, 2)])
def test_pieces_are_named(notes: int, changed: int) -> None:
    share, spent = found_share(music_of(*LINES), PIECES, [f"Tune {row}" for row in range(5)], (40, notes, changed), 1)
    assert share == 1.0
    assert len(spent) == 40
    nobody, _ = found_share(music_of(*LINES), PIECES, ["?"] * 5, (5, notes, changed), 1)
    assert nobody == 0.0
