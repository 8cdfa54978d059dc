"""Takes of several models, and a mix of takes by bars, on the command line."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from musicassist.cli import composing
from musicassist.cli.main import run as main
from musicassist.composing.request import Constraints, GenerationRequest, Take
from musicassist.composing.span import span_of
from musicassist.midi import read_song, save_song
from musicassist.score.song import Note, Notes, Song, Track

BEAT = 480


@dataclass
class BarEngine:
    """Each take has one note a bar, on a pitch of its own."""

    asked: list[GenerationRequest] = field(default_factory=list)
    named: list[str | None] = field(default_factory=list)

    def __call__(self, request: GenerationRequest, model: str | None) -> tuple[Take, ...]:
        self.asked.append(request)
        self.named.append(model)
        span, own = span_of(request), Constraints()
        rows = [
            Notes.of(Note(tick, 60 + number, BEAT) for tick in range(span.from_tick, span.to_tick, 4 * BEAT))
            for number in range(1, request.takes + 1)
        ]
        return tuple(
            Take(notes, span.from_tick, span.to_tick, request.model, request.seed, number, 1.0, 1.0, own)
            for number, notes in enumerate(rows, start=1)
        )


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> BarEngine:
    own = BarEngine()
    monkeypatch.setattr(composing, "make_takes", own)
    return own


@pytest.fixture
def phrase(tmp_path: Path) -> Path:
    song = Song(tracks=(Track("Melody", Notes.of(Note(n * BEAT, 60 + n, BEAT) for n in range(4))),))
    save_song(song, tmp_path / "in.mid")
    return tmp_path / "in.mid"


def pitches(path: Path) -> list[int]:
    return read_song(path).song.tracks[0].notes.pitch.tolist()[4:]


def test_a_mix_is_written_beside_its_takes(engine: BarEngine, phrase: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = phrase.with_name("out.mid")
    words = ["continue", str(phrase), "-o", str(out), "--takes", "3", "--model", "gru", "--mix", "1 1 3 2", "--json"]
    assert main(words) == 0
    page = json.loads(capsys.readouterr().out)
    assert pitches(out) == [61, 61, 63, 62]
    assert [pitches(out.with_name(f"out-{number}.mid")) for number in (1, 2, 3)] == [[61] * 4, [62] * 4, [63] * 4]
    assert page["mix"]["file"] == str(out) and page["mix"]["bars"] == [1, 1, 3, 2]
    assert [join["leap_semitones"] for join in page["mix"]["joins"]] == [2, -1]
    assert [join["beat"] for join in page["mix"]["joins"]] == [12.0, 16.0]
    assert len(page["takes"]) == 3


def test_takes_of_several_models_are_numbered_through(
    engine: BarEngine, phrase: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = phrase.with_name("out.mid")
    words = ["continue", str(phrase), "-o", str(out), "--takes", "2", "--models", "gru, markov", "--mix", "4 1"]
    assert main([*words, "--seed", "5"]) == 0
    said = capsys.readouterr().out
    assert [(asked.model, asked.seed) for asked in engine.asked] == [("gru", 5), ("markov", 5)]
    assert engine.named == ["gru", "markov"]
    assert pitches(out) == [62, 61, 61, 61] and pitches(out.with_name("out-3.mid")) == [61] * 4
    assert "out-4.mid" in said and "by markov" in said and "Models gru, markov, seed 5" in said
    assert "mix of takes 4 1, no join is rough" in said


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--takes", "2", "--mix", "1 3"], "no take 3"),
        (["--mix", "1 1"], "needs several takes"),
        (["--takes", "2", "--mix", "1 2 1 2 1"], "have 4 bars"),
        (["--takes", "2", "--mix", "one"], "no numbers of takes"),
        (["--models", "gru,markov", "--model", "lstm"], "either --model or --models"),
        (["--models", "gru,gru"], "different models"),
    ],
)
def test_what_cannot_be_mixed_is_said(
    words: list[str], reason: str, engine: BarEngine, phrase: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = [] if "--models" in words else ["--model", "gru"]
    try:
        code = main(["continue", str(phrase), "-o", str(phrase.with_name("out.mid")), *model, *words])
    except SystemExit as ended:
        code = int(str(ended.code))
    assert code != 0 and reason in capsys.readouterr().err
    assert not phrase.with_name("out.mid").exists()
