"""Takes as a window asks for them, of plain cases. It uses names that older checkouts have, too, and runs upon them.

``takes_of(FILE, WISHES)`` is what ``form_checkouts`` runs in a process of another checkout.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from musicassist.score.song import KeyChange, Note, Notes, Song, Track
from musicassist.score.timing import MeterChange

TICKS_PER_BEAT = 480
Tone = tuple[int, int, int]


@dataclass(frozen=True)
class Asked:
    """One press in a song of plain numbers.

    Attributes:
        kind: ``continue``, ``infill`` or ``vary``.
        tones: The track: tick, pitch and ticks of each note.
        meter: Numerator and denominator.
        from_tick, to_tick: The span of what is no continuation.
        seed: Random number.
        wish: Fields of the panel that are not as they come, as ``{"bars": 8}``. One that a checkout does not know is
            left out there.
    """

    kind: str
    tones: tuple[Tone, ...]
    meter: tuple[int, int]
    seed: int
    from_tick: int = 0
    to_tick: int = 0
    wish: tuple[tuple[str, Any], ...] = ()

    def song(self) -> Song:
        """One track; no key stands in it, so that the key is the one that is heard."""
        notes = Notes.of(Note(tick, pitch, ticks) for tick, pitch, ticks in self.tones)
        return Song((Track("MELODY", notes),), TICKS_PER_BEAT, (), (MeterChange(0, *self.meter),), _NO_KEYS)


_NO_KEYS: tuple[KeyChange, ...] = ()


class Window:
    """What a window would do with a press, in whichever checkout stands first on the way."""

    def __init__(self) -> None:
        self._engine = first("make_engine", "musicassist.families.registry", "musicassist.app")()
        self._ask = first("Ask", "musicassist.session.offers", "musicassist.generation.asks")
        self._request: Callable[..., Any] = first(
            "request_for", "musicassist.session.offers", "musicassist.generation.asks"
        )
        controls = first("Controls", "musicassist.session.offers", "musicassist.generation.offers")
        models = _preferred()
        self._controls = controls(model=models.pop("continue"), models=models)

    def controls(self, wish: Sequence[tuple[str, Any]]) -> Any:
        """The panel as it comes, with what was changed in it."""
        known = {row.name for row in fields(self._controls)}
        return replace(self._controls, **{name: value for name, value in wish if name in known})

    def takes(self, asked: Asked) -> list[list[Tone]]:
        """The notes of each take that would be shown."""
        song, controls = asked.song(), self.controls(asked.wish)
        press = self._ask(kind=asked.kind, from_tick=asked.from_tick, to_tick=asked.to_tick)
        old = {} if hasattr(controls, "constraints") else {"song_key": None}
        request = self._request(press, song, 0, controls, seed=asked.seed, revision=0, **old)
        return [
            [(note.start_tick, note.pitch, note.duration_ticks) for note in take.notes]
            for take in self._engine.generate(request)
        ]


def first(name: str, *modules: str) -> Any:
    """What a name stands for in the first of some modules that has it."""
    for module in modules:
        with suppress(ModuleNotFoundError, AttributeError):
            return getattr(import_module(module), name)
    raise ImportError(name)


def _preferred() -> dict[str, str]:
    """For each verb the model that a window takes by itself."""
    try:
        registry = import_module("musicassist.families.registry")
        cards = registry.make_engine().models()
        serving = registry.FAMILIES.serving
    except ModuleNotFoundError:
        choice = import_module("musicassist.generation.model_choice")
        resources, listed = import_module("musicassist.resources"), import_module("musicassist.models.cards")
        cards, serving = listed.list_cards(resources.checkpoints_folder()), choice.serving
    return {verb: serving(cards, verb)[0].name for verb in ("continue", "infill", "vary", "interpolate", "generate")}


def takes_of(file: str) -> list[list[list[Tone]]]:
    """The takes of all cases of a JSON file."""
    window = Window()
    return [window.takes(asked_of(row)) for row in json.loads(Path(file).read_text(encoding="utf-8"))]


def asked_of(row: dict[str, Any]) -> Asked:
    """A case that was read from JSON."""
    tones = tuple((int(a), int(b), int(c)) for a, b, c in row.pop("tones"))
    numerator, denominator = row.pop("meter")
    wish = tuple((str(name), value) for name, value in row.pop("wish"))
    return Asked(tones=tones, meter=(numerator, denominator), wish=wish, **row)
