"""``musicassist evaluate``: one table of figures for the models and the baselines beside them."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from musicassist.errors import UsageError
from musicassist.evaluation import continuation
from musicassist.evaluation.figures import Figure
from musicassist.evaluation.infill import infill_figures
from musicassist.evaluation.melody_bits import baseline_figures, model_figures
from musicassist.evaluation.ngrams import TokenLines
from musicassist.evaluation.phrases import Phrase, phrases_of, windows_of
from musicassist.evaluation.report import joined, read_report, write_report
from musicassist.evaluation.scoreboard import Player, continuation_figures
from musicassist.evaluation.takes import loop_figures, span_figures
from musicassist.generation.engine import Engine
from musicassist.resources import checkpoints_folder
from musicassist.training.arguments import MOST, check_numbers, make_folder
from musicassist.training.corpus import SHIPPED_LICENCES, Line, Report, leave_out_of, read_lines
from musicassist.training.pack import Corpus, load_corpus

MOST_TAKES = 64  # LIMIT: takes are decoded as one batch
_PAST_ONLY = "lstm"  # fills the same holes without hearing what stands behind, and judges all
DEFAULT_MEASURES = ("melody", "takes", "spans", "continuations")
MEASURES = (*DEFAULT_MEASURES, "infill")
NEED_MUSIC = ("melody", "takes", "continuations", "infill")
FEW_PHRASES, MANY_PHRASES = 100, 500


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
    parser.add_argument(
        "--measure", action="append", choices=MEASURES, help="what to measure (default: all but infill that has data)"
    )
    parser.add_argument(
        "--benchmark", nargs=2, metavar=("NAME", "DIR"), help=f"a public benchmark in a folder: {continuation.NAME}"
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
        print(f"{row.metric:48} {row.model:28} {row.value:10.4f} {row.unit:10} n={row.n} {row.split}")
    return 0


def figures(args: argparse.Namespace) -> list[Figure]:
    """All rows that were asked for.

    Raises:
        UsageError: Nothing can be measured with what was given.
    """
    check_numbers(args, phrases=(1, MOST), takes=(1, MOST_TAKES), spans=(1, MOST), beyond=(0, 64), seed=(0, MOST))
    measures = args.measure or ([] if args.benchmark else list(DEFAULT_MEASURES) if args.data else ["spans"])
    lacking = [measure for measure in NEED_MUSIC if measure in measures]
    if lacking and not args.data:
        raise UsageError("Name the folders of music to measure {measure} on.", measure=" and ".join(lacking))
    if {"melody", "continuations"} & set(measures):
        make_folder(args.cache)
    players = [player for model in args.model or ["lstm"] for player in _players(model)]
    rows: list[Figure] = []
    if "melody" in measures:
        rows += _melody(args, players)
    if "takes" in measures:
        rows += _takes(args, players)
    if "spans" in measures:
        _say("spans and scales")
        for engine, name in players:
            rows += span_figures(engine, name, count=args.spans, seed=args.seed)
    if "continuations" in measures:
        rows += _continuations(args, players)
    if "infill" in measures:
        rows += _infills(args, players)
    if args.benchmark:
        rows += _benchmark(args, players)
    return rows


def _players(model: str) -> list[Player]:
    """What one ``--model`` names: engines with the models loaded, and the names; ``all`` are those that continue."""
    path = Path(model)
    is_file = path.suffix == ".safetensors"
    engine = Engine(path.absolute().parent if is_file else checkpoints_folder())
    installed = [card.name for card in engine.models() if "continue" in card.verbs]
    names = installed if model == "all" else [path.stem if is_file else model]
    for name in names:
        engine.load(name)
    return [(engine, name) for name in names]


def _melody(args: argparse.Namespace, players: Sequence[Player]) -> list[Figure]:
    _say("bits per note")
    corpus = _corpus(args)
    pack = corpus.sides[args.split]
    rows = [row for engine, name in players for row in model_figures(name, engine.model(name), pack, args.split)]
    return rows if args.no_baselines else rows + baseline_figures(corpus.sides["train"], pack, args.split)


def _takes(args: argparse.Namespace, players: Sequence[Player]) -> list[Figure]:
    _say("takes")
    phrases = _openings(args)
    return [
        row
        for engine, name in players
        for row in loop_figures(engine, name, phrases, takes=args.takes, seed=args.seed, split=args.split)
    ]


def _infills(args: argparse.Namespace, players: Sequence[Player]) -> list[Figure]:
    _say("infills")
    past_only = Engine(checkpoints_folder())
    beside = [] if _PAST_ONLY in [name for _, name in players] else [(past_only, _PAST_ONLY)]
    return infill_figures([*players, *beside], past_only.model(_PAST_ONLY), _openings(args), args.split)


def _continuations(args: argparse.Namespace, players: Sequence[Player]) -> list[Figure]:
    phrases = windows_of(_melodies(args), args.phrases or MANY_PHRASES, seed=args.seed)
    _check_found(phrases, args.split)
    return continuation_figures(
        players,
        phrases,
        TokenLines.of_pack(_corpus(args).sides["train"]),
        seed=args.seed,
        split=args.split,
        with_baselines=not args.no_baselines,
        extra_bars=args.beyond,
        on_model=lambda name: _say(f"continuations, {name}"),
    )


def _benchmark(args: argparse.Namespace, players: Sequence[Player]) -> list[Figure]:
    benchmark, folder = args.benchmark
    if benchmark != continuation.NAME:
        raise UsageError("There is no benchmark {name}. Known: {known}.", name=benchmark, known=continuation.NAME)
    _say(benchmark)
    return [
        row
        for engine, name in players
        for row in continuation.figures(name, engine.model(name), Path(folder), seed=args.seed)
    ]


def _left_out(args: argparse.Namespace) -> frozenset[str]:
    return leave_out_of(args.leave_out) if args.leave_out else frozenset()


def _corpus(args: argparse.Namespace) -> Corpus:
    return load_corpus(args.data, args.cache, licences=SHIPPED_LICENCES, leave_out=_left_out(args))


def _melodies(args: argparse.Namespace) -> list[Line]:
    """The melodies of the side that is measured on."""
    return [line for line in read_lines(args.data, Report(), splits=(args.split,)) if line.is_melody]


def _openings(args: argparse.Namespace) -> list[Phrase]:
    """Phrases from the beginnings of that side's melodies."""
    phrases = phrases_of(_melodies(args), args.phrases or FEW_PHRASES, seed=args.seed)
    _check_found(phrases, args.split)
    return phrases


def _check_found(phrases: Sequence[Phrase], split: str) -> None:
    if not phrases:
        raise UsageError("No melody of the {split} side is long enough to cut phrases from.", split=split)


def _say(what: str) -> None:
    if sys.stderr.isatty():
        print(f"measuring {what} ...", file=sys.stderr)
