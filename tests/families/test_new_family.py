"""A new family is its own code and one line in the list: then it is trained, listed, preferred, and composes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from corpora import song_of_tune, write_loose_folder
from musicassist.cli import information
from musicassist.families.registry import FAMILIES
from musicassist.midi import read_song_bytes, write_song
from toy_family import TOY


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(FAMILIES, "families", [*FAMILIES.families, TOY])
    monkeypatch.setattr(information, "checkpoints_folder", lambda: tmp_path)
    monkeypatch.chdir(tmp_path)
    write_loose_folder(tmp_path / "music", 14)
    (tmp_path / "seed.mid").write_bytes(write_song(song_of_tune(50)))
    return tmp_path


def test_a_new_family_is_trained_listed_preferred_and_composes(workplace: Path, run_cli: Callable) -> None:
    answer = run_cli("train", "music", "--model", "toy", "-o", "toy.safetensors", "--steps", "30", "--json")
    assert answer.code == 0, answer.err
    assert json.loads(answer.out.splitlines()[-1])["step"] == 30
    (listed,) = json.loads(run_cli("models", "--json").out)
    assert (listed["name"], listed["family"], listed["verbs"]) == ("toy", "toy", ["continue", "generate", "infill"])
    assert 1 < listed["metrics"]["bits per note, test"] < 18
    cards = FAMILIES.installed(workplace)
    assert FAMILIES.default_model(cards, "continue") == "toy"
    assert FAMILIES.variant(cards[0].variant).words == "throws dice"
    for verb, words in (
        ("continue", ["seed.mid"]),
        ("infill", ["seed.mid", "--from-bar", "3", "--to-bar", "4"]),
        ("generate", []),
    ):
        answer = run_cli(verb, *words, "-o", f"{verb}.mid", "--model", "toy.safetensors", "--seed", "1")
        assert answer.code == 0, answer.err
        assert read_song_bytes((workplace / f"{verb}.mid").read_bytes(), verb).song.note_count > 0
