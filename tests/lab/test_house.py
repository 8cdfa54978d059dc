"""The count of the house sees lines, files, imports and circles."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.house import measure_house

A_FILES, A_LINES = 3, 6


def test_lines_imports_and_circles_are_counted(tmp_path: Path) -> None:
    package = tmp_path / "musicassist"
    package.mkdir()
    (package / "__init__.py").write_text('"""A house."""\n')
    (package / "hall.py").write_text("from musicassist import door\n\nX = 1\n")
    (package / "door.py").write_text("def open_it():\n    from musicassist.hall import X\n")
    figures = {figure.metric: figure.value for figure in measure_house(tmp_path)}
    assert figures["files that ship"] == A_FILES
    assert figures["lines that ship"] == A_LINES
    assert figures["import circles"] == 1
    assert figures["share of import lines"] == pytest.approx(2 / A_LINES)


def test_an_import_for_types_alone_makes_no_circle(tmp_path: Path) -> None:
    package = tmp_path / "musicassist"
    package.mkdir()
    (package / "hall.py").write_text("from musicassist import door\n")
    (package / "door.py").write_text("if TYPE_CHECKING:\n    from musicassist.hall import X\n")
    figures = {figure.metric: figure.value for figure in measure_house(tmp_path)}
    assert figures["import circles"] == 0
