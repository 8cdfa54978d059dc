"""The baselines of the continuation benchmark."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.evaluation.continuation import Tune, continue_tune, copy_forward, figures, read_tunes, restart
from musicassist.composing.engine import Engine
from musicassist.errors import UsageError
from musicassist.families.registry import FAMILIES
from tiny_models import install_roll_gan, install_tiny_model

ROUND = [(float(beat), 1.0, 60 + [0, 2, 4, 5, 7, 5, 4, 2][beat % 8]) for beat in range(32)]


def test_copy_forward_goes_round_a_round() -> None:
    made = copy_forward(ROUND)
    assert made[:9] == [(32.0 + beat, ROUND[beat % 8][2]) for beat in range(9)]


def test_copy_forward_transposes_what_it_copies() -> None:
    motif = [(0.0, 1.0, 60), (1.0, 1.0, 64), (2.0, 2.0, 62), (4.0, 1.0, 72), (5.0, 1.0, 76)]
    assert copy_forward(motif)[0] == (6.0, 74)


def test_restart_gives_the_first_ten_beats_again() -> None:
    assert restart(ROUND) == [(32.0 + beat, ROUND[beat][2]) for beat in range(11)]


def test_any_model_that_reads_notes_continues_a_tune(tmp_path: Path) -> None:
    install_tiny_model(tmp_path, "tiny")
    engine = Engine(tmp_path, FAMILIES)
    tune = Tune((4, 4), tuple(ROUND), (), truth_is_restart=False)
    made = continue_tune(engine.ready("tiny"), tune, seed=1)
    assert made == continue_tune(engine.ready("tiny"), tune, seed=1)
    assert all(onset >= 32.0 for onset, _ in made)


def test_a_model_that_does_not_read_notes_is_told_in_words(tmp_path: Path) -> None:
    install_roll_gan(tmp_path, "gan")
    with pytest.raises(UsageError, match="does not read a tune note by note"):
        figures("gan", Engine(tmp_path, FAMILIES).ready("gan"), tmp_path, seed=1)


def test_a_folder_without_the_benchmark_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not hold the benchmark"):
        read_tunes(tmp_path)
