"""What a card says."""

from __future__ import annotations

import json
import os
from pathlib import Path

from card_edits import edit_card
from musicassist.models.cards import list_cards, read_card
from musicassist.values import plain_of
from tiny_models import install_tiny_model


def test_cards_are_listed_by_name_and_damaged_ones_left_out(tmp_path: Path) -> None:
    for name in ("walrus", "aardvark"):
        install_tiny_model(tmp_path, name)
    (tmp_path / "broken.json").write_text("{")
    assert [card.name for card in list_cards(tmp_path)] == ["aardvark", "walrus"]
    assert list_cards(tmp_path / "nowhere") == ()


def test_cards_beside_pipes_and_devices_are_listed_at_once(tmp_path: Path) -> None:
    install_tiny_model(tmp_path)
    os.mkfifo(tmp_path / "a.json")
    (tmp_path / "b.json").symlink_to("/dev/zero")
    (tmp_path / "c.json").mkdir()
    assert [card.name for card in list_cards(tmp_path)] == ["tiny"]


def test_a_card_says_more_than_we_know_and_is_read_all_the_same(tmp_path: Path) -> None:
    path = install_tiny_model(tmp_path)
    edit_card(path, colour="blue", licences=["CC0"])
    card = read_card(path.with_suffix(".json"))
    assert card.licences == ("CC0",)
    assert card.verbs == ("continue", "generate", "infill")
    assert json.loads(json.dumps(plain_of(card)))["name"] == "tiny"
