"""``musicassist train``: its options, what is asked of them before any work is done, and how progress is told."""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
import time
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from musicassist import terminal
from musicassist.disk import check_place
from musicassist.errors import UsageError
from musicassist.families.registry import FAMILIES
from musicassist.learning.corpus import MIN_PIECES, MIN_PIECES_TO_GO_ON, SHIPPED_LICENCES, leave_out_of
from musicassist.learning.pack import Corpus, load_corpus
from musicassist.learning.recipe import Recipe
from musicassist.models.cards import ModelCard
from musicassist.models.checkpoints import load_checkpoint, rounded_as_stored, save_checkpoint
from musicassist.resources import checkpoints_folder
from musicassist.tokens.vocabulary import vocabulary_hash
from musicassist.training.curves import write_curves
from musicassist.training.loop import Progress, Training, join_processes, leave_processes, own_device, train
from musicassist.values import plain_of

MAX_SEED = 2**63 - 1  # LIMIT: what torch takes for a random number
_BESIDE = (".json", ".svg")  # its card, and the curves of its training
PROGRESS_FILE = "progress.jsonl"
_MAY_DIFFER = {"dropout", "attention_heads"}  # of the shape of a net whose weights another one begins with
MAX_THREADS = 1024  # LIMIT: more than any machine this is for
LICENCE_CLASSES = ("permissive", "mit_underlying_copyright", "permissive_synthetic", "sharealike", "gpl3")
# How the schedule of any recipe can be replaced, so that plain recipes can be compared; see ``train --optimiser``.
PRESETS: dict[str, dict[str, Any]] = {
    "adamw": {},
    "adam": {"optimiser": "adam", "learning_rate": 1e-3, "last_learning_rate": 1e-3, "warmup_steps": 0, "average": 0.0},
    "sgd": {"optimiser": "sgd", "learning_rate": 0.01, "last_learning_rate": 0.01, "warmup_steps": 0, "average": 0.0},
}
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


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``train``."""
    parser.add_argument(
        "data", nargs="+", type=Path, metavar="DATA", help="folder of MIDI files, or of archives with a split.csv"
    )
    parser.add_argument("--model", default="lstm", choices=sorted(recipes()), help="which recipe (default: lstm)")
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="CKPT", help="checkpoint to write (.safetensors)"
    )
    parser.add_argument("--run", type=Path, help="folder of the run, to resume it (default: runs/MODEL beside you)")
    parser.add_argument("--steps", type=int, help="optimiser steps of the whole run (default: the recipe's)")
    parser.add_argument(
        "--optimiser", choices=sorted(PRESETS), help="a plain recipe to compare (default: the recipe's)"
    )
    parser.add_argument(
        "--begin-with",
        metavar="MODEL",
        help="an installed model, or a .safetensors file, whose weights to go on from; with your own few files, "
        "a tenth of the recipe's steps and learning rate unless you say otherwise",
    )
    parser.add_argument("--learning-rate", type=float, help="highest learning rate (default: the recipe's)")
    parser.add_argument("--seed", type=int, default=1, help="random number (default: 1)")
    parser.add_argument("--threads", type=int, default=0, help="processor threads (default: all)")
    parser.add_argument(
        "--licences",
        default=",".join(SHIPPED_LICENCES),
        help=f"licence classes read from archives, of {','.join(LICENCE_CLASSES)} (default: what may be shipped)",
    )
    parser.add_argument("--leave-out", type=Path, help="a benchmark's splits.json whose test tunes no model may see")


def run(args: argparse.Namespace) -> int:
    """Trains, or goes on with the run in its folder, and writes checkpoint and card."""
    check_output(args.output)
    check_numbers(args, steps=(1, MAX_SEED), seed=(0, MAX_SEED), threads=(0, MAX_THREADS))
    unknown = sorted(set(args.licences.split(",")) - set(LICENCE_CLASSES))
    if unknown:
        raise UsageError(
            "{name} is no licence class. Known: {known}.", name=unknown[0], known=", ".join(LICENCE_CLASSES)
        )
    if args.threads > 0:
        torch.set_num_threads(args.threads)
    recipe = _recipe(args)
    folder = args.run or Path("runs") / args.model
    make_folder(folder)
    device = own_device()
    processes = join_processes(device)
    try:
        corpus = processes.first_alone(partial(_corpus, args, folder.parent))  # it packs what the others find packed
        if processes.is_first:
            _say_what_was_read(corpus)
        parts = _parts(recipe, args.output.absolute().parent)
        weights, mark = _weights(args, recipe) if args.begin_with else ({}, "")
        training = Training(recipe, corpus, folder, args.seed, device, parts, weights, mark, processes)
        _train(training, args)
    finally:
        leave_processes()
    return 0


def check_numbers(args: argparse.Namespace, **bounds: tuple[int, int]) -> None:
    """Refuses an option that is out of its bounds; one that was left out is fine.

    Args:
        args: What argparse made of the words.
        **bounds: The lowest and the highest number of each option, by its name in ``args``.

    Raises:
        UsageError: Which option, and what it may be.
    """
    for name, (lowest, highest) in bounds.items():
        value = getattr(args, name)
        if value is not None and not lowest <= value <= highest:
            raise UsageError(
                "--{name} must be between {lowest} and {highest}, not {value}.",
                name=name,
                lowest=lowest,
                highest=highest,
                value=value,
            )


def make_folder(folder: Path) -> None:
    """Makes a folder to work in where it is missing.

    Raises:
        UsageError: It cannot be made, or a file stands in its place.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            "The folder {folder} cannot be used ({reason}). Name another one.", folder=folder, reason=error.strerror
        ) from error


