"""What the File menu writes and reads besides the song itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from builders import phrase
from musicassist.midi import ImportedSong
from musicassist.score.song import Song, Track
from musicassist.score.timing import tempo_change
from musicassist.sound.loop_marks import LoopMarks, loop_of
from window_doubles import Stage


@pytest.mark.parametrize("way", ["loop", "selection", "song"])
def test_a_loop_is_exported_of_the_loop_the_selection_or_the_song(
    way: str, stage: Stage, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = phrase(*range(60, 76), step_ticks=480)  # four bars
    song = Song((Track("Tune", notes),), tempo_changes=(tempo_change(0, 120),))
    stage.session.open(ImportedSong(song, (), 1, 16), None)
    if way == "loop":
        stage.session.transport.set_loop(960, 2880)
    elif way == "selection":
        stage.document.select(np.isin(np.arange(16), (5, 9)))
    target, asked = tmp_path / "tune.flac", []

    def answer(_window: object, _title: str, suggested: str, _kinds: str) -> tuple[str, str]:
        asked.append(Path(suggested).name)
        return str(target), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    stage.window.actions_table.run("file.export_loop")
    bars, where = {"loop": (1, "1.3 to 2.3"), "selection": (2, "2.1 to 4.1"), "song": (4, "1.1 to 5.1")}[way]
    words = f"Exported tune.flac: from {where}, {2 * bars}.000 s, exactly {88_200 * bars} samples."
    qtbot.waitUntil(lambda: stage.window.strip.message == words)
    assert loop_of(target.read_bytes()) == LoopMarks(0, 88_200 * bars)
    assert asked == ["Untitled loop.wav"]
