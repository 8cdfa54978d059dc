"""Opening what sounds: whatever is missing, something is opened, and the user is told in words what to do."""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path

import pytest

from lab.sound.font_proof import tiny_font
from musicassist.errors import SoundError
from musicassist.sound import builtin_synth, outputs
from musicassist.sound.builtin_synth import BuiltinSynth
from musicassist.sound.fluid_synth import FluidSynth
from musicassist.sound.messages import SILENT_DRIVER, SoundSettings, Tone
from musicassist.sound.outputs import open_output
from musicassist.sound.ports import NO_MIDI, NO_RTMIDI, PortList, list_ports, plain_name
from musicassist.sound.synth import SilentSynth


@pytest.fixture(autouse=True)
def _no_player(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builtin_synth, "PLAYERS", ())
    monkeypatch.setattr(builtin_synth, "start_module", _end_at_once)


def _end_at_once(*_words: str, **_pipes: int) -> subprocess.Popen[bytes]:
    """In place of our process of PortAudio: it finds nothing."""
    pipe = subprocess.PIPE
    return subprocess.Popen((sys.executable, "-c", ""), stdin=pipe, stdout=pipe, bufsize=0)


@pytest.fixture
def player() -> tuple[str, ...]:
    """A program that takes samples at the pace of a sound card."""
    return (sys.executable, "-c", "import sys, time\nwhile sys.stdin.buffer.read(4096):\n    time.sleep(4096 / 192000)")


def test_silence_by_choice_is_no_problem() -> None:
    output = open_output(SoundSettings(silent=True))
    assert (output.status.driver, output.status.problem) == ("silent", None)


def test_going_on_silently_is_a_choice_like_a_driver_and_no_problem() -> None:
    output = open_output(SoundSettings(driver=SILENT_DRIVER))
    assert (output.status.driver, output.status.problem) == ("silent", None)


def test_without_the_library_it_is_silent_and_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outputs, "is_fluidsynth_here", lambda: False)
    output = open_output(SoundSettings())
    assert isinstance(output.synth, SilentSynth)
    assert "FluidSynth" in str(output.status.problem)
    assert "libfluidsynth3" in str(output.status.remedy)


def test_without_the_library_the_built_in_synth_plays_where_a_program_takes_samples(
    monkeypatch: pytest.MonkeyPatch, player: tuple[str, ...]
) -> None:
    monkeypatch.setattr(outputs, "is_fluidsynth_here", lambda: False)
    monkeypatch.setattr(
        builtin_synth, "PLAYERS", (("nosuch-program",), (sys.executable, "-c", "raise SystemExit(1)"), player)
    )
    output = open_output(SoundSettings(soundfont=Path("chosen.sf2"), driver="nosuch"))
    assert isinstance(output.synth, BuiltinSynth)
    assert output.status.driver.startswith("built-in synth")
    assert "Built-in synth" in str(output.status.problem)
    assert "libfluidsynth3" in str(output.status.remedy)
    output.synth.close()


@pytest.mark.parametrize("settings", [SoundSettings(), SoundSettings(driver="alsa")])
def test_without_a_driver_that_fluidsynth_knows_the_built_in_synth_plays(
    monkeypatch: pytest.MonkeyPatch, player: tuple[str, ...], settings: SoundSettings
) -> None:
    def no_driver(driver: str | None, *, soundfont: Path | None, tone: Tone) -> None:
        raise SoundError("No audio device was found.")

    monkeypatch.setattr(outputs, "is_fluidsynth_here", lambda: True)
    monkeypatch.setattr(outputs, "open_synth", no_driver)
    monkeypatch.setattr(builtin_synth, "PLAYERS", (player,))
    output = open_output(settings)
    assert isinstance(output.synth, BuiltinSynth)
    assert "No audio device was found" in str(output.status.problem)
    output.synth.close()


def test_where_fluidsynth_finds_no_device_portaudio_is_not_asked_and_it_is_silent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def never() -> None:
        raise AssertionError

    monkeypatch.setattr(builtin_synth, "PortAudioPlayer", never)

    def no_driver(driver: str | None, *, soundfont: Path | None, tone: Tone) -> None:
        raise SoundError("No audio device was found (tried {drivers}).", drivers=driver or "all")

    monkeypatch.setattr(outputs, "is_fluidsynth_here", lambda: True)
    monkeypatch.setattr(outputs, "open_synth", no_driver)
    for settings in (SoundSettings(), SoundSettings(driver="alsa")):
        output = open_output(settings)
        assert isinstance(output.synth, SilentSynth)
        assert "No audio device" in str(output.status.problem)
        assert output.status.remedy


@pytest.fixture
def no_jack(monkeypatch: pytest.MonkeyPatch) -> None:
    """No server of another test's: a client of JACK in this process that crashes would end all tests."""
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "musicassist-nobody")
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")


@pytest.mark.usefixtures("no_jack")
def test_a_missing_port_is_told_and_never_mutes_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outputs, "is_fluidsynth_here", lambda: False)
    output = open_output(SoundSettings(output_port="Nowhere"))
    assert "Nowhere" in str(output.status.problem) or output.status.problem == NO_RTMIDI
    assert output.status.remedy


@pytest.mark.usefixtures("no_jack")
def test_listing_ports_never_raises() -> None:
    ports = list_ports()
    assert isinstance(ports, PortList)
    assert ports.problem in (None, NO_MIDI, NO_RTMIDI)


def test_the_name_of_a_port_has_no_numbers_that_change() -> None:
    assert plain_name("Keystation 49:Keystation 49 MIDI 1 20:0") == "Keystation 49:Keystation 49 MIDI 1"


def test_a_font_without_a_piano_plays_its_nearest_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    head = struct.pack("<20sHH", b"Piano", 0, 0)
    for program in (0, 40):
        path = tmp_path / f"few{program}.sf2"
        path.write_bytes(tiny_font().replace(head, struct.pack("<20sHH", b"Piano", program, 0)))
        synth = FluidSynth(path)
        monkeypatch.setattr(outputs, "open_synth", lambda _driver, *, opened=synth, **_settings: opened)
        output = open_output(SoundSettings(soundfont=path))
        assert (output.status.problem is None) == (program == 0)
        assert output.synth is synth
        synth.send((0x90, 60, 100))
        assert abs(synth.render(6400).astype(int)).max() > 100
        synth.close()
