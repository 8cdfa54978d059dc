"""Examples for the critic: what really followed and takes, on one grid and cut at one bar line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lab.training.critic_takes import Example, example_of, examples, read_examples
from musicassist.composing.engine import Engine
from musicassist.evaluation.phrases import Phrase
from musicassist.families.registry import FAMILIES
from musicassist.score.song import KeyChange, Note, Notes, Song, Track
from musicassist.score.timing import MeterChange
from tiny_models import install_tiny_model

BAR = 1440
SCALE = (62, 64, 66, 67, 69, 71)


def waltz() -> Phrase:
    """Eight bars in D and four that follow."""
    notes = [Note(480 * place, SCALE[place % 6], 480) for place in range(36)]
    song = Song((Track("MELODY", Notes.of(notes[:24])),), 480, (), (MeterChange(0, 3, 4),), (KeyChange(0, 2, "major"),))
    return Phrase("set/waltz.mid", song, "", Notes.of(notes[24:]), 8 * BAR, 12 * BAR)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    folder = tmp_path_factory.mktemp("checkpoints")
    install_tiny_model(folder)
    return Engine(folder, FAMILIES)


def test_takes_are_cut_where_the_truth_is(engine: Engine) -> None:
    kinds = set()
    for seed in range(6):
        own = example_of(engine, waltz(), "tiny", takes=3, seed=seed)
        kinds.add(own.goes_on)
        assert (own.bar_steps, len(own.seed), len(own.real)) == (36, 24, 12)
        assert own.tonic in (2, 7)  # as it is said, or heard
        assert own.real[0] == (8 * 36, SCALE[0], 12)
        ends = [take[-1][0] + take[-1][2] for take in own.takes]
        assert all(end <= 12 * 36 for end in ends)
    assert kinds == {True, False}


def test_examples_come_back_from_their_file(engine: Engine, tmp_path: Path) -> None:
    made = list(examples(engine, [waltz(), waltz()], "tiny", (), seed=1))
    assert len(made) == 2 and len(made[0].takes) == 8 and made[0].takes != made[1].takes
    lines = "".join(own.as_json() + "\n" for own in made)
    (tmp_path / "whole").write_text(lines)
    assert read_examples(tmp_path / "whole") == made
    (tmp_path / "begun").write_text(lines[:-30])  # as it is while it is written
    assert read_examples(tmp_path / "begun") == made[:1]
    assert read_examples(tmp_path / "none") == []
    assert isinstance(made[0], Example)
    np.testing.assert_array_equal([row[2] > 0 for row in made[0].seed], True)
