"""The card of a model that was just trained: what it learned from, how, and the credit that is owed for the music."""

from __future__ import annotations

import argparse
import platform
from dataclasses import asdict

import torch
from torch import nn

from musicassist.families.registry import FAMILIES
from musicassist.learning.pack import Corpus
from musicassist.models.cards import ModelCard
from musicassist.tokens.vocabulary import vocabulary_hash
from musicassist.training.loop import Training

_CREDIT_OF = {
    "pop909": "POP909 (MIT): the songs themselves are in copyright and are not shipped",
    "lieder": "OpenScore Lieder (CC0)",
    "polish_scores": "Polish Scores (CC BY 4.0)",
    "mutopia": "Mutopia Project (public domain, CC BY)",
    "chopin_first_editions": "Chopin first editions (CC BY 4.0)",
    "cre": "FoNN / Ceol Rince na hEireann corpus (CC BY 4.0)",
    "openhymnal": "Open Hymnal Project (public domain)",
    "openewld": "OpenEWLD (public domain)",
    "js_fakes": "JS Fake Chorales (CC BY 4.0)",
    "nottingham": "Nottingham Music Database (GPL 3)",
    "folk_bysa": "Folk tunes (CC BY-SA 4.0)",
}


def trained_card(training: Training, model: nn.Module, args: argparse.Namespace, minutes: float) -> ModelCard:
    """The card, with figures measured on the test side, or on the validation side where there is none.

    Args:
        training: What was trained, and on what.
        model: The model as it will be stored.
        args: The options of ``train``.
        minutes: How long it took.
    """
    recipe, corpus = training.recipe, training.corpus
    side = "test" if len(corpus.sides["test"]) else "valid"
    measured = recipe.settings.figures(model, corpus.sides[side], training.parts)
    made = asdict(recipe)
    del made["settings"]["config"]
    variant = FAMILIES.variant(recipe.variant)
    begun = {"begun with": args.begin_with} if args.begin_with else {}
    return ModelCard(
        name=args.output.stem,
        family=variant.mark.partition("+")[0],
        verbs=tuple(variant.verbs),
        parameters=0,
        bytes=0,
        vocabulary=vocabulary_hash(),
        config=model.config.as_json(),  # type: ignore[operator, union-attr]
        data={
            "folders": [folder.name for folder in args.data],
            "licence classes": args.licences.split(","),
            "left out for": args.leave_out.parent.name if args.leave_out else "",
            "read": corpus.report,
            "hash": corpus.data_hash,
        },
        licences=tuple(credits_of(corpus)),
        recipe={
            **made["schedule"],
            **made["settings"],
            **begun,
            "name": recipe.name,
            "seed": training.seed,
            "minutes of the last sitting": round(minutes, 1),
            "machine": f"{platform.machine()}, {torch.get_num_threads()} threads, torch {torch.__version__}",
        },
        metrics={f"{name}, {side}": value for name, value in measured.items()},
    )


def credits_of(corpus: Corpus) -> list[str]:
    """Whom the music is owed to, by data set."""
    datasets = {source.split("/")[0] for side in corpus.sides.values() for source in side.sources}
    return sorted(_CREDIT_OF.get(name, f"{name} (your own files)") for name in datasets)