def check_output(output: Path) -> None:
    """Refuses a checkpoint that could not be written in the end.

    Raises:
        UsageError: Its suffix is another one, or no file can be put there.
    """
    if output.suffix != ".safetensors":
        raise UsageError("The checkpoint must end in .safetensors, not {suffix}.", suffix=output.suffix or "nothing")
    for suffix in (output.suffix, *_BESIDE):
        check_place(output.with_suffix(suffix))


def _corpus(args: argparse.Namespace, cache_folder: Path) -> Corpus:
    return load_corpus(
        args.data,
        cache_folder,
        licences=args.licences.split(","),
        leave_out=leave_out_of(args.leave_out) if args.leave_out else frozenset(),
        fewest_pieces=MIN_PIECES_TO_GO_ON if args.begin_with else MIN_PIECES,
    )


def _train(training: Training, args: argparse.Namespace) -> None:
    started_seconds = time.monotonic()
    teller = _Teller(training.folder, as_json=args.json)
    model = train(training, teller)
    teller.close()
    if not training.processes.is_first:
        return
    minutes = (time.monotonic() - started_seconds) / 60
    model = rounded_as_stored(model.cpu())
    card = save_checkpoint(model, trained_card(training, model, args, minutes), args.output)
    title = f"{card.name}: {training.recipe.name}, seed {args.seed}"
    write_curves(training.folder / PROGRESS_FILE, args.output.with_suffix(".svg"), title=title)
    terminal.say(f"{args.output}: {card.parameters:,} parameters, {card.bytes:,} bytes", on_stderr=True)


def _recipe(args: argparse.Namespace) -> Recipe:
    """The recipe that is named, as the options change it."""
    recipe = recipes()[args.model]
    if args.optimiser:
        recipe = with_preset(recipe, args.optimiser)
    if args.begin_with:
        recipe = recipe.shortened(10)
    changes = {"steps": args.steps, "learning_rate": args.learning_rate}
    changes = {name: value for name, value in changes.items() if value is not None}
    return replace(recipe, schedule=replace(recipe.schedule, **changes))


