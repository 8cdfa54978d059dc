"""``models``, ``ports`` and ``doctor``: what is here, and what to do about what is not."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from musicassist.cli import doctor
from musicassist.cli.output import missing_display
from musicassist.cli.ports import SoundSystems
from musicassist.settings import settings_file

FAMILIES = {"markov", "rnn", "gru", "lstm", "lstm-attention", "transformer", "vae", "gan", "hybrid"}


def test_the_default_model_is_installed(run_cli: Callable) -> None:
    models = json.loads(run_cli("models", "--json").out)
    assert "lstm" in [model["name"] for model in models]
    for model in models:
        assert set(model) == {"name", "family", "verbs", "parameters", "bytes", "data", "licences", "metrics"}
        assert model["family"] in FAMILIES
        assert model["bytes"] <= 20_000_000
    assert "lstm" in run_cli("models").out


def test_having_no_models_is_said(run_cli: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("musicassist.cli.models.checkpoints_folder", lambda: tmp_path)
    assert "No models are installed" in run_cli("models").out
    assert json.loads(run_cli("models", "--json").out) == []


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


@pytest.mark.slow
def test_the_doctor_looks_at_everything(run_cli: Callable) -> None:
    doctor._sound_systems.cache_clear()
    answer = run_cli("doctor", "--json")
    assert answer.code == 0
    report = json.loads(answer.out)
    assert [check["name"] for check in report["checks"]] == list(doctor.LOOKS)
    for check in report["checks"]:
        assert check["says"]
        assert check["works"] == (check["remedy"] is None)
    assert report["works"] == all(check["works"] for check in report["checks"])


def test_a_broken_part_comes_with_its_remedy(run_cli: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    settings_file().parent.mkdir(parents=True)
    settings_file().write_text("{")
    looks = {"settings": doctor.LOOKS["settings"], "program": doctor.LOOKS["program"]}
    monkeypatch.setattr("musicassist.cli.doctor.LOOKS", looks)
    out = run_cli("doctor").out
    assert "MISSING  settings" in out
    assert "could not be read" in out
    assert "-> " in out
    assert "ok       program" in out


@pytest.mark.parametrize(
    ("chosen", "says", "remedy"),
    [
        ({"sound_driver": "silent"}, "silent, as it was chosen", "choose another"),
        ({"output_port": "Nowhere"}, "Nowhere is not connected", "Plug it in again"),
        ({"output_port": "Synth"}, "plays through the MIDI port Synth", None),
        ({}, "No audio device", "Choose another audio driver"),
        ({"sound_driver": None}, "plays through built-in synth, aplay", None),
    ],
)
def test_the_doctor_says_what_the_strip_says_about_the_sound(
    chosen: dict[str, str], says: str, remedy: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings_file().parent.mkdir(parents=True)
    settings_file().write_text(json.dumps(chosen))
    driver = "built-in synth, aplay" if says.endswith("aplay") else None
    found = SoundSystems(outputs=("Synth",), driver=driver, audio_problem="No audio device was found.")
    monkeypatch.setattr("musicassist.cli.doctor._sound_systems", lambda: found)
    found = doctor.LOOKS["audio"]()
    assert says in found.says
    assert (found.remedy is None) if remedy is None else remedy in str(found.remedy)


def test_a_machine_without_a_display_points_to_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    sentence = missing_display()
    assert sentence is not None
    assert "musicassist --help" in sentence
    monkeypatch.setenv("DISPLAY", "elsewhere:0")
    assert missing_display() is None


def test_a_display_that_does_not_answer_is_told_before_qt_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    number = os.getpid() + 100_000  # of a display that nobody has
    monkeypatch.setenv("DISPLAY", f":{number}")
    sentence = missing_display()
    assert sentence is not None
    assert f":{number} does not answer" in sentence
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(f"\0/tmp/.X11-unix/X{number}")
        server.listen()
        assert missing_display() is None
