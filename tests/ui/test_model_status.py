"""Whether a model is there, and which one each verb has."""

from __future__ import annotations

from dataclasses import replace

from pytestqt.qtbot import QtBot

from musicassist.errors import CheckpointError
from musicassist.models.cards import read_card
from musicassist.resources import checkpoints_folder
from musicassist.ui.model_status import fact_of, installed_models
from musicassist.ui.strips import MISSING, MODEL
from window_doubles import Stage


def test_the_model_is_told_ready_or_missing(stage: Stage, qtbot: QtBot) -> None:
    stage.window.model_status.load()
    qtbot.waitUntil(lambda: stage.window.strip.items[MODEL].text().strip() == "LSTM ready")
    stage.engine.problem = CheckpointError("There is no model named {name}.", name="vae")
    stage.window.model_status.choose("vae")
    qtbot.waitUntil(lambda: stage.window.strip.items[MODEL].state == MISSING)
    assert stage.window.notices.texts == ("There is no model named vae.",)


def test_a_shipped_model_is_called_as_people_call_it_and_says_what_it_learned_from() -> None:
    facts = {fact.name: fact for fact in installed_models()}
    assert facts["lstm"].title == "Melody, balanced"
    assert facts["lstm"].tip.startswith("lstm · ")
    assert "POP909 (MIT)" in facts["lstm"].tip
    assert len({fact.title for fact in facts.values()}) == len(facts)


def test_a_model_of_ones_own_is_called_by_its_name() -> None:
    card = replace(read_card(checkpoints_folder() / "lstm.json"), name="my songs", data={})
    assert (fact_of(card).title, fact_of(card).tip.split(" · ")[0]) == ("my songs", "my songs")
