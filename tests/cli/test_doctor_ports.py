"""Which ports there are, and sound systems that do not answer."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable

import pytest


@pytest.mark.slow
def test_ports_answers_with_or_without_any(run_cli: Callable) -> None:
    command = [sys.executable, "-m", "musicassist", "ports", "--json"]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    assert answer.stderr == ""
    ports = json.loads(answer.stdout)
    assert {"inputs", "outputs", "audio_drivers", "audio_driver", "problems"} == set(ports)
    assert "MIDI inputs: " in run_cli("ports").out


@pytest.mark.jack
@pytest.mark.slow
def test_a_running_sound_system_is_heard(run_cli: Callable, jack_server: str) -> None:
    found = json.loads(run_cli("ports", "--json").out)
    assert found["audio_driver"] == "jack"
    assert found["problems"] == []


def test_a_sound_system_that_does_not_answer_is_said(run_cli: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    answer = run_cli("ports")
    assert answer.code == 0
    assert "did not answer" in answer.out
