"""What is asked of the numbers and folders that ``train`` and ``evaluate`` are given, before any work is done."""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from musicassist import terminal
from musicassist.disk import check_place
from musicassist.errors import UsageError
from musicassist.families.registry import FAMILIES
from musicassist.learning.corpus import FEWEST_PIECES, FEWEST_PIECES_TO_GO_ON, SHIPPED_LICENCES, leave_out_of
from musicassist.learning.pack import Corpus, load_corpus
from musicassist.learning.recipe import Nets, Recipe
from musicassist.models.cards import ModelCard
from musicassist.models.checkpoints import load_checkpoint, rounded_as_stored, save_checkpoint
from musicassist.resources import checkpoints_folder
from musicassist.tokens.vocabulary import vocabulary_hash
from musicassist.training.curves import write_curves
from musicassist.training.loop import Progress, train
from musicassist.training.processes import Processes, join_processes, leave_processes, own_device
from musicassist.training.recipes import PRESETS, recipes, with_preset

MOST = 2**63 - 1  # LIMIT: what torch takes for a random number
_BESIDE = (".json", ".svg")  # its card, and the curves of its training


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


PROGRESS_FILE = "progress.jsonl"
_MAY_DIFFER = {"dropout", "attention_heads"}  # of the shape of a net whose weights another one begins with
MOST_THREADS = 1024  # LIMIT: more than any machine this is for
LICENCE_CLASSES = ("permissive", "mit_underlying_copyright", "permissive_synthetic", "sharealike", "gpl3")


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
    check_numbers(args, steps=(1, MOST), seed=(0, MOST), threads=(0, MOST_THREADS))
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
    leave_out = leave_out_of(args.leave_out) if args.leave_out else frozenset()
    device = own_device()
    processes = join_processes(device)

    def corpus() -> Corpus:
        return load_corpus(
            args.data,
            folder.parent,
            licences=args.licences.split(","),
            leave_out=leave_out,
            fewest_pieces=FEWEST_PIECES_TO_GO_ON if args.begin_with else FEWEST_PIECES,
        )

    try:
        music = processes.first_alone(corpus)  # it packs what the others then find packed
        if processes.is_first:
            _say_what_was_read(music)
        _train(args, recipe, music, folder, device, processes)
    finally:
        leave_processes()
    return 0


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


def _train(
    args: argparse.Namespace, recipe: Recipe, corpus: Corpus, folder: Path, device: torch.device, processes: Processes
) -> None:
    started_seconds = time.monotonic()
    begin_with, begin_mark = _weights(args, recipe) if args.begin_with else ({}, "")
    parts = _parts(recipe, args.output.absolute().parent)
    teller = _Teller(folder, as_json=args.json)
    model = train(
        recipe,
        corpus,
        folder,
        seed=args.seed,
        on_progress=teller,
        device=device,
        begin_with=begin_with,
        begin_mark=begin_mark,
        parts=parts,
        processes=processes,
    )
    teller.close()
    if not processes.is_first:
        return
    minutes = (time.monotonic() - started_seconds) / 60
    card = _card(args, recipe, corpus, rounded_as_stored(model.cpu()), parts, minutes)
    card = save_checkpoint(model, card, args.output)
    title = f"{card.name}: {recipe.name}, seed {args.seed}"
    write_curves(folder / PROGRESS_FILE, args.output.with_suffix(".svg"), title=title)
    terminal.say(f"{args.output}: {card.parameters:,} parameters, {card.bytes:,} bytes", on_stderr=True)


def _parts(recipe: Recipe, folder: Path) -> dict[str, nn.Module]:
    """The models that a recipe's model works with, by their roles: those in the folder of its checkpoint, or shipped.

    Raises:
        CheckpointError: One cannot be loaded.
    """
    parts = {}
    for role, name in recipe.settings.config.as_json().get("parts", {}).items():
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
    ours = recipe.settings.config.as_json()
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


def _card(
    args: argparse.Namespace, recipe: Recipe, corpus: Corpus, model: Any, parts: Nets, minutes: float
) -> ModelCard:
    side = "test" if len(corpus.sides["test"]) else "valid"
    measured = recipe.settings.figures(model, corpus.sides[side], parts)
    made = asdict(recipe)
    del made["settings"]["config"]
    variant = FAMILIES.variant(recipe.variant)
    begun = {"begun with": args.begin_with} if args.begin_with else {}
    machine = f"{platform.machine()}, {torch.get_num_threads()} threads, torch {torch.__version__}"
    return ModelCard(
        name=args.output.stem,
        family=variant.mark.partition("+")[0],
        verbs=tuple(variant.verbs),
        parameters=0,
        bytes=0,
        vocabulary=vocabulary_hash(),
        config=model.config.as_json(),
        data={
            "folders": [folder.name for folder in args.data],
            "licence classes": args.licences.split(","),
            "left out for": args.leave_out.parent.name if args.leave_out else "",
            "read": corpus.report,
            "hash": corpus.data_hash,
        },
        licences=tuple(_credits(corpus)),
        recipe={
            **made["schedule"],
            **made["settings"],
            **begun,
            "name": recipe.name,
            "seed": args.seed,
            "minutes of the last sitting": round(minutes, 1),
            "machine": machine,
        },
        metrics={f"{name}, {side}": value for name, value in measured.items()},
    )


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


def _credits(corpus: Corpus) -> list[str]:
    datasets = {source.split("/")[0] for side in corpus.sides.values() for source in side.sources}
    return sorted(_CREDIT_OF.get(name, f"{name} (your own files)") for name in datasets)
