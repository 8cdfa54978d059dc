"""A tune in 32nds is gone on with in 32nds, by a model as it is, and its plan speaks of the bars on the screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from musicassist.composing.engine import Engine
from musicassist.composing.step_grid import FINE_STEPS_PER_BEAT
from musicassist.families.registry import FAMILIES
from musicassist.midi import ImportedSong
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.score.timing import MeterChange
from tiny_models import install_tiny_model
from window_doubles import Stage
from window_hands import CTRL, offer_takes, press

BAR = 960  # of two quarters
TURN = (0, 120, 180, 240, 300, 360, 420, 480, 720)  # an eighth, a turn in 32nds, eighths


@pytest.fixture
def stage(empty_stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """The window with eight such bars, and a model with random weights behind it."""
    install_tiny_model(tmp_path / "checkpoints", "lstm")
    engine = Engine(tmp_path / "checkpoints", FAMILIES)
    monkeypatch.setattr(empty_stage.engine, "load", engine.load)
    monkeypatch.setattr(empty_stage.engine, "generate", engine.generate)
    ends = (*TURN[1:], BAR)
    rows = [(at, end - at, 60 + 2 * i) for i, (at, end) in enumerate(zip(TURN, ends, strict=True))]
    notes = Notes.of(Note(bar * BAR + at, pitch + bar % 3, ticks) for bar in range(8) for at, ticks, pitch in rows)
    song = Song((Track("Melody", notes),), meter_changes=(MeterChange(0, 2, 4),))
    empty_stage.session.open(ImportedSong(song, (), 1, 6), None)
    return empty_stage


def test_a_tune_in_32nds_is_gone_on_with_on_its_own_grid(stage: Stage, qtbot: QtBot) -> None:
    before = stage.document.song
    offer_takes(stage, qtbot)
    takes = stage.session.takes
    onsets = {tick for take in takes.offer for tick in take.notes.start_tick.tolist()}
    step = before.ticks_per_beat // FINE_STEPS_PER_BEAT
    assert any(tick % 120 == 60 for tick in onsets)
    assert not any(tick % step for tick in onsets)
    assert {take.to_tick for take in takes.offer} == {8 * BAR + stage.session.takes.controls.bars * BAR}

    plan = takes.current.plan
    assert plan is not None
    assert (len(plan.bars), plan.first_number) == (stage.session.takes.controls.bars, 9)
    scene = stage.window.roll.scene
    assert scene.offer is not None
    assert [own.from_tick for own in scene.offer.brackets] == [8 * BAR + BAR * n for n in range(len(plan.bars))]

    press(stage, Qt.Key.Key_Return)
    kept = stage.document.track.notes
    assert int(kept.end_tick.max()) <= takes_end(stage)
    assert any(tick % 120 == 60 for tick in kept.start_tick.tolist() if tick >= 8 * BAR)
    press(stage, Qt.Key.Key_Z, CTRL)
    assert stage.document.song == before


def takes_end(stage: Stage) -> int:
    return 8 * BAR + stage.session.takes.controls.bars * BAR