def _parts(recipe: Recipe, folder: Path) -> dict[str, nn.Module]:
    """The models that a recipe's model works with, by their roles: those in the folder of its checkpoint, or shipped.

    Raises:
        CheckpointError: One cannot be loaded.
    """
    parts = {}
    for role, name in plain_of(recipe.settings.config).get("parts", {}).items():
        path = (folder if recipe.settings.needs_parts_beside else checkpoints_folder()) / f"{name}.safetensors"
        parts[role], _ = load_checkpoint(path, FAMILIES.net, vocabulary=vocabulary_hash())
    return parts


def _weights(args: argparse.Namespace, recipe: Recipe) -> tuple[dict[str, Tensor], str]:
    """The weights of the model to begin with, and a mark that tells them from others.

    Raises:
        CheckpointError: The model cannot be loaded.
        UsageError: It is of another shape than the recipe's.
    """
    name = args.begin_with
    path = Path(name) if name.endswith(".safetensors") else checkpoints_folder() / f"{name}.safetensors"
    model, card = load_checkpoint(path, FAMILIES.net, vocabulary=vocabulary_hash())
    ours = plain_of(recipe.settings.config)
    other = {key for key, value in card.config.items() if key in ours and _plain(ours[key]) != _plain(value)}
    if other - _MAY_DIFFER:
        raise UsageError(
            "The model {name} has another {what} than the recipe {recipe}. Name its own recipe with --model.",
            name=name,
            what=", ".join(sorted(other - _MAY_DIFFER)).replace("_", " "),
            recipe=recipe.name,
        )
    return model.state_dict(), hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def _plain(value: object) -> str:
    return json.dumps(value, sort_keys=True)


def _say_what_was_read(corpus: Corpus) -> None:
    pieces = ", ".join(f"{count:,} to {side}" for side, count in corpus.report["pieces"].items())
    terminal.say(f"Music read: pieces {pieces}.", on_stderr=True)
    left_out = [f"{count:,} {reason}" for reason, count in corpus.report["dropped"].items() if count]
    if left_out:
        terminal.say(f"Left out: {'; '.join(left_out)}.", on_stderr=True)


class _Teller:
    """Tells how training goes: JSON lines in a file, and on stdout if wanted; else a bar and a line a validation."""

    def __init__(self, folder: Path, *, as_json: bool) -> None:
        self._log = folder / PROGRESS_FILE
        self._as_json = as_json
        self._line = terminal.Progress()
        self._first: tuple[int, float] | None = None

    def __call__(self, progress: Progress) -> None:
        with self._log.open("a", encoding="utf-8") as handle:
            handle.write(progress.as_json() + "\n")
        if self._as_json:
            print(progress.as_json(), flush=True)
            return
        told = f"step {progress.step} of {progress.steps}: {progress.train:.3f} {progress.unit}"
        if progress.valid is not None:
            valid = ", ".join(f"{name} {value:.3f}" for name, value in progress.valid.items())
            self._line.close()
            terminal.say(f"{told}; validation: {valid}", on_stderr=True)
        share = progress.step / progress.steps
        self._line.say(f"{terminal.bar(share)} {told}{self._time_left(progress)}")

    def _time_left(self, progress: Progress) -> str:
        now_seconds = time.monotonic()
        if self._first is None:
            self._first = (progress.step, now_seconds)
            return ""
        step, since_seconds = self._first
        per_step = (now_seconds - since_seconds) / (progress.step - step)
        return f", {terminal.duration((progress.steps - progress.step) * per_step)} left"

    def close(self) -> None:
        """Wipes the bar."""
        self._line.close()


def recipes() -> dict[str, Recipe]:
    """What ``train --model`` takes."""
    return {recipe.name: recipe for family in FAMILIES.families for recipe in family.learning().recipes}


def with_preset(recipe: Recipe, name: str) -> Recipe:
    """A recipe with the optimiser of a preset."""
    return replace(recipe, schedule=replace(recipe.schedule, **PRESETS[name]))


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
        config=plain_of(model.config),  # type: ignore[arg-type]
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
