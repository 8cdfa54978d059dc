"""A model that cannot be loaded, and the one that stands in for it."""

from __future__ import annotations

import pytest

from musicassist.composing.composing_engine import load_or_stand_in
from musicassist.composing.request import GenerationRequest, Take
from musicassist.errors import CheckpointError


class AskedEngine:
    """An engine some of whose models are damaged."""

    def __init__(self, *damaged: str) -> None:
        self.damaged = damaged

    def load(self, name: str) -> object:
        if name in self.damaged:
            raise CheckpointError("The model {name} is damaged.", name=name)
        return name

    def generate(self, request: GenerationRequest, **_how: object) -> tuple[Take, ...]:
        raise AssertionError(request)


def test_the_counting_model_stands_in_for_one_that_cannot_be_loaded() -> None:
    engine = AskedEngine("lstm")
    assert load_or_stand_in(engine, "gru", "markov") == ("gru", None)
    name, problem = load_or_stand_in(engine, "lstm", "markov")
    assert (name, str(problem)) == ("markov", "The model lstm is damaged.")


@pytest.mark.parametrize(("model", "stand_in"), [("vae", None), ("markov", "markov")])
def test_where_nothing_stands_in_the_model_is_refused(model: str, stand_in: str | None) -> None:
    with pytest.raises(CheckpointError, match=model):
        load_or_stand_in(AskedEngine(model), model, stand_in)


def test_where_the_counting_model_is_damaged_too_the_first_one_is_told() -> None:
    with pytest.raises(CheckpointError, match="lstm"):
        load_or_stand_in(AskedEngine("lstm", "markov"), "lstm", "markov")
