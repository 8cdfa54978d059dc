"""Nobody who composes, listens or saves waits for torch: its import is blocked, and all goes on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from musicassist.families.registry import FAMILIES
from musicassist.resources import checkpoints_folder

_BLOCKED = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "torch":
            raise ImportError("torch is blocked")

sys.meta_path.insert(0, Blocked())
"""
_COMPOSE = """
from dataclasses import replace
from musicassist.composing.engine import Engine
from musicassist.composing.request import GenerationRequest
from musicassist.families.registry import FAMILIES
from musicassist.resources import checkpoints_folder
from musicassist.score.song import Note, Notes, Song, Track

notes = Notes.of(Note(480 * beat, 60 + beat * 7 % 12, 480) for beat in range(12))
song, engine = Song((Track("Melody", notes),), 480), Engine(checkpoints_folder(), FAMILIES)
for card in engine.models():
    for verb in card.verbs:
        request = GenerationRequest(verb, song, bars=2, takes=2, model=card.name, to_tick=3840, other=song)
        if verb == "infill":
            request = replace(request, from_tick=1920)
        takes = engine.generate(request)
        assert len(takes) == 2 and all(len(take.notes) for take in takes), (card.name, verb)
        print(card.name, verb)
assert not any(name.partition(".")[0] == "torch" for name in sys.modules)
"""
_WINDOW = """
import time
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
import musicassist.ui.main_window
from musicassist import app
from musicassist.composing.request import GenerationRequest
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.ui.background import BackgroundGenerator

application = QApplication([])
generator, ready, takes, failed = BackgroundGenerator(app.make_engine), [], [], []
generator.model_ready.connect(ready.append)
generator.takes_arrived.connect(lambda request, made: takes.append(made))
generator.failed.connect(lambda request, error: failed.append(str(error)))

def wait(for_what):
    until = time.monotonic() + 60
    while not for_what and not failed and time.monotonic() < until:
        QTest.qWait(20)
    assert for_what and not failed, failed

generator.load("lstm")
wait(ready)
notes = Notes.of(Note(480 * beat, 60 + beat * 7 % 12, 480) for beat in range(12))
generator.start(GenerationRequest("continue", Song((Track("Melody", notes),), 480), bars=2, takes=2))
wait(takes)
assert generator.close()
assert not any(name.partition(".")[0] == "torch" for name in sys.modules)
"""


def run(code: str, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", _BLOCKED + code, *words]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300, check=False)


@pytest.mark.skipif(not checkpoints_folder().exists(), reason="no models are installed")
def test_every_installed_model_composes_without_torch() -> None:
    done = run(_COMPOSE)
    assert done.returncode == 0, done.stderr[-2000:]
    asked = {line.split()[0] for line in done.stdout.splitlines()}
    assert asked == {card.name for card in FAMILIES.installed(checkpoints_folder())}


def test_the_window_composes_without_torch() -> None:
    done = run(_WINDOW)
    assert done.returncode == 0, done.stderr[-2000:]


def test_words_of_the_command_line_do_without_torch(tmp_path: Path) -> None:
    made, heard = tmp_path / "made.mid", tmp_path / "made.wav"
    code = "from musicassist.app import main; raise SystemExit(main(sys.argv[1:]))"
    for words in (
        ("generate", "--bars", "2", "--seed", "1", "-o", str(made)),
        ("continue", str(made), "--bars", "2", "-o", str(tmp_path / "more.mid")),
        ("render", str(made), "-o", str(heard)),
        ("models",),
        ("originality", str(made)),
    ):
        done = run(code, *words)
        assert done.returncode == 0, (words, done.stderr[-2000:])
    assert heard.stat().st_size > 1000
