"""Excerpts that are planted are those of the line, in another key and tempo; an index of the line names its piece."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from builders import phrase
from lab.evaluation.planted import found_share, music_by_file, planted, said, takes_of
from lab.training.originality import PieceLine
from musicassist.composing.engine import Engine
from musicassist.composing.originality import Evidence
from musicassist.composing.training_music import FILE_NAME
from musicassist.evaluation.phrases import Phrase
from musicassist.families.registry import FAMILIES
from musicassist.score.song import Notes, Song, Track
from tiny_models import install_tiny_model
from training_index import install_index, line_of, music_of

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


def test_pieces_of_an_index_are_told_apart_by_their_files(tmp_path: Path) -> None:
    install_index(tmp_path, LINES)
    music = music_by_file(tmp_path / FILE_NAME, PIECES)
    evidence = music.evidence_of(planted(PIECES[3], 20, 0, np.random.default_rng(1)))
    assert (evidence.runs[0].collection, evidence.runs[0].piece) == ("made", "3")
    with pytest.raises(AssertionError, match="other music"):
        music_by_file(tmp_path / FILE_NAME, PIECES[1:])


def test_takes_of_a_model_say_what_they_share(tmp_path: Path) -> None:
    install_tiny_model(tmp_path)
    install_index(tmp_path, LINES)
    song = Song((Track("MELODY", phrase(60, 62, 64, 65, 67, 65, 64, 62)),))
    takes = takes_of(Engine(tmp_path, FAMILIES), "tiny", [Phrase("made", song, "", Notes.of(), 0, 0)] * 2, 1)
    assert said(takes).startswith("2, longest run ")
    assert said([Evidence(20, 12, 9), Evidence(20, 8, 9)]) == (
        "2, longest run 10.0 notes on the average, 95 % up to 12, 50.0 % above the line"
    )
