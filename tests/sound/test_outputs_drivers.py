"""Opening an audio driver within a time limit: whatever comes of it, it is told, and nothing stays open."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from musicassist.errors import SoundError
from musicassist.sound import outputs
from musicassist.sound.outputs import open_synth


class OpenedSynth:
    """A synth on a driver that has opened."""

    def __init__(self) -> None:
        self.has_closed = threading.Event()

    def close(self) -> None:
        self.has_closed.set()


def opening_by(monkeypatch: pytest.MonkeyPatch, open_driver: Callable[[], OpenedSynth]) -> None:
    monkeypatch.setattr(outputs, "is_fluidsynth_here", lambda: False)  # no font is looked for
    monkeypatch.setattr(outputs, "open_fluidsynth", lambda _soundfont, **_how: open_driver())


def test_a_driver_that_opens_in_time_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    synth = OpenedSynth()
    opening_by(monkeypatch, lambda: synth)
    assert open_synth("alsa") is synth  # type: ignore[comparison-overlap]


def test_a_driver_that_is_refused_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> OpenedSynth:
        raise SoundError("There is no driver {driver}.", driver="alsa")

    opening_by(monkeypatch, refuse)
    with pytest.raises(SoundError, match="no driver alsa"):
        open_synth("alsa")


def test_a_driver_that_hangs_is_given_up_and_closed_when_it_opens_after_all(monkeypatch: pytest.MonkeyPatch) -> None:
    synth, may_open = OpenedSynth(), threading.Event()

    def open_late() -> OpenedSynth:
        assert may_open.wait(10)
        return synth

    opening_by(monkeypatch, open_late)
    monkeypatch.setattr(outputs, "TIMEOUT_SECONDS", 0.01)
    with pytest.raises(SoundError, match="does not answer"):
        open_synth("alsa")
    may_open.set()
    assert synth.has_closed.wait(10)


def test_a_driver_that_opens_at_the_last_moment_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    class HastyAnswer(outputs.Future[OpenedSynth]):
        """Its time is always over just when it has come."""

        def result(self, timeout: float | None = None) -> OpenedSynth:
            synth = super().result()
            if timeout is not None:
                raise TimeoutError
            return synth

    synth = OpenedSynth()
    opening_by(monkeypatch, lambda: synth)
    monkeypatch.setattr(outputs, "Future", HastyAnswer)
    assert open_synth("alsa") is synth  # type: ignore[comparison-overlap]
