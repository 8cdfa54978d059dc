"""Takes that another process composes, and those of a checkout that are kept."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from lab.beside import HERE
from lab.evaluation.form_asking import Asked, Window
from lab.evaluation.form_checkouts import takes_beside, takes_here
from musicassist.errors import UsageError

ASKED = Asked("continue", tuple((480 * i, 60 + i % 5, 480) for i in range(16)), (4, 4), 3, wish=(("model", "markov"),))


def test_another_process_makes_the_takes_that_this_one_makes() -> None:
    (takes,) = takes_here([ASKED])
    assert takes == Window().takes(ASKED)
    assert len(takes) > 1


def test_takes_of_a_checkout_are_read_again_where_it_was_asked_the_same(tmp_path: Path) -> None:
    made = takes_beside(HERE, [ASKED], tmp_path / "kept")
    (kept,) = (tmp_path / "kept").iterdir()
    assert json.loads(kept.read_text()) == json.loads(json.dumps(made))
    kept.write_text("[[[[0, 60, 480]]]]")
    assert takes_beside(HERE, [ASKED], tmp_path / "kept") == [[[(0, 60, 480)]]]


def test_what_is_no_checkout_is_said(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    with pytest.raises(UsageError, match="no checkout"):
        takes_beside(tmp_path, [ASKED], None)
