"""The engine without pipes: what the settings change, what it tells, and that nothing mutes it for good."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, ClassVar

import pytest

from musicassist.errors import Words
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.sound import engine as engine_module
from musicassist.sound import outputs
from musicassist.sound.engine import SoundEngine
from musicassist.sound.messages import Configure, PortsChanged, Report, SetSong, SoundSettings, StatusChanged, Tone
from musicassist.sound.outputs import Output
from musicassist.sound.ports import PortList
from musicassist.sound.synth import SilentSynth

SONG = Song((Track(notes=Notes.of([Note(0, 60, 480)]), output_port="Drum box"),))


class TunedSynth:
    """Passes for a synth on a device, and keeps the tones that it was given."""

    def __init__(self) -> None:
        self.driver, self.tones = "alsa", list[Tone]()
        self._silent = SilentSynth(time.monotonic)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._silent, name)

    def set_tone(self, tone: Tone) -> None:
        self.tones.append(tone)


class QuietWatch:
    """A watch over ports that finds what the test lists."""

    listed: tuple[str, ...] = ()
    wanted: ClassVar[list[str | None]] = []

    def __init__(self, *_arguments: object) -> None:
        self.wanted.clear()
        self.ports, self.has_looked, self.input_port = PortList(outputs=self.listed), True, None
        self.looked_at_seconds = 0.0

    def start(self) -> None:
        pass

    def want(self, input_port: str | None) -> None:
        self.wanted.append(input_port)

    def report(self, output_port: str | None) -> PortsChanged:
        return PortsChanged((), self.listed, None, output_port)

    def close(self) -> None:
        pass


class Stage:
    """An engine whose outputs the test opens."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.opened: list[SoundSettings] = []
        self.synth = TunedSynth()
        self.told: list[Report] = []
        self.answer: Callable[[], Output] = lambda: Output(self.synth, StatusChanged("alsa", "A.sf2"))
        monkeypatch.setattr(outputs, "open_output", self._open)
        monkeypatch.setattr(engine_module, "PortWatch", QuietWatch)
        self.engine = SoundEngine(self.told.append, lambda _position: None)

    def _open(self, settings: SoundSettings) -> Output:
        self.opened.append(settings)
        return self.answer()

    def configure(self, settings: SoundSettings) -> None:
        self.engine.obey(Configure(settings))
        self.turn_until(lambda: not self.engine._opening.is_pending)

    def turn_until(self, is_fulfilled: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 10
        self.engine.turn()
        while not is_fulfilled():
            assert time.monotonic() < deadline
            self.engine.turn()

    def status(self) -> StatusChanged:
        return next(report for report in reversed(self.told) if isinstance(report, StatusChanged))


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    return Stage(monkeypatch)


def test_another_tone_is_heard_without_opening_anything_anew(stage: Stage) -> None:
    stage.configure(SoundSettings())
    stage.configure(SoundSettings(tone=Tone(reverb="hall")))
    assert len(stage.opened) == 1
    assert stage.synth.tones == [Tone(reverb="hall")]
    stage.configure(SoundSettings(tone=Tone(reverb="hall"), driver="jack"))
    assert len(stage.opened) == 2


def test_choosing_a_keyboard_or_the_clock_opens_no_output_anew(stage: Stage) -> None:
    stage.configure(SoundSettings())
    stage.configure(SoundSettings(input_port="LPK25"))
    stage.configure(SoundSettings(input_port="LPK25", midi_clock=False, tone=Tone(reverb="hall")))
    assert len(stage.opened) == 1
    assert stage.synth.tones == [Tone(reverb="hall")]
    assert QuietWatch.wanted == ["LPK25"]
    stage.configure(SoundSettings(input_port="LPK25", midi_clock=False, driver="jack"))
    assert len(stage.opened) == 2
    assert QuietWatch.wanted == ["LPK25"]


def test_the_same_settings_again_open_the_keyboard_anew_and_an_output_only_where_it_has_a_problem(stage: Stage) -> None:
    stage.configure(SoundSettings())
    stage.configure(SoundSettings())
    assert len(stage.opened) == 1
    assert QuietWatch.wanted == [None]
    stage.answer = lambda: Output(
        stage.synth, StatusChanged("alsa", problem=Words("There is no driver nosuch."), remedy=Words("-"))
    )
    stage.configure(SoundSettings(driver="nosuch"))
    stage.configure(SoundSettings(driver="nosuch"))
    assert len(stage.opened) == 3


def test_a_port_that_a_track_misses_is_told_and_the_song_plays_on(stage: Stage) -> None:
    stage.configure(SoundSettings())
    assert stage.status().missing_ports == ()
    stage.engine.obey(SetSong(SONG))
    stage.engine.turn()
    assert stage.status().missing_ports == ("Drum box",)
    assert stage.status().problem is None
    stage.engine.obey(SetSong(Song()))
    stage.engine.turn()
    assert stage.status().missing_ports == ()


def test_what_is_silent_is_tried_again_until_it_sounds_even_with_a_problem_told(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outputs, "RETRY_SECONDS", 0.2)
    silent = SilentSynth(time.monotonic)
    stage.answer = lambda: Output(
        silent, StatusChanged("silent", problem=Words("No audio device was found."), remedy=Words("-"))
    )
    stage.configure(SoundSettings(driver="nosuch"))
    assert stage.status().driver == "silent"
    stage.answer = lambda: Output(
        stage.synth, StatusChanged("alsa", problem=Words("There is no driver nosuch."), remedy=Words("-"))
    )
    stage.turn_until(lambda: stage.status().driver == "alsa")
    assert "nosuch" in str(stage.status().problem)


@pytest.mark.usefixtures("thread_bugs")
def test_a_bug_while_opening_is_told_as_silence_and_the_next_choice_sounds(stage: Stage) -> None:
    stage.answer = lambda: 1 / 0  # type: ignore[assignment, return-value]
    stage.configure(SoundSettings())
    assert (stage.status().driver, str(stage.status().problem)) == ("silent", "The sound output could not be opened.")
    stage.answer = lambda: Output(stage.synth, StatusChanged("alsa"))
    stage.configure(SoundSettings())
    assert (stage.status().driver, stage.status().problem) == ("alsa", None)
