"""Call and response and the duet, live: a foreign keyboard plays through the window, a foreign receiver listens."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lab.sound.exchanges import (
    BEATS_PER_BAR,
    Answers,
    Call,
    Stroke,
    answers_of,
    beat_seconds,
    calls_of,
    chord_seconds,
    keyboard_command,
)
from lab.sound.jack_system import (
    Heard,
    dummy_jack_server,
    heard_messages,
    is_connected,
    jack_ports,
    require_programs,
    running,
    wait_until,
)
from lab.sound.loads import model_at_work
from lab.window.turns import turn_until
from musicassist.composing.engine import Engine
from musicassist.document.song_edits import set_tempo
from musicassist.settings import Settings
from musicassist.ui.building import Surroundings, build_window, make_application
from musicassist.ui.main_window import MainWindow
from musicassist.ui.model_status import ModelFact

Row = dict[str, Any]  # {metric, model, value, unit, n, seed, split}
CALLS = calls_of((1, 2, 4, 1, 8, 2, 1, 3), (0.0, 0.45, 0.1, 0.7, 0.05, 1.3, 0.3, 0.9))  # bars, beats off the bar line
BUSY_CALLS = calls_of((1, 4, 2, 1), (0.0, 0.45, 0.1, 0.7))
TALK_BPM, DUET_BPM = 200.0, 120.0
DUET_BARS = 12
KEYBOARD, RECEIVER = "foreign-keys", "foreign-receiver"
_MAX_SECONDS = 200.0  # LIMIT: of playing
_BEFORE_SECONDS = 3.0  # until the keyboard is found
_AWAY_SECONDS = 2.5  # the next keyboard has the same name
_SEED = 1


def measure_together(
    make_engine: Callable[[], Engine],
    list_models: Callable[[], Sequence[ModelFact]],
    *,
    calls: Sequence[Call] = CALLS,
    busy_calls: Sequence[Call] = BUSY_CALLS,
    duet_bars: int = DUET_BARS,
) -> list[Row]:
    """Plays calls at 200 bpm, some of them while another process composes, then a melody for the duet at 120 bpm.

    Takes about two and a half minutes.

    Args:
        make_engine: Makes the composing engine, in the generation thread.
        list_models: Names the models.
        calls: Played on a machine that does nothing else.
        busy_calls: Played while 8 takes decode in another process.
        duet_bars: How many bars the song plays, of which the melody begins in the third.

    Raises:
        SoundError: JACK's programs are missing, or something does not come up.
    """
    require_programs()
    make_application()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stack.enter_context(dummy_jack_server())
        dump = folder / "heard.txt"
        stack.enter_context(running("jack_midi_dump", "-a", RECEIVER, output=dump))
        wait_until(lambda: f"{RECEIVER}:input" in jack_ports(), "JACK's receiver does not start.")
        stage = Stage(stack.enter_context(_window(folder, make_engine, list_models)), dump)
        rows = [*_talk_rows("call and response", stage.converse(calls, TALK_BPM))]
        rows += _duet_rows(stage.accompany(duet_bars, DUET_BPM))
        if busy_calls:
            with model_at_work(folder):
                rows += _talk_rows("call and response while 8 takes decode", stage.converse(busy_calls, TALK_BPM))
    return rows


@dataclass(frozen=True)
class Talk:
    """What became of the calls, and by which model each answer was made; empty for the rule."""

    answers: Answers
    models: tuple[str, ...]


@dataclass(frozen=True)
class Duet:
    """The accompaniment.

    Attributes:
        leads_beats: How long before its place each chord was handed to the sound engine.
        errors_seconds: By how much each chord missed its beat at the receiver.
    """

    leads_beats: tuple[float, ...]
    errors_seconds: tuple[float, ...]


@contextmanager
def _window(
    folder: Path, make_engine: Callable[[], Engine], list_models: Callable[[], Sequence[ModelFact]]
) -> Iterator[MainWindow]:
    """The window with an empty song, its model loaded, its sound going to the foreign receiver."""
    settings = Settings(output_port=f"{RECEIVER}:input", take_seed=_SEED)
    window = build_window(Surroundings(settings, lambda _settings: None, make_engine, list_models, folder / "recovery"))
    try:
        window.resize(1280, 720)
        window.show()
        window.start(None)
        yield window
    finally:
        window.shut_down(keep_recovery=False)
        window.deleteLater()


class Stage:
    """The window among foreign programs."""

    def __init__(self, window: MainWindow, dump: Path) -> None:
        """``dump`` is where the receiver writes what it hears."""
        self._window, self._dump = window, dump

    def begin(self, tempo_bpm: float) -> None:
        """An empty song in a tempo; everything is connected."""
        wait_until(lambda: is_connected(f"{RECEIVER}:input"), "The sound engine does not open the receiver's port.")
        turn_until(lambda: self._window.generator.is_ready)
        self._window.session.new()
        document = self._window.session.document
        document.apply("Change tempo", set_tempo(document.song, 0, tempo_bpm))

    def converse(self, calls: Sequence[Call], tempo_bpm: float) -> Talk:
        """Plays the calls with call and response switched on, until the last answer is over."""
        session, talk = self._window.session, self._window.ensemble.talk
        models: dict[int, str] = {}

        def is_over() -> bool:
            for tick in talk.sounding.start_tick[:1].tolist():
                models[tick] = talk.answered_by
            bars = session.transport.position_tick() / session.document.song.ticks_per_beat / BEATS_PER_BAR
            return bars > calls[-1].at_beats / BEATS_PER_BAR + 2 * calls[-1].bars + 2

        self.begin(tempo_bpm)
        strokes = [stroke for call in calls for stroke in call.strokes()]
        with self._heard(strokes, tempo_bpm) as heard:
            self._window.actions_table.run("assistant.call_and_response")
            turn_until(is_over, _MAX_SECONDS)
            self._window.actions_table.run("assistant.call_and_response")
            session.transport.stop()
        return Talk(answers_of(heard, calls, tempo_bpm), tuple(models.values()))

    def accompany(self, bars: int, tempo_bpm: float) -> Duet:
        """Plays a melody with the duet switched on, over an empty song that plays."""
        session, duet = self._window.session, self._window.ensemble.duet
        leads_beats: dict[int, float] = {}

        def is_over() -> bool:
            tick, ticks_per_beat = session.transport.position_tick(), session.document.song.ticks_per_beat
            for start_tick in duet.track.notes.start_tick.tolist():
                leads_beats.setdefault(start_tick, (start_tick - tick) / ticks_per_beat)
            return tick > bars * BEATS_PER_BAR * ticks_per_beat

        self.begin(tempo_bpm)
        with self._heard(list(Call(0.0, bars).strokes()), tempo_bpm) as heard:
            self._window.actions_table.run("assistant.duet")
            session.transport.play()
            turn_until(is_over, _MAX_SECONDS)
            channel = duet.track.channel
            self._window.actions_table.run("assistant.duet")
            session.transport.stop()
        beats = np.array(list(beat_seconds(heard, tempo_bpm).values()))
        errors = [float(np.abs(beats - seconds).min()) for seconds in chord_seconds(heard, channel)]
        return Duet(tuple(leads_beats.values()), tuple(errors))

    @contextmanager
    def _heard(self, strokes: Sequence[Stroke], tempo_bpm: float) -> Iterator[list[Heard]]:
        """Runs the keyboard meanwhile; afterwards the list holds what the window sent."""
        before = len(self._dump.read_text())
        heard: list[Heard] = []
        with running(*keyboard_command(KEYBOARD, strokes, tempo_bpm, _BEFORE_SECONDS)):
            yield heard
        gone_seconds = time.monotonic() + _AWAY_SECONDS
        turn_until(lambda: time.monotonic() > gone_seconds)
        heard += heard_messages(self._dump.read_text()[before:])


def _talk_rows(what: str, talk: Talk) -> Iterator[Row]:
    answers = talk.answers
    yield _row(f"{what}, calls answered", len(answers.errors), "calls", answers.calls)
    yield _row(f"{what}, notes before the bar line of the answer", answers.misplaced, "notes", answers.calls)
    for percent in (50, 100):
        error_ms = float(np.percentile(np.abs(answers.errors) * 1000, percent))
        yield _row(
            f"{what}, answer against its bar line at a foreign receiver, p{percent}", error_ms, "ms", answers.calls
        )
    composed = sum(model != "" for model in talk.models)
    yield _row(f"{what}, answers composed by a model", composed, "answers", len(talk.models))


def _duet_rows(duet: Duet) -> Iterator[Row]:
    chords = len(duet.errors_seconds)
    yield _row("duet, chord handed on before its place, least", min(duet.leads_beats), "beats", len(duet.leads_beats))
    yield _row(
        "duet, chord against its beat at a foreign receiver, largest", max(duet.errors_seconds) * 1000, "ms", chords
    )


def _row(metric: str, value: float, unit: str, count: int) -> Row:
    return {"metric": metric, "model": "window", "value": value, "unit": unit, "n": count, "seed": _SEED, "split": ""}
