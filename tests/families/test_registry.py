"""Which families there are, and which model does what."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from musicassist.composing.request import VERBS
from musicassist.errors import CheckpointError
from musicassist.families.registry import FAMILIES
from musicassist.models.cards import ModelCard
from musicassist.resources import checkpoints_folder
from tiny_models import install_tiny_model


def card(name: str, family: str, *verbs: str) -> ModelCard:
    return ModelCard(name, family, verbs, 0, 0, "", {})


NET = card("lstm", "lstm", "continue", "generate", "infill")
CODER = card("vae", "vae", "vary", "interpolate", "generate")
GAN = card("gan", "gan", "generate")
TRANSFORMER = card("transformer", "transformer", "continue", "infill")
ALL = (CODER, GAN, NET, TRANSFORMER)


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


@pytest.mark.parametrize(
    ("verb", "names"),
    [
        ("continue", "lstm lstm-attention transformer lstm-seed gru rnn markov gan gan-latent"),
        ("infill", "transformer lstm lstm-attention lstm-seed gru rnn markov"),
        ("vary", "vae"),
        ("interpolate", "vae"),
        ("generate", "gan gan-latent lstm lstm-attention transformer gru rnn vae markov"),
    ],
)
def test_of_the_shipped_models_the_best_comes_first(verb: str, names: str) -> None:
    assert [card.name for card in FAMILIES.serving(FAMILIES.installed(checkpoints_folder()), verb)] == names.split()


def test_one_counting_model_stands_in_for_what_it_can_do() -> None:
    assert [FAMILIES.stand_in(verb) for verb in VERBS] == ["markov", "markov", None, None, "markov"]


@pytest.mark.parametrize(
    ("verb", "name"),
    [
        ("continue", "lstm"),
        ("infill", "transformer"),
        ("vary", "vae"),
        ("interpolate", "vae"),
        ("generate", "gan"),
    ],
)
def test_the_first_installed_family_of_the_table_is_taken(verb: str, name: str) -> None:
    assert FAMILIES.default_model(ALL, verb) == name


def test_without_the_better_ones_the_net_does_it() -> None:
    assert [FAMILIES.default_model([NET], verb) for verb in ("continue", "infill", "generate")] == ["lstm"] * 3


def test_a_model_that_does_not_say_the_verb_is_not_taken_whatever_its_family() -> None:
    assert FAMILIES.default_model([card("gan", "gan", "continue"), NET], "generate") == "lstm"


def test_the_model_named_after_its_family_comes_before_other_trainings_of_it() -> None:
    assert [model.name for model in FAMILIES.serving([card("big", "lstm", "continue"), NET], "continue")] == [
        "lstm",
        "big",
    ]


def test_a_family_outside_the_table_comes_last() -> None:
    coder = card("bars", "vae", "infill")
    assert [model.name for model in FAMILIES.serving([coder, NET], "infill")] == ["lstm", "bars"]


def test_when_nobody_serves_a_verb_that_is_said() -> None:
    with pytest.raises(CheckpointError, match="No model that can vary is installed"):
        FAMILIES.default_model([NET, GAN], "vary")


def test_who_does_it_instead_is_said() -> None:
    assert (
        str(FAMILIES.unserved(GAN, "infill", ALL))
        == "The model gan does not infill. Models that do: transformer, lstm."
    )
    assert str(FAMILIES.unserved(NET, "vary", [NET])) == "The model lstm does not vary. Models that do: none."


def test_nets_that_go_forwards_fill_bars_without_seeing_what_follows() -> None:
    assert FAMILIES.sees_past_only(NET, "infill")
    assert not FAMILIES.sees_past_only(NET, "continue")
    assert not FAMILIES.sees_past_only(TRANSFORMER, "infill")


def test_a_model_of_a_family_that_nobody_knows_is_not_installed(tmp_path: Path) -> None:
    install_tiny_model(tmp_path)
    page = json.loads((tmp_path / "tiny.json").read_text())
    (tmp_path / "other.json").write_text(json.dumps({**page, "name": "other", "family": "oracle"}))
    assert [card.name for card in FAMILIES.installed(tmp_path)] == ["tiny"]
