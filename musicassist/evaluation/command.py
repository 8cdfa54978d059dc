"""``musicassist evaluate``: one table of figures for a model and the baselines beside it."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from musicassist.errors import UsageError
from musicassist.evaluation import continuation
from musicassist.evaluation.figures import Figure
from musicassist.evaluation.latent import latent_figures
from musicassist.evaluation.melody_bits import baseline_figures, model_figures
from musicassist.evaluation.phrases import phrases_of
from musicassist.evaluation.takes import loop_figures, span_figures
from musicassist.evaluation.windows import is_measured, window_figures
from musicassist.generation.engine import Engine
from musicassist.models.vae import VaeModel
from musicassist.resources import checkpoints_folder
from musicassist.training.arguments import MOST, check_numbers, make_folder
from musicassist.training.corpus import SHIPPED_LICENCES, Report, leave_out_of, read_lines
from musicassist.training.pack import Corpus, load_corpus

MOST_TAKES = 64  # LIMIT: takes are decoded as one batch
MEASURES = ("melody", "takes", "spans", "latent", "gan")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``evaluate``."""
    parser.add_argument(
        "data", nargs="*", type=Path, metavar="DATA", help="folders of music with a split, for melody and takes"
    )
    parser.add_argument("--model", default="lstm", help="name of the model, or a .safetensors file (default: lstm)")
    parser.add_argument(
        "--measure", action="append", choices=MEASURES, help="what to measure (default: all that has data)"
    )
    parser.add_argument(
        "--benchmark", nargs=2, metavar=("NAME", "DIR"), help=f"a public benchmark in a folder: {continuation.NAME}"
    )
    parser.add_argument("--split", default="test", choices=("valid", "test"), help="side of the split (default: test)")
    parser.add_argument("--phrases", type=int, default=100, help="phrases for takes (default: 100)")
    parser.add_argument("--takes", type=int, default=10, help="takes of each phrase (default: 10)")
    parser.add_argument("--spans", type=int, default=1000, help="random requests for spans (default: 1000)")
    parser.add_argument("--seed", type=int, default=1, help="random number (default: 1)")
    parser.add_argument("--cache", type=Path, default=Path("runs"), help="folder for the packed music (default: runs)")
    parser.add_argument("--leave-out", type=Path, help="the splits.json that training was given")
    parser.add_argument("--no-baselines", action="store_true", help="the model alone")


def run(args: argparse.Namespace) -> int:
    """Measures and prints."""
    rows = figures(args)
    if args.json:
        print(json.dumps([row.as_json() for row in rows], indent=1))
        return 0
    for row in rows:
        print(f"{row.metric:48} {row.model:28} {row.value:10.4f} {row.unit:10} n={row.n} {row.split}")
    return 0


def figures(args: argparse.Namespace) -> list[Figure]:
    """All rows that were asked for.

    Raises:
        UsageError: Nothing can be measured with what was given.
    """
    check_numbers(args, phrases=(1, MOST), takes=(1, MOST_TAKES), spans=(1, MOST), seed=(0, MOST))
    measures = args.measure or ([] if args.benchmark else ["melody", "takes", "spans"] if args.data else ["spans"])
    if not args.data and {"melody", "takes", "latent", "gan"} & set(measures):
        raise UsageError("Name the folders of music to measure {measure} on.", measure=" and ".join(measures))
    if {"melody", "latent"} & set(measures):
        make_folder(args.cache)
    engine, name = _engine_with(args.model)
    rows: list[Figure] = []
    if "melody" in measures:
        _say("bits per note")
        rows += _melody(args, engine, name)
    if "takes" in measures:
        _say("takes")
        lines = [line for line in read_lines(args.data, Report(), splits=(args.split,)) if line.is_melody]
        phrases = phrases_of(lines, args.phrases, seed=args.seed)
        if not phrases:
            raise UsageError("No melody of the {split} side is long enough to cut phrases from.", split=args.split)
        rows += loop_figures(engine, name, phrases, takes=args.takes, seed=args.seed)
    if "spans" in measures:
        _say("spans and scales")
        rows += span_figures(engine, name, count=args.spans, seed=args.seed)
    if "gan" in measures:
        _say("windows")
        rows += _windows(args, engine, name)
    if "latent" in measures:
        _say("the latent space")
        rows += _latent(args, engine, name)
    if args.benchmark:
        benchmark, folder = args.benchmark
        if benchmark != continuation.NAME:
            raise UsageError("There is no benchmark {name}. Known: {known}.", name=benchmark, known=continuation.NAME)
        _say(benchmark)
        rows += continuation.figures(name, engine.model(name), Path(folder), seed=args.seed)
    return rows


def _engine_with(model: str) -> tuple[Engine, str]:
    """An engine with the model loaded that ``--model`` names, and its name."""
    path = Path(model)
    is_file = path.suffix == ".safetensors"
    engine, name = Engine(path.absolute().parent if is_file else checkpoints_folder()), path.stem if is_file else model
    engine.load(name)
    return engine, name


def _melody(args: argparse.Namespace, engine: Engine, name: str) -> list[Figure]:
    corpus = _corpus(args)
    pack = corpus.sides[args.split]
    baselines = [] if args.no_baselines else baseline_figures(corpus.sides["train"], pack, args.split)
    return [*model_figures(name, engine.model(name), pack, args.split), *baselines]


def _windows(args: argparse.Namespace, engine: Engine, name: str) -> list[Figure]:
    lines = [line for line in read_lines(args.data, Report(), splits=(args.split,)) if line.is_melody]
    phrases = [phrase for phrase in phrases_of(lines, args.phrases, seed=args.seed) if is_measured(phrase)]
    if not phrases:
        raise UsageError("No melody of the {split} side is long enough to cut phrases from.", split=args.split)
    return window_figures(engine, name, phrases, seed=args.seed, split=args.split)


def _latent(args: argparse.Namespace, engine: Engine, name: str) -> list[Figure]:
    model = engine.model(name)
    if not isinstance(model, VaeModel):
        raise UsageError("The model {name} has no latent space to measure.", name=name)
    return latent_figures(name, model, _corpus(args).sides[args.split], args.split, seed=args.seed)


def _corpus(args: argparse.Namespace) -> Corpus:
    leave_out = leave_out_of(args.leave_out) if args.leave_out else frozenset()
    return load_corpus(args.data, args.cache, licences=SHIPPED_LICENCES, leave_out=leave_out)


def _say(what: str) -> None:
    if sys.stderr.isatty():
        print(f"measuring {what} ...", file=sys.stderr)
