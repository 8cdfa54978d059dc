"""A module in a process of its own."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from musicassist.child_process import start_module


def test_a_child_finds_our_package_and_nothing_in_the_folder_of_the_music(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('taken from the folder of the music')")
    monkeypatch.chdir(tmp_path)
    child = start_module("musicassist", "--version", stdout=subprocess.PIPE)
    out, _ = child.communicate(timeout=60)
    assert child.returncode == 0
    assert b"musicassist" in out
