"""The net that our note rate is held against is a GPT-2, and what is not there is said."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from lab import note_rates
from lab.evaluation import take_time
from lab.evaluation.form_speed import four_tracks
from lab.note_rates import ATTENTION_HEADS, GPT2, LAYERS, LONGEST, NOTOCHORD, OURS, TOKENS, WIDTH, Gpt2, measure_rates
from musicassist.composing.request import GenerationRequest
from musicassist.errors import UsageError


def test_with_its_cache_the_rival_says_what_it_says_of_the_whole() -> None:
    torch.manual_seed(1)
    net = Gpt2().eval()
    tokens = torch.randint(TOKENS, (2, 9))

    def cache() -> torch.Tensor:
        return torch.zeros(LAYERS, 2, 2, ATTENTION_HEADS, LONGEST, WIDTH // ATTENTION_HEADS)

    with torch.inference_mode():
        whole, kept = net(tokens, cache(), 0), cache()
        net(tokens[:, :6], kept, 0)
        for place in range(6, 9):
            said = net(tokens[:, place : place + 1], kept, place)
    assert torch.allclose(said, whole, atol=1e-4)
    assert sum(own.numel() for own in net.parameters()) == pytest.approx(20.3e6, rel=0.01)


def test_each_of_ours_is_divided_by_each_of_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    rates = {name: 600.0 + 60 * place for place, name in enumerate(OURS)} | dict.fromkeys(GPT2, 30.0)
    rates[NOTOCHORD] = 20.0
    monkeypatch.setattr(note_rates, "_run", lambda name, _command: rates[name])
    rows = {(row.metric.split(", times")[0], row.model): row.value for row in measure_rates(Path("python"))}
    assert rows["8 takes, lstm", NOTOCHORD] == 30
    assert rows["8 takes, lstm-form", "GPT-2, 6 x 512, 1 stream"] == 22
    assert rows["1 take of four tracks, ensemble", NOTOCHORD] == 42
    assert len(rows) == len(rates) + len(OURS) * 3
    assert not any("Notochord" in row.model for row in measure_rates())


def test_notes_of_all_tracks_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def generate(request: GenerationRequest) -> list[SimpleNamespace]:
        asked.append(request)
        return [SimpleNamespace(notes=range(3), parts=[SimpleNamespace(notes=range(4))])]

    seconds = iter(range(1000))
    monkeypatch.setattr(take_time, "make_engine", lambda: SimpleNamespace(generate=generate))
    monkeypatch.setattr(take_time.time, "process_time", lambda: next(seconds) * 0.5)
    assert take_time.notes_per_second("ensemble", four_tracks(), all_parts=True, takes=1) == 7 / 0.5
    assert {(one.model, one.takes, one.all_parts, len(one.song.tracks)) for one in asked} == {("ensemble", 1, True, 4)}
    assert len({one.seed for one in asked}) == len(asked)


def test_a_python_without_notochord_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    run = note_rates._run
    monkeypatch.setattr(note_rates, "_run", lambda name, words: run(name, words) if "Notochord" in name else 1.0)
    with pytest.raises(UsageError, match="Notochord, query_feed could not be measured: ModuleNotFoundError"):
        measure_rates(Path(sys.executable))
