"""Each contract of the imports is seen to fail where an import is planted that it forbids."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
# For each contract: a module, and what it must not import.
PLANTED = {
    "stack": ("score/song.py", "musicassist.session.session"),
    "lab": ("session/session.py", "lab.house"),
    "qt": ("session/session.py", "PySide6.QtCore"),
    "qt-free-roll": ("ui/piano_roll/gestures.py", "PySide6.QtCore"),
    "torch": ("sound/engine.py", "torch"),
    "numpy": ("families/recurrent/decoding.py", "torch"),
    "window-trains-nothing": ("ui/main_window.py", "musicassist.training.command"),
    "models": ("models/cards.py", "musicassist.score.song"),
    "families": ("families/gan/net.py", "musicassist.families.recurrent.net"),
    "nets": ("families/recurrent/net.py", "musicassist.tokens.vocabulary"),
    "composing": ("composing/span.py", "musicassist.document.document"),
    "sound": ("sound/client.py", "musicassist.document.document"),
    "sound-libraries": ("sound/playback.py", "fluidsynth"),
    "settings": ("document/document.py", "musicassist.settings"),
}


def test_every_contract_has_something_planted_against_it() -> None:
    assert {contract["id"] for contract in CONTRACTS} == PLANTED.keys()


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what import-linter reads."""
    house = tmp_path_factory.mktemp("house")
    for folder in ("musicassist", "lab"):
        shutil.copytree(ROOT / folder, house / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", house)
    return house


@pytest.mark.slow
@pytest.mark.parametrize("contract", [contract["id"] for contract in CONTRACTS])
def test_a_planted_import_is_seen(copy: Path, contract: str) -> None:
    file, forbidden = PLANTED[contract]
    path = copy / "musicassist" / file
    text = path.read_text()
    path.write_text(f"{text}\nimport {forbidden}\n")
    try:
        linter = Path(sys.executable).parent / "lint-imports"
        words = [linter, "--no-cache", "--contract", contract]
        answer = subprocess.run(
            words, cwd=copy, env={"PYTHONPATH": str(copy)}, capture_output=True, text=True, check=False
        )
    finally:
        path.write_text(text)
    assert answer.returncode == 1
    assert f"{forbidden.split('.')[0]}" in answer.stdout
    assert "BROKEN" in answer.stdout
