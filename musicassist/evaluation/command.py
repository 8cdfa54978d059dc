"""``musicassist evaluate`` without the laboratory: how well a model of one's own learned, and how much it copies.

A checkout of musicassist has the laboratory beside it, and its ``evaluate`` measures much more.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from musicassist.composing.engine import Engine
from musicassist.composing.request import GenerationRequest
from musicassist.errors import UsageError
from musicassist.evaluation.figures import Figure
from musicassist.evaluation.melody_bits import baseline_figures, markov_figures, model_figures
from musicassist.evaluation.originality import TokenLines, originality_figures
from musicassist.evaluation.phrases import FOLLOWING_BARS, phrases_of
from musicassist.families.registry import FAMILIES
from musicassist.learning.corpus import SHIPPED_LICENCES, Report, leave_out_of, read_lines
from musicassist.learning.pack import Corpus, load_corpus
from musicassist.resources import checkpoints_folder
from musicassist.terminal import say
from musicassist.tokens.codec import encode

DEFAULT_MODEL = "lstm"
MARKOV = "markov"  # the installed baseline that is measured beside the rest
MAX_PHRASES = 10_000  # LIMIT
MEASURES = ("melody", "originality")
Player = tuple[Engine, str]  # an engine, and the name of the model that is measured in it


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``evaluate`` that need no laboratory."""
    parser.add_argument("data", nargs="+", type=Path, metavar="DATA", help="folders of music, split as for train")
    parser.add_argument(
        "--model",
        action="append",
        help="name of a model or a .safetensors file; may be given several times (default: lstm)",
    )
    parser.add_argument(
        "--measure",
        action="append",
        help="melody (bits per note beside baselines) or originality (runs of takes that stand in the training music); "
        "default: both. A checkout of musicassist measures more",
    )
    parser.add_argument("--split", default="test", choices=("valid", "test"), help="side of the split (default: test)")
    parser.add_argument("--phrases", type=int, default=100, help="phrases that are continued (default: 100)")
    parser.add_argument("--seed", type=int, default=1, help="random number (default: 1)")
    parser.add_argument("--cache", type=Path, default=Path("runs"), help="folder for the packed music (default: runs)")
    parser.add_argument("--leave-out", type=Path, help="the splits.json that training was given")
    parser.add_argument("--no-baselines", action="store_true", help="the models alone")


def run(args: argparse.Namespace) -> int:
    """Measures and prints."""
    measures = args.measure or MEASURES
    unknown = sorted(set(measures) - set(MEASURES))
    if unknown:
        raise UsageError(
            "Only {known} can be measured here. {name} needs the laboratory, which a checkout of musicassist has.",
            known=" and ".join(MEASURES),
            name=unknown[0],
        )
    if not 1 <= args.phrases <= MAX_PHRASES or args.seed < 0:
        raise UsageError("--phrases must be between 1 and {most}, and --seed not below 0.", most=MAX_PHRASES)
    left_out = leave_out_of(args.leave_out) if args.leave_out else frozenset()
    corpus = load_corpus(args.data, args.cache, licences=SHIPPED_LICENCES, leave_out=left_out)
    players = [_player(model) for model in args.model or [DEFAULT_MODEL]]
    rows: list[Figure] = []
    if "melody" in measures:
        rows += melody_figures(players, corpus, args.split, with_baselines=not args.no_baselines)
    if "originality" in measures:
        rows += take_figures(players, corpus, args)
    if args.json:
        print(json.dumps([row.as_json() for row in rows], indent=1))
        return 0
    for row in rows:
        say(f"{row.metric:48} {row.model:28} {row.value:10.4f} {row.unit:10} n={row.n} {row.split}")
    return 0


def _player(model: str) -> Player:
    """An engine with the model loaded that ``--model`` names, and its name."""
    path = Path(model)
    is_file = path.suffix == ".safetensors"
    engine = Engine(path.absolute().parent if is_file else checkpoints_folder(), FAMILIES)
    name = path.stem if is_file else model
    engine.load(name)
    return engine, name


def tell(what: str) -> None:
    """Tells a terminal what is measured."""
    if sys.stderr.isatty():
        print(f"measuring {what} ...", file=sys.stderr)


def melody_figures(players: Sequence[Player], corpus: Corpus, split: str, *, with_baselines: bool) -> list[Figure]:
    """Bits per note of the models that read note by note, beside the baselines."""
    pack = corpus.sides[split]
    rows: list[Figure] = []
    for engine, name in players:
        ready = engine.ready(name)
        if ready.reads_notes:
            tell(f"bits per note, {name}")
            rows += model_figures(name, ready.whole(), pack, split)
    if not with_baselines:
        return rows
    tell("bits per note, baselines")
    rows += baseline_figures(corpus.sides["train"], pack, split)
    shipped = Engine(checkpoints_folder(), FAMILIES)
    if any(card.name == MARKOV for card in shipped.models()) and MARKOV not in [name for _, name in players]:
        rows += markov_figures(MARKOV, shipped.ready(MARKOV).net(), pack, split)
    return rows


def take_figures(players: Sequence[Player], corpus: Corpus, args: argparse.Namespace) -> list[Figure]:
    """How much of continuations of phrases, one take each, stands in the training music."""
    lines = [line for line in read_lines(args.data, Report(), splits=(args.split,)) if line.is_melody]
    phrases = phrases_of(lines, args.phrases, seed=args.seed)
    if not phrases:
        raise UsageError("No melody of the {split} side is long enough to cut phrases from.", split=args.split)
    training = TokenLines.of_pack(corpus.sides["train"])
    rows: list[Figure] = []
    for engine, name in players:
        if "continue" not in engine.ready(name).card.verbs:
            continue
        tell(f"originality, {name}")
        made = []
        for number, phrase in enumerate(phrases):
            seed = args.seed + number
            request = GenerationRequest(
                "continue", phrase.song, bars=FOLLOWING_BARS, takes=1, candidates=1, seed=seed, model=name
            )
            made.append(encode(engine.generate(request)[0].notes, phrase.song.ticks_per_beat))
        rows += originality_figures(name, made, training, seed=args.seed, split=args.split)
    true = [encode(phrase.truth, phrase.song.ticks_per_beat) for phrase in phrases]
    return [*rows, *originality_figures("what really followed", true, training, seed=args.seed, split=args.split)]
