"""The wheel holds all that the program needs: installed elsewhere, it continues a phrase."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


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


@pytest.mark.slow
def test_an_installed_wheel_continues_a_phrase(wheel: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    words = ("--quiet", "--no-index", "--no-deps", "--target", elsewhere)
    run(sys.executable, "-m", "pip", "install", *words, wheel, cwd=tmp_path)
    say_where = "import musicassist.resources as r; print(r.__file__, r.demo_song(), sep='\\n')"
    module, demo = run(sys.executable, "-c", say_where, cwd=tmp_path, PYTHONPATH=str(elsewhere)).splitlines()
    assert Path(module).is_relative_to(elsewhere)
    assert Path(demo).is_relative_to(elsewhere)
    command = (sys.executable, "-m", "musicassist", "continue", demo, "-o", "more.mid", "--bars", "2", "--json")
    answer = json.loads(run(*command, cwd=tmp_path, PYTHONPATH=str(elsewhere)))
    assert answer["takes"][0]["notes"] > 0
    assert (tmp_path / "more.mid").read_bytes().startswith(b"MThd")
