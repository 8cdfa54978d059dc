"""``musicassist screenshot``: the window with a file, drawn into a picture without a display."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from musicassist.cli.composing import check_output, whole_number
from musicassist.cli.output import print_json
from musicassist.errors import UsageError

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
    check_output(args.output)
    if args.output.suffix.lower() != ".png":
        raise UsageError("{file} is no picture's name; end it in .png.", file=args.output)
    if args.draw_window is None:
        raise UsageError("There is no window to draw here.")
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    args.draw_window(
        args.input,
        args.output,
        width=args.width,
        height=args.height,
        theme=args.theme,
        is_continuing=args.is_continuing,
    )
    if args.json:
        print_json({"file": str(args.output), "width": args.width, "height": args.height})
    else:
        print(f"Wrote {args.output}.")
    return 0
