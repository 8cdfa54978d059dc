"""A picture of the window from the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from musicassist.resources import demo_song

pytestmark = pytest.mark.slow


def test_the_screenshot_has_the_size_that_was_asked_for(tmp_path: Path) -> None:
    picture = tmp_path / "window.png"
    words = ["screenshot", str(demo_song()), "-o", str(picture), "--width", "1100", "--height", "700", "--json"]
    command = [sys.executable, "-m", "musicassist", *words]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(answer.stdout) == {"file": str(picture), "width": 1100, "height": 700}
    head = picture.read_bytes()[:24]
    assert head.startswith(b"\x89PNG")
    assert (int.from_bytes(head[16:20]), int.from_bytes(head[20:24])) == (1100, 700)
