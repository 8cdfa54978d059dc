"""``musicassist screenshot``: the window with a file, drawn into a picture without a display."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from musicassist.cli.composing import check_output, whole_number
from musicassist.cli.output import print_json
from musicassist.errors import UsageError

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg")
DEFAULT_WIDTH_PX = 1280
DEFAULT_HEIGHT_PX = 800


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``screenshot``."""
    parser.add_argument("input", type=Path, metavar="IN", help="a MIDI file")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help="the PNG or JPEG file to write")
    size = whole_number(320, 8192)
    parser.add_argument("--width", type=size, default=DEFAULT_WIDTH_PX, metavar="PX", help="default %(default)s")
    parser.add_argument("--height", type=size, default=DEFAULT_HEIGHT_PX, metavar="PX", help="default %(default)s")
    parser.add_argument("--theme", choices=("dark", "light"), default="dark", help="default %(default)s")


def run(args: argparse.Namespace) -> int:
    """Draws the window offscreen. The only word that loads Qt."""
    check_output(args.output)
    if args.output.suffix.lower() not in PICTURE_SUFFIXES:
        raise UsageError("{file} is no picture's name; end it in .png or .jpg.", file=args.output)
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from musicassist.ui.screenshot import save_screenshot

    save_screenshot(args.input, args.output, width=args.width, height=args.height, theme=args.theme)
    if args.json:
        print_json({"file": str(args.output), "width": args.width, "height": args.height})
    else:
        print(f"Wrote {args.output}.")
    return 0
