"""Two checkouts are measured in turn, each with its own program."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from lab.beside import CPU_METRIC, HERE, lab_code, measure_beside, script_words
from musicassist.errors import UsageError


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A checkout whose program is another one."""
    (tmp_path / "musicassist").mkdir()
    (tmp_path / "musicassist" / "__init__.py").write_text("SIZE = 2\n")
    return tmp_path


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """Measures the program that it is run with."""
    path = tmp_path / "measures.py"
    path.write_text("import json, musicassist\nprint(json.dumps({'size': getattr(musicassist, 'SIZE', 8)}))\n")
    return path


def test_a_script_runs_with_each_program_and_the_ratio_is_of_medians(other: Path, script: Path) -> None:
    size, cpu = measure_beside(script_words([str(script)]), other, runs=2)
    assert (size["metric"], size["value"], size["here"], size["beside"], size["n"]) == ("size", 4.0, 8, 2, 2)
    assert cpu["metric"] == CPU_METRIC
    assert cpu["here"] > 0


def test_the_laboratory_is_ours_and_the_program_is_theirs(other: Path) -> None:
    code = f"import lab, musicassist; rows = {{'lab is ours': int(lab.__file__.startswith({str(HERE)!r}))"
    code += ", 'size': getattr(musicassist, 'SIZE', 8)}"
    rows = {row["metric"]: row for row in measure_beside(lab_code(code), other, runs=1)}
    assert rows["lab is ours"]["beside"] == rows["lab is ours"]["here"] == 1
    assert (rows["size"]["here"], rows["size"]["beside"]) == (8, 2)


def test_a_folder_without_the_program_is_refused(tmp_path: Path, script: Path) -> None:
    with pytest.raises(UsageError, match="no checkout"):
        measure_beside(script_words([str(script)]), tmp_path / "empty")


def test_a_run_that_fails_says_in_which_checkout_and_why(other: Path, tmp_path: Path) -> None:
    script = tmp_path / "fails.py"
    script.write_text("import musicassist\nassert not hasattr(musicassist, 'SIZE'), 'too small'\nprint('{}')\n")
    with pytest.raises(UsageError, match="too small"):
        measure_beside(script_words([str(script)]), other, runs=1)


@pytest.mark.slow
def test_the_rows_are_printed_as_json(other: Path, script: Path) -> None:
    command = [sys.executable, "-m", "lab.beside", str(other), str(script)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, cwd=HERE)
    assert json.loads(answer.stdout)[0]["value"] == 4.0
