"""Which of the models that are there does what."""

from __future__ import annotations

import pytest

from musicassist.errors import CheckpointError
from musicassist.families.registry import FAMILIES
from musicassist.models.cards import ModelCard


def card(name: str, family: str, *verbs: str) -> ModelCard:
    return ModelCard(name, family, verbs, 0, 0, "", {})


NET = card("lstm", "lstm", "continue", "generate", "infill")
CODER = card("vae", "vae", "vary", "interpolate", "generate")
GAN = card("gan", "gan", "generate")
TRANSFORMER = card("transformer", "transformer", "continue", "infill")
ALL = (CODER, GAN, NET, TRANSFORMER)


@pytest.mark.parametrize(
    ("verb", "name"),
    [
        ("continue", "lstm"),
        ("infill", "transformer"),
        ("vary", "vae"),
        ("interpolate", "vae"),
        ("generate", "lstm"),
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


class Loader:
    """Loads models, some of which are damaged."""

    def __init__(self, *damaged: str) -> None:
        self.damaged = damaged

    def load(self, name: str) -> None:
        if name in self.damaged:
            raise CheckpointError("The model {name} is damaged.", name=name)


def test_the_counting_model_stands_in_for_one_that_cannot_be_loaded() -> None:
    load = Loader("lstm").load
    assert FAMILIES.load_or_stand_in(load, "gru", "continue") == ("gru", None)
    name, problem = FAMILIES.load_or_stand_in(load, "lstm", "continue")
    assert (name, str(problem)) == ("markov", "The model lstm is damaged.")


@pytest.mark.parametrize(("model", "verb"), [("vae", "vary"), ("markov", "continue")])
def test_where_nothing_stands_in_the_model_is_refused(model: str, verb: str) -> None:
    with pytest.raises(CheckpointError, match=model):
        FAMILIES.load_or_stand_in(Loader(model).load, model, verb)


def test_where_the_counting_model_is_damaged_too_the_first_one_is_told() -> None:
    with pytest.raises(CheckpointError, match="lstm"):
        FAMILIES.load_or_stand_in(Loader("lstm", "markov").load, "lstm", "continue")
