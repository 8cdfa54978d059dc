"""Whom the desk of the takes works with: the generator that makes them, and the workplace whose song they are for."""

from __future__ import annotations

from typing import Protocol

from musicassist.composing.prompt import Prompt, Source
from musicassist.composing.request import GenerationRequest, Take
from musicassist.errors import MusicAssistError
from musicassist.score.song import Song
from musicassist.session.offers import Ask, Controls


class Generator(Protocol):
    """Runs the composing engine elsewhere. What it makes comes back to the desk, on the main thread."""

    @property
    def is_ready(self) -> bool:
        """Whether the model is loaded."""
        ...

    def start(self, request: GenerationRequest) -> None:
        """Begins; returns at once."""

    def cancel(self) -> None:
        """Ends what was begun; nothing of it need come back."""


class Workplace(Protocol):
    """The song that takes are made for, as the desk sees it."""

    def song(self) -> tuple[Song, int]:
        """The song as it is now, with its revision."""
        ...

    def request(self, ask: Ask, controls: Controls, seed: int) -> GenerationRequest:
        """What a press asks now; raises SeedError."""
        ...

    def settled(self, ask: Ask) -> Ask:
        """The same with what a continuation goes on from, as it is meant now."""
        ...

    def prompt(self, controls: Controls) -> Prompt:
        """What a continuation would go on from now; raises SeedError."""
        ...

    def sources(self) -> tuple[Source, ...]:
        """What a continuation could go on from now."""
        ...

    def wish(self, source: Source) -> None:
        """The user says what is to be continued."""

    def follow(self, track_index: int) -> None:
        """Takes are made for a track: where it goes, they go."""

    def track_index(self) -> int | None:
        """Where that track is now; None if it is gone."""
        ...

    def hear(self, take: Take | None) -> None:
        """Lets a take be what sounds in its place, or none."""

    def play(self) -> None:
        """Plays what is heard, from a little before it."""

    def keep(self, take: Take, request: GenerationRequest) -> None:
        """Puts a take into the song as one step."""

    def say(self, problem: MusicAssistError) -> None:
        """Tells the user."""
