"""Which families there are, and which model does what."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from musicassist.composing.request import VERBS
from musicassist.families.registry import FAMILIES
from musicassist.models.cards import ModelCard
from musicassist.resources import checkpoints_folder
from tiny_models import install_tiny_model


def card(name: str, family: str, *verbs: str) -> ModelCard:
    return ModelCard(name, family, verbs, 0, 0, "", {})


VARIANTS = [variant for family in FAMILIES.families for variant in family.variants]


def test_each_verb_has_its_models_and_no_two_share_a_place() -> None:
    for verb in VERBS:
        places = [variant.verbs[verb] for variant in VARIANTS if verb in variant.verbs]
        assert places
        assert len(set(places)) == len(places)
    assert {verb for variant in VARIANTS for verb in variant.verbs} == set(VERBS)


def test_each_variant_is_shipped_under_its_name_and_serves_what_it_says() -> None:
    shipped = {card.name: card for card in FAMILIES.installed(checkpoints_folder())}
    assert {variant.name: variant.mark for variant in VARIANTS} == {
        name: card.variant for name, card in shipped.items()
    }
    assert {variant.name: set(variant.verbs) for variant in VARIANTS} == {
        name: set(card.verbs) for name, card in shipped.items()
    }


FORM = "lstm-form lstm-form-permissive"


@pytest.mark.parametrize(
    ("verb", "names"),
    [
        ("continue", f"{FORM} lstm lstm-attention transformer lstm-seed gru rnn markov ensemble gan gan-latent"),
        ("infill", f"transformer {FORM} lstm lstm-attention lstm-seed gru rnn markov ensemble"),
        ("vary", "vae"),
        ("interpolate", "vae"),
        ("generate", f"{FORM} lstm lstm-attention transformer gru rnn vae gan gan-latent markov"),
    ],
)
def test_of_the_shipped_models_the_best_comes_first(verb: str, names: str) -> None:
    assert [card.name for card in FAMILIES.serving(FAMILIES.installed(checkpoints_folder()), verb)] == names.split()


def test_one_counting_model_stands_in_for_what_it_can_do() -> None:
    assert [FAMILIES.stand_in(verb) for verb in VERBS] == ["markov", "markov", None, None, "markov"]


def test_a_model_of_a_family_that_nobody_knows_is_not_installed(tmp_path: Path) -> None:
    install_tiny_model(tmp_path)
    page = json.loads((tmp_path / "tiny.json").read_text())
    (tmp_path / "other.json").write_text(json.dumps({**page, "name": "other", "family": "oracle"}))
    assert [card.name for card in FAMILIES.installed(tmp_path)] == ["tiny"]
