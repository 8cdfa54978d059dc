"""``musicassist models``: which models are installed, told from their cards."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from musicassist.cli.output import print_json, print_table
from musicassist.families.registry import FAMILIES
from musicassist.models.cards import ModelCard
from musicassist.resources import checkpoints_folder
from musicassist.terminal import say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``models`` has no options of its own."""


def run(args: argparse.Namespace) -> int:
    """Lists the models."""
    cards = FAMILIES.installed(checkpoints_folder())
    if args.json:
        print_json([facts_of(card) for card in cards])
        return 0
    if not cards:
        say(f"No models are installed in {checkpoints_folder()}.")
        return 0
    rows = [(card.name, card.family, ", ".join(card.verbs), card.parameters, card.bytes) for card in cards]
    print_table(rows, header=("name", "family", "does", "parameters", "bytes"))
    for card in cards:
        say("")
        say(card.name)
        say(f"  trained on {_music_in_words(card.data)}")
        for name, value in card.metrics.items():
            say(f"  {name}: {_in_words(value)}")
        for licence in card.licences:
            say(f"  licence: {licence}")
    return 0


def facts_of(card: ModelCard) -> dict[str, object]:
    """The JSON of one model."""
    return {
        "name": card.name,
        "family": card.family,
        "verbs": list(card.verbs),
        "parameters": card.parameters,
        "bytes": card.bytes,
        "data": dict(card.data),
        "licences": list(card.licences),
        "metrics": dict(card.metrics),
    }


def _music_in_words(data: Mapping[str, object]) -> str:
    """How much music a model has learned from."""
    read = data.get("read")
    counts = read if isinstance(read, dict) else {}
    pieces, notes = (
        sum(count for side, count in counts.get(what, {}).items() if side.startswith("train"))
        for what in ("pieces", "notes")
    )
    return f"{pieces:,} pieces, {notes:,} notes"


def _in_words(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_in_words(part)}" for name, part in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_in_words, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
