from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from builders import phrase
from musicassist.composing.request import GenerationRequest
from musicassist.errors import CheckpointError, SeedError
from musicassist.score.song import Song, Track
from musicassist.ui.background import BackgroundGenerator, Result
from window_doubles import ScaleEngine

REQUEST = GenerationRequest("continue", Song(tracks=(Track("Melody", phrase(60, 62, 64, 65, step_ticks=480)),)))


Open = Callable[[Callable[[], ScaleEngine]], BackgroundGenerator]


@pytest.fixture
def open_generator() -> Iterator[Open]:
    """Makes generators that are closed whatever happens: a running thread that is forgotten aborts the process."""
    opened: list[BackgroundGenerator] = []

    def make(make_engine: Callable[[], ScaleEngine]) -> BackgroundGenerator:
        opened.append(BackgroundGenerator(make_engine))
        return opened[-1]

    yield make
    for generator in opened:
        assert generator.close()


class Told:
    """What the generator said, in order, and in which thread."""

    def __init__(self, generator: BackgroundGenerator) -> None:
        self.events: list[tuple[str, Any]] = []
        self.is_main = True
        generator.model_ready.connect(lambda name: self._write("ready", name))
        generator.note_arrived.connect(lambda _request, number, _note: self._write("note", number))
        generator.takes_arrived.connect(lambda _request, takes: self._write("takes", len(takes)))
        generator.failed.connect(lambda request, error: self._write("failed", (request, str(error))))

    def _write(self, kind: str, value: Any) -> None:
        self.is_main = self.is_main and threading.current_thread() is threading.main_thread()
        self.events.append((kind, value))

    def kinds(self) -> list[str]:
        return [kind for kind, _ in self.events]


def test_notes_come_before_their_takes_and_on_the_main_thread(qtbot: QtBot, open_generator: Open) -> None:
    engine = ScaleEngine()
    generator = open_generator(lambda: engine)
    told = Told(generator)
    generator.load("lstm")
    generator.start(REQUEST)
    qtbot.waitUntil(lambda: "takes" in told.kinds())

    assert told.kinds()[0] == "ready"
    assert told.kinds()[-1] == "takes"
    assert told.kinds().count("note") == 4 * 16
    assert told.is_main


def test_a_cancelled_request_hands_over_no_takes(qtbot: QtBot, open_generator: Open) -> None:
    engine = ScaleEngine()
    engine.may_end.clear()
    generator = open_generator(lambda: engine)
    told = Told(generator)
    generator.start(REQUEST)
    qtbot.waitUntil(lambda: told.kinds().count("note") == 64)
    generator.cancel()
    engine.may_end.set()
    second = GenerationRequest("continue", REQUEST.song, seed=2)
    generator.start(second)
    qtbot.waitUntil(lambda: "takes" in told.kinds())

    assert told.kinds().count("takes") == 1
    assert "failed" not in told.kinds()


def test_errors_are_told_with_their_request(qtbot: QtBot, open_generator: Open) -> None:
    engine = ScaleEngine()
    engine.problem = SeedError("There are no notes to continue.")
    generator = open_generator(lambda: engine)
    told = Told(generator)
    generator.load("lstm")
    qtbot.waitUntil(lambda: told.kinds() == ["failed"])
    assert told.events[0][1] == (None, "There are no notes to continue.")
    assert not generator.is_ready


def test_an_engine_that_cannot_be_made_is_told_in_words(
    qtbot: QtBot, open_generator: Open, caplog: pytest.LogCaptureFixture
) -> None:
    def no_torch() -> ScaleEngine:
        raise ImportError("No module named 'torch'")

    generator = open_generator(no_torch)
    told = Told(generator)
    generator.load("lstm")
    qtbot.waitUntil(lambda: told.kinds() == ["failed"])
    assert told.events[0][1][1] == "The model lstm could not be loaded: No module named 'torch'."
    assert "could not be loaded" in caplog.text


def test_closing_while_it_composes_ends_the_thread(qtbot: QtBot, open_generator: Open) -> None:
    engine = ScaleEngine()
    engine.may_end.clear()
    generator = open_generator(lambda: engine)
    told = Told(generator)
    generator.start(REQUEST)
    qtbot.waitUntil(lambda: "note" in told.kinds())
    assert generator.close()


def test_a_generator_that_was_never_used_closes() -> None:
    assert BackgroundGenerator(ScaleEngine).close()


def test_a_missing_model_is_told(qtbot: QtBot, open_generator: Open) -> None:
    engine = ScaleEngine()
    engine.problem = CheckpointError("There is no model named {name}.", name="gru")
    generator = open_generator(lambda: engine)
    told = Told(generator)
    generator.load("gru")
    qtbot.waitUntil(lambda: told.kinds() == ["failed"])


def test_a_note_that_was_fetched_just_before_the_thread_told_of_it_stops_nothing(
    qtbot: QtBot, open_generator: Open
) -> None:
    """The thread puts a note down; the frame fetches it; only then the thread says that there is one."""
    generator = open_generator(ScaleEngine)
    told = Told(generator)
    generator._request = REQUEST
    news = generator._composer.has_news
    generator._frame.start()
    news.set()  # told of, but fetched already
    generator._composer.arrived.emit()
    qtbot.waitUntil(lambda: not generator._frame.isActive())
    generator._composer._hand_over(Result("note", REQUEST, (1, REQUEST.song.tracks[0].notes[0])))
    qtbot.waitUntil(lambda: told.kinds() == ["note"])


def test_a_seed_is_read_ahead_until_somebody_asks(qtbot: QtBot, open_generator: Open) -> None:
    engine = ScaleEngine()
    generator = open_generator(lambda: engine)
    generator.read_ahead(REQUEST)  # there is no model yet
    generator.load("lstm")
    qtbot.waitUntil(lambda: generator.is_ready)
    generator.read_ahead(REQUEST)
    qtbot.waitUntil(lambda: len(engine.foreseen) == 1)
    request, is_cancelled = engine.foreseen[0]
    assert request is REQUEST
    assert not is_cancelled()
    generator.start(REQUEST)
    assert is_cancelled()
