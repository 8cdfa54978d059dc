"""``musicassist evaluate``: one table of figures for models and the baselines beside them."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from lab.evaluation.measures import BENCHMARKS, MEASURES, OWN_NETS, Measuring, benchmark_figures
from lab.evaluation.report import joined, read_report, write_report
from lab.evaluation.scoreboard import Player
from musicassist.composing.engine import Engine
from musicassist.errors import UsageError
from musicassist.evaluation.figures import Figure
from musicassist.families.registry import FAMILIES
from musicassist.resources import checkpoints_folder
from musicassist.terminal import say
from musicassist.training.command import MAX_SEED, check_numbers, make_folder

MAX_TAKES = 64  # LIMIT: takes are decoded as one batch
MAX_BEYOND = 64  # LIMIT
DEFAULT_MODEL = "lstm"
ALL_MODELS = "all"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``evaluate``."""
    parser.add_argument(
        "data", nargs="*", type=Path, metavar="DATA", help="folders of music with a split, for all but spans"
    )
    parser.add_argument(
        "--model",
        action="append",
        help="name of a model, a .safetensors file, or all that continue; may be given several times (default: lstm)",
    )
    special = ", ".join(name for name, measure in MEASURES.items() if not measure.is_default)
    parser.add_argument(
        "--measure", action="append", choices=MEASURES, help=f"what to measure (default: all but {special})"
    )
    parser.add_argument(
        "--benchmark", nargs=2, metavar=("NAME", "DIR"), help=f"a public benchmark in a folder: {', '.join(BENCHMARKS)}"
    )
    parser.add_argument("--split", default="test", choices=("valid", "test"), help="side of the split (default: test)")
    parser.add_argument("--phrases", type=int, help="phrases (default: 500 for continuations, else 100)")
    parser.add_argument(
        "--beyond",
        type=int,
        default=0,
        help="bars made after the four of a continuation and not compared (default: 0)",
    )
    parser.add_argument("--takes", type=int, default=10, help="takes of each phrase (default: 10)")
    parser.add_argument("--spans", type=int, default=1000, help="random requests for spans (default: 1000)")
    parser.add_argument("--seed", type=int, default=1, help="random number (default: 1)")
    parser.add_argument("--cache", type=Path, default=Path("runs"), help="folder for the packed music (default: runs)")
    parser.add_argument("--leave-out", type=Path, help="the splits.json that training was given")
    parser.add_argument("--no-baselines", action="store_true", help="the models alone")
    parser.add_argument(
        "--report",
        type=Path,
        metavar="FOLDER",
        help="write scoreboard.json, scoreboard.md and pictures, or add to those there",
    )


def run(args: argparse.Namespace) -> int:
    """Measures, prints and writes."""
    known: list[Figure] = []
    if args.report:
        make_folder(args.report)
        known = read_report(args.report)
    rows = figures(args)
    if args.report:
        write_report(joined(known, rows), args.report)
    if args.json:
        print(json.dumps([row.as_json() for row in rows], indent=1))
        return 0
    for row in rows:
        say(f"{row.metric:48} {row.model:28} {row.value:10.4f} {row.unit:10} n={row.n} {row.split}")
    return 0


def figures(args: argparse.Namespace) -> list[Figure]:
    """All rows that were asked for.

    Raises:
        UsageError: Nothing can be measured with what was given.
    """
    bounds = {"phrases": (1, MAX_SEED), "takes": (1, MAX_TAKES), "spans": (1, MAX_SEED), "seed": (0, MAX_SEED)}
    check_numbers(args, beyond=(0, MAX_BEYOND), **bounds)
    measures = args.measure or _default_measures(args)
    lacking = [name for name in measures if MEASURES[name].needs_music]
    if lacking and not args.data:
        raise UsageError("Name the folders of music to measure {measure} on.", measure=" and ".join(lacking))
    if args.benchmark and args.benchmark[0] not in BENCHMARKS:
        known = ", ".join(BENCHMARKS)
        raise UsageError("There is no benchmark {name}. Known: {known}.", name=args.benchmark[0], known=known)
    if any(MEASURES[name].needs_cache for name in measures):
        make_folder(args.cache)
    asks_models = bool(measures) or args.benchmark[0] not in OWN_NETS
    job = Measuring(args, _players(args.model or [DEFAULT_MODEL]) if asks_models else [])
    rows = [row for name in measures for row in MEASURES[name].figures(job)]
    if args.benchmark:
        rows += benchmark_figures(args.benchmark[0], Path(args.benchmark[1]), job.players, seed=args.seed)
    return rows


def _default_measures(args: argparse.Namespace) -> list[str]:
    if args.benchmark:
        return []
    return [name for name, measure in MEASURES.items() if measure.is_default and (args.data or not measure.needs_music)]


def _players(models: list[str]) -> list[Player]:
    """Engines with the models loaded that ``--model`` names, and the names; ``all`` are those that continue."""
    players: list[Player] = []
    for model in models:
        path = Path(model)
        is_file = path.suffix == ".safetensors"
        engine = Engine(path.absolute().parent if is_file else checkpoints_folder(), FAMILIES)
        installed = [card.name for card in engine.models() if "continue" in card.verbs]
        names = installed if model == ALL_MODELS else [path.stem if is_file else model]
        for name in names:
            engine.load(name)
        players += [(engine, name) for name in names]
    return players
