"""The models that are installed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

FAMILIES = {
    "markov",
    "rnn",
    "gru",
    "lstm",
    "lstm-form",
    "lstm-attention",
    "transformer",
    "vae",
    "gan",
    "hybrid",
    "ensemble",
}


def test_the_default_model_is_installed(run_cli: Callable) -> None:
    models = json.loads(run_cli("models", "--json").out)
    assert "lstm" in [model["name"] for model in models]
    for model in models:
        assert set(model) == {"name", "family", "verbs", "parameters", "bytes", "data", "licences", "metrics"}
        assert model["family"] in FAMILIES
        assert model["bytes"] <= 20_000_000
    assert "lstm" in run_cli("models").out


def test_having_no_models_is_said(run_cli: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("musicassist.cli.information.checkpoints_folder", lambda: tmp_path)
    assert "No models are installed" in run_cli("models").out
    assert json.loads(run_cli("models", "--json").out) == []
