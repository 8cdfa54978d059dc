"""The net that our note rate is held against is a GPT-2, and what is not there is said."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch

from lab import note_rates
from lab.note_rates import ATTENTION_HEADS, LAYERS, LONGEST, TOKENS, WIDTH, Gpt2, measure_rates
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
    assert sum(own.numel() for own in net.parameters()) == pytest.approx(19.8e6, rel=0.02)


def test_ours_is_divided_by_each_of_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    rates = {"8 takes, lstm": 600.0, "GPT-2, 6 x 512": 30.0, "Notochord, query_feed": 20.0}
    monkeypatch.setattr(note_rates, "_run", lambda name, _command: rates[name])
    rows = {(row.metric.split(", times")[0], row.model): row.value for row in measure_rates(Path("python"))}
    assert rows["notes per CPU second of ours", "GPT-2, 6 x 512"] == 20
    assert rows["notes per CPU second of ours", "Notochord, query_feed"] == 30
    assert not any("Notochord" in row.model for row in measure_rates())


def test_a_python_without_notochord_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    run = note_rates._run
    monkeypatch.setattr(note_rates, "_run", lambda name, words: run(name, words) if "Notochord" in name else 1.0)
    with pytest.raises(UsageError, match="Notochord, query_feed could not be measured: ModuleNotFoundError"):
        measure_rates(Path(sys.executable))
