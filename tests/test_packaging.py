"""The wheel holds all that the program needs: installed elsewhere, it continues a phrase."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from corpora import song_of_tune
from musicassist.midi import write_song

ROOT = Path(__file__).resolve().parent.parent
_HIDE_LAB = """
import os, sys
sys.path = [folder for folder in sys.path if not os.path.isdir(os.path.join(folder, "lab"))]
from musicassist.app import main
sys.exit(main(sys.argv[1:]))
"""
WITHOUT_LAB = (sys.executable, "-c", _HIDE_LAB)  # the checkout of the tests may be installed beside the wheel


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    answer = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    words = ("--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--wheel-dir", folder)
    run(sys.executable, "-m", "pip", "wheel", *words, ROOT, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.mark.slow
def test_the_wheel_holds_what_lies_beside_the_package(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
    for folder in ("resources", "checkpoints"):
        beside = [path for path in (ROOT / folder).rglob("*") if path.is_file()]
        assert beside
        for path in beside:
            assert f"musicassist/data/{path.relative_to(ROOT).as_posix()}" in inside


@pytest.fixture(scope="module")
def elsewhere(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the wheel is installed in."""
    folder = tmp_path_factory.mktemp("elsewhere")
    words = ("--quiet", "--no-index", "--no-deps", "--target", folder)
    run(sys.executable, "-m", "pip", "install", *words, wheel, cwd=folder)
    return folder


@pytest.mark.slow
def test_what_needs_the_laboratory_says_so_from_a_wheel(elsewhere: Path, tmp_path: Path) -> None:
    def complaint(*words: str) -> str:
        command = (*WITHOUT_LAB, *words)
        environment = {**os.environ, "PYTHONPATH": str(elsewhere)}
        answer = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert answer.returncode == 2
        (line,) = answer.stderr.splitlines()
        return line

    assert "bench needs the laboratory, which a checkout of musicassist has" in complaint("bench")
    assert "infill needs the laboratory" in complaint("evaluate", "music", "--measure", "infill")


@pytest.mark.slow
def test_what_one_trained_is_measured_from_a_wheel(elsewhere: Path, tmp_path: Path) -> None:
    (tmp_path / "music").mkdir()
    for number in range(24):
        song = write_song(song_of_tune(number, notes=160))
        (tmp_path / "music" / f"{number}.mid").write_bytes(song)
    words = ("music", "--phrases", "2", "--json")
    command = (*WITHOUT_LAB, "evaluate", *words)
    rows = json.loads(run(*command, cwd=tmp_path, PYTHONPATH=str(elsewhere)))
    told = {(row["metric"], row["model"]) for row in rows}
    assert {("bits per note", model) for model in ("lstm", "unigram", "copy forward", "markov, adaptive")} <= told
    assert ("longest run found in training, mean", "lstm") in told


@pytest.mark.slow
def test_an_installed_wheel_continues_a_phrase(elsewhere: Path, tmp_path: Path) -> None:
    say_where = "import musicassist.resources as r; print(r.__file__, r.demo_song(), sep='\\n')"
    module, demo = run(sys.executable, "-c", say_where, cwd=tmp_path, PYTHONPATH=str(elsewhere)).splitlines()
    assert Path(module).is_relative_to(elsewhere)
    assert Path(demo).is_relative_to(elsewhere)
    command = (sys.executable, "-m", "musicassist", "continue", demo, "-o", "more.mid", "--bars", "2", "--json")
    answer = json.loads(run(*command, cwd=tmp_path, PYTHONPATH=str(elsewhere)))
    assert answer["takes"][0]["notes"] > 0
    assert (tmp_path / "more.mid").read_bytes().startswith(b"MThd")
