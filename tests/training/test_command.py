"""``musicassist train`` as its users know it: a folder in, a model out, and the model plays."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from corpora import song_of_tune, write_loose_folder
from musicassist.families.latent.net import VaeModel
from musicassist.families.latent.scripts import latent_config
from musicassist.learning.corpus import MIN_PIECES
from musicassist.midi import read_song_bytes, write_song
from tiny_latent_models import install_tiny_vae


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with music of one's own."""
    monkeypatch.chdir(tmp_path)
    write_loose_folder(tmp_path / "music", 14)
    return tmp_path


def trained(run_cli: Callable, *words: str, name: str = "mine") -> list[dict[str, object]]:
    answer = run_cli("train", "music", "-o", f"{name}.safetensors", "--model", "lstm-tiny", "--json", *words)
    assert answer.code == 0, answer.err
    return [json.loads(line) for line in answer.out.splitlines()]


def test_ones_own_music_becomes_a_model_that_plays(workplace: Path, run_cli: Callable) -> None:
    lines = trained(run_cli, "--steps", "2")
    assert [(line["step"], line["steps"], line["unit"]) for line in lines] == [(2, 2, "bits per note")]
    card = json.loads((workplace / "mine.json").read_text())
    assert (card["family"], card["verbs"], card["recipe"]["seed"]) == ("lstm", ["continue", "generate", "infill"], 1)
    assert card["licences"] == ["music (your own files)"]
    assert card["metrics"]
    assert (workplace / "mine.svg").read_text().startswith("<svg")
    (workplace / "seed.mid").write_bytes(write_song(song_of_tune(50)))
    answer = run_cli("continue", "seed.mid", "-o", "more.mid", "--model", "mine.safetensors")
    assert answer.code == 0, answer.err
    assert read_song_bytes((workplace / "more.mid").read_bytes(), "more.mid").song.note_count > 40


def test_a_few_files_are_enough_to_go_on_from_a_trained_model(workplace: Path, run_cli: Callable) -> None:
    trained(run_cli, "--steps", "2", name="first")
    for path in sorted((workplace / "music").iterdir())[4:]:
        path.unlink()
    answer = run_cli("train", "music", "-o", "second.safetensors", "--model", "lstm-tiny", "--run", "runs/second")
    assert answer.code == 2
    assert f"at least {MIN_PIECES}" in answer.err
    begin = ("--begin-with", "first.safetensors", "--steps", "1", "--run", "runs/second")
    trained(run_cli, *begin, name="second")
    assert json.loads((workplace / "second.json").read_text())["recipe"]["begun with"] == "first.safetensors"


def test_weights_of_another_shape_are_refused_in_words(workplace: Path, run_cli: Callable) -> None:
    trained(run_cli, "--steps", "1", name="small")
    answer = run_cli(
        "train", "music", "-o", "o.safetensors", "--model", "gru", "--begin-with", "small.safetensors", "--steps", "1"
    )
    assert answer.code == 2
    assert "has another cell, head hidden, " in answer.err
    assert answer.err.splitlines()[-1].startswith("musicassist: ")


def test_a_run_whose_music_changed_is_not_gone_on_with(workplace: Path, run_cli: Callable) -> None:
    trained(run_cli, "--steps", "1", "--run", "runs/one")
    (workplace / "music" / "new.mid").write_bytes(write_song(song_of_tune(60)))
    answer = run_cli(
        "train", "music", "-o", "mine.safetensors", "--model", "lstm-tiny", "--steps", "1", "--run", "runs/one"
    )
    assert answer.code == 2
    assert "begun with other music" in answer.err


def test_both_gans_are_trained_and_play(workplace: Path, run_cli: Callable) -> None:
    install_tiny_vae(workplace, VaeModel(latent_config()).eval(), name="vae")
    for name, family in (("gan", "gan"), ("gan-latent", "hybrid")):
        trained(run_cli, "--model", name, "--steps", "1", name=name)
        card = json.loads((workplace / f"{name}.json").read_text())
        assert (card["family"], card["verbs"]) == (family, ["continue", "generate"])
        assert "folder" not in card["recipe"]
        answer = run_cli("generate", "-o", "new.mid", "--bars", "2", "--model", f"{name}.safetensors")
        assert answer.code == 0, answer.err


def test_a_latent_gan_without_its_vae_is_not_trained(workplace: Path, run_cli: Callable) -> None:
    answer = run_cli("train", "music", "-o", "gan-latent.safetensors", "--model", "gan-latent", "--steps", "1")
    assert answer.code == 2
    assert "vae.json" in answer.err
