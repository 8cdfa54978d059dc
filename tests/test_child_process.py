"""A module in a process of its own."""

from __future__ import annotations

import subprocess
import sys
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


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits")
def test_a_process_limits_itself_but_lifts_no_limit_that_is_lower() -> None:
    code = (
        "import resource as r; from musicassist.child_process import limit_this_process as limit; limit(2**31, 6.5); "
        "limit(2**32, 60); print(*(r.getrlimit(kind)[0] for kind in (r.RLIMIT_AS, r.RLIMIT_CPU, r.RLIMIT_CORE)))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == [str(2**31), "7", "0"]
