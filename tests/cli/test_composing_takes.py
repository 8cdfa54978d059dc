"""Takes become files of their own names, and a model may be a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from musicassist.cli.composing import model_named, models_folder, take_paths
from musicassist.errors import UsageError
from musicassist.resources import checkpoints_folder


def test_one_take_has_the_name_that_was_said_and_several_are_numbered() -> None:
    assert take_paths(Path("a.b.mid"), 1) == [Path("a.b.mid")]
    assert take_paths(Path("a.b.mid"), 2) == [Path("a.b-1.mid"), Path("a.b-2.mid")]


def test_a_model_file_is_looked_for_where_it_lies_and_a_name_among_the_shipped_ones(tmp_path: Path) -> None:
    file = tmp_path / "mine.safetensors"
    file.touch()
    assert (model_named(str(file), "continue"), models_folder(str(file))) == ("mine", tmp_path)
    assert (model_named("lstm", "continue"), models_folder("lstm")) == ("lstm", checkpoints_folder())


def test_a_model_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        models_folder(str(tmp_path / "mine.safetensors"))
