"""Requests of all kinds through one door."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from builders import phrase
from musicassist.errors import SeedError
from musicassist.generation.composing_engine import compose_takes
from musicassist.generation.request import KINDS, GenerationRequest, Take
from musicassist.score.song import Song, Track

SONG = Song(tracks=(Track("Melody", phrase(60)),))


@dataclass
class AskedEngine:
    """An engine that remembers how it was asked."""

    generated: list[str] = field(default_factory=list)
    interpolated: list[tuple[Song, int, int]] = field(default_factory=list)

    def load(self, name: str) -> object:
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
