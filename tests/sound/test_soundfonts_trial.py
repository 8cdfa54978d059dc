"""New fonts are loaded first where they do no harm, once; and no damaged one takes the engine down."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lab.sound.font_proof import tiny_font
from musicassist.sound import soundfonts
from musicassist.sound.fluid_library import is_fluidsynth_here
from musicassist.sound.messages import SoundSettings
from musicassist.sound.outputs import open_output
from musicassist.sound.soundfont_file import SoundFontError, bundled_soundfont, is_general_midi
from musicassist.sound.soundfonts import find_soundfont, remembered_file, try_soundfont


@pytest.fixture
def font(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.sf2"
    path.write_bytes(tiny_font())
    return path


class Trials:
    """Stands in for the process that is thrown away: answers with a status, and counts."""

    def __init__(self, status: int | None) -> None:
        self.status, self.count = status, 0

    def __call__(self, _path: Path) -> int | None:
        self.count += 1
        return self.status


def trials_that_end(monkeypatch: pytest.MonkeyPatch, status: int | None) -> Trials:
    trials = Trials(status)
    monkeypatch.setattr(soundfonts, "_verdict", trials)
    return trials


def test_a_good_font_is_tried_once_and_again_when_it_has_changed(font: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trials = trials_that_end(monkeypatch, 0)
    try_soundfont(font)
    try_soundfont(font)
    assert trials.count == 1
    os.utime(font, ns=(1, 1))
    try_soundfont(font)
    assert trials.count == 2


@pytest.mark.parametrize("status", [3, -11, -9])
def test_a_font_that_is_refused_or_crashes_is_told_in_words_and_remembered(
    font: Path, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    trials = trials_that_end(monkeypatch, status)
    for _ in range(2):
        with pytest.raises(SoundFontError, match=r"tiny\.sf2 is damaged"):
            find_soundfont(font)
    assert trials.count == 1


def test_a_font_that_took_too_long_may_try_again(font: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trials_that_end(monkeypatch, None)
    with pytest.raises(SoundFontError, match="20 s"):
        find_soundfont(font)
    trials_that_end(monkeypatch, 0)
    assert find_soundfont(font) == font


def test_a_trial_that_could_not_be_made_is_no_verdict(font: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trials_that_end(monkeypatch, 4)
    assert find_soundfont(font) == font
    assert not remembered_file().exists()


def test_a_system_that_starts_no_process_is_no_verdict(font: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/nosuch/python")
    try_soundfont(font)
    assert not remembered_file().exists()


def test_a_font_that_vanishes_before_its_trial_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(SoundFontError, match="cannot be read: No such file"):
        try_soundfont(tmp_path / "gone.sf2")


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a": 3}', '{"a": [1, 2]}', '{"a": ["x", 2, 3]}'])
def test_what_is_remembered_may_be_damaged(font: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    remembered_file().parent.mkdir(parents=True)
    remembered_file().write_text(text)
    trials = trials_that_end(monkeypatch, 0)
    try_soundfont(font)
    assert trials.count == 1
    assert json.loads(remembered_file().read_text()).keys() == {str(font)}


def test_the_font_that_comes_along_needs_no_trial(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    trials = trials_that_end(monkeypatch, 0)
    bundled = bundled_soundfont()
    assert bundled is not None
    (tmp_path / "copy.sf2").write_bytes(bundled.read_bytes())
    try_soundfont(tmp_path / "copy.sf2")
    assert trials.count == 0


def test_the_instruments_of_a_font_tell_whether_it_is_general_midi(font: Path) -> None:
    bundled = bundled_soundfont()
    assert bundled is not None
    assert is_general_midi(bundled)
    assert not is_general_midi(font)


def needs_fluidsynth() -> None:
    if not is_fluidsynth_here():
        pytest.fail("libfluidsynth is missing; `make setup` installs it")


def test_a_real_trial_takes_a_good_font_and_refuses_what_fluidsynth_cannot_load(font: Path, tmp_path: Path) -> None:
    needs_fluidsynth()
    try_soundfont(font)
    bad = tmp_path / "bad.sf2"
    bad.write_bytes(tiny_font().replace(b"phdr", b"xxxx"))
    with pytest.raises(SoundFontError):
        try_soundfont(bad)


def test_a_trial_is_limited_in_memory_and_time() -> None:
    needs_fluidsynth()
    code = (  # a trial of no font
        "import resource; from musicassist.sound.soundfonts import main; main(); "
        "print(resource.getrlimit(resource.RLIMIT_AS)[0], resource.getrlimit(resource.RLIMIT_CPU)[0])"
    )
    if sys.platform == "win32":
        pytest.skip("Windows has no such limits")
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == [str(4 * 2**30), "20"]


def test_a_font_that_fails_its_trial_is_told_and_the_default_is_taken(
    font: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs_fluidsynth()
    trials_that_end(monkeypatch, -11)
    output = open_output(SoundSettings(soundfont=font))
    output.synth.close()  # another test may listen to what is connected to JACK
    status = output.status
    assert "tiny.sf2" in str(status.problem)
    assert status.remedy
