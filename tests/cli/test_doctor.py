"""The doctor looks at every part and names its remedy."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from musicassist.cli import doctor
from musicassist.cli.doctor import SoundSystems
from musicassist.settings import settings_file


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
