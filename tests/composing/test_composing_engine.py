"""Requests of all kinds through one door."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from builders import phrase
from musicassist.composing.composing_engine import compose_takes, load_or_stand_in
from musicassist.composing.request import KINDS, GenerationRequest, Take
from musicassist.errors import CheckpointError, SeedError
from musicassist.score.song import Song, Track

SONG = Song(tracks=(Track("Melody", phrase(60)),))


@dataclass
class AskedEngine:
    """An engine that remembers how it was asked."""

    damaged: set[str] = field(default_factory=set)
    generated: list[str] = field(default_factory=list)
    interpolated: list[tuple[Song, int, int]] = field(default_factory=list)

    def load(self, name: str) -> object:
        if name in self.damaged:
            raise CheckpointError("The model {name} is damaged.", name=name)
        return name

    def generate(self, request: GenerationRequest, **_how: object) -> tuple[Take, ...]:
        self.generated.append(request.kind)
        return ()

    def interpolate(
        self, request: GenerationRequest, other: Song, other_track: int, steps: int, **_how: object
    ) -> tuple[Take, ...]:
        self.interpolated.append((other, other_track, steps))
        return ()


def test_each_kind_is_generated_but_interpolation_which_gets_its_second_phrase() -> None:
    engine = AskedEngine()
    for kind in KINDS:
        compose_takes(engine, GenerationRequest(kind, SONG, takes=3, other=SONG, other_track=0))
    assert engine.generated == ["continue", "generate", "infill", "vary"]
    assert engine.interpolated == [(SONG, 0, 3)]


def test_interpolation_needs_a_second_phrase() -> None:
    with pytest.raises(SeedError, match="second phrase"):
        compose_takes(AskedEngine(), GenerationRequest("interpolate", SONG))


def test_the_counting_model_stands_in_for_one_that_cannot_be_loaded() -> None:
    engine = AskedEngine({"lstm"})
    assert load_or_stand_in(engine, "gru", "continue") == ("gru", None)
    name, problem = load_or_stand_in(engine, "lstm", "continue")
    assert (name, str(problem)) == ("markov", "The model lstm is damaged.")


@pytest.mark.parametrize(("damaged", "model", "verb"), [("vae", "vae", "vary"), ("markov", "markov", "continue")])
def test_what_the_counting_model_cannot_do_is_refused(damaged: str, model: str, verb: str) -> None:
    with pytest.raises(CheckpointError, match=damaged):
        load_or_stand_in(AskedEngine({damaged}), model, verb)


def test_where_the_counting_model_is_damaged_too_the_first_one_is_told() -> None:
    with pytest.raises(CheckpointError, match="lstm"):
        load_or_stand_in(AskedEngine({"lstm", "markov"}), "lstm", "continue")
