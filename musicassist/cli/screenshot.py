"""``musicassist screenshot``: the window with a file, drawn into a picture without a display."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from musicassist.cli.arguments import whole_number
from musicassist.cli.output import print_json
from musicassist.disk import check_place
from musicassist.errors import UsageError
from musicassist.families.registry import FAMILIES
from musicassist.resources import checkpoints_folder
from musicassist.terminal import say

if TYPE_CHECKING:
    from musicassist.composing.engine import Engine
    from musicassist.ui.model_status import ModelFact

DEFAULT_WIDTH_PX = 1280
DEFAULT_HEIGHT_PX = 800


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``screenshot``."""
    parser.add_argument("input", type=Path, metavar="IN", help="a MIDI file")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help="the PNG file to write")
    size = whole_number(320, 8192)
    parser.add_argument("--width", type=size, default=DEFAULT_WIDTH_PX, metavar="PX", help="default %(default)s")
    parser.add_argument("--height", type=size, default=DEFAULT_HEIGHT_PX, metavar="PX", help="default %(default)s")
    parser.add_argument("--theme", choices=("dark", "light"), default="dark", help="default %(default)s")
    parser.add_argument(
        "--continue",
        dest="is_continuing",
        action="store_true",
        help="continue the phrase first and show the takes on offer",
    )


def run(args: argparse.Namespace) -> int:
    """Draws the window offscreen. The only word that loads Qt."""
    check_place(args.output)
    if args.output.suffix.lower() != ".png":
        raise UsageError("{file} is no picture's name; end it in .png.", file=args.output)
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from musicassist.ui.screenshot import save_screenshot

    save_screenshot(
        args.input,
        args.output,
        width=args.width,
        height=args.height,
        theme=args.theme,
        make_engine=_make_engine if args.is_continuing else None,
        list_models=_list_models,
    )
    if args.json:
        print_json({"file": str(args.output), "width": args.width, "height": args.height})
    else:
        say(f"Wrote {args.output}.")
    return 0


def _make_engine() -> Engine:
    from musicassist.composing.engine import Engine

    return Engine(checkpoints_folder(), FAMILIES)


def _list_models() -> Sequence[ModelFact]:
    from musicassist.ui.model_status import fact_of

    return [fact_of(card) for card in FAMILIES.installed(checkpoints_folder())]
