"""``musicassist bench``: how fast this machine draws, decodes and plays."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from lab.beside import RUNS, bench_words, lab_code, measure_beside
from musicassist.cli.arguments import whole_number
from musicassist.errors import MusicAssistError, UsageError
from musicassist.terminal import Progress, print_json, print_table, say

Row = dict[str, Any]  # {metric, model, value, unit, n, seed, split}
COLUMNS = ("metric", "model", "value", "unit", "n", "seed", "split")
MAX_KILLS_SECONDS = 1800.0  # LIMIT: 200 windows that are opened, edited in and killed
MAX_SECONDS = 400.0  # LIMIT: playing together takes two and a half minutes; the others are shorter
FULL_SOAK_HOURS, MAX_SOAK_HOURS = 8.0, 1000.0
_START = "from lab.window.start_bench import measure_start; rows = measure_start()"
_PAINT = "from lab.window.bench import measure_repaint; rows = measure_repaint()"
_WINDOW = """
from musicassist.app import make_engine, model_facts
from lab.window.window_bench import measure_window
rows = measure_window(make_engine, model_facts)
"""
_EDIT = "from lab.window.edit_bench import measure_edits; rows = measure_edits()"
_TOGETHER = """
from musicassist.app import make_engine, model_facts
from lab.window.together_bench import measure_together
rows = measure_together(make_engine, model_facts)
"""
_TAKES = "from lab.evaluation.take_time import measure_takes; rows = measure_takes()"
_SAVING = "from lab.window.safety_bench import measure_saving; rows = measure_saving()"
_KILL = "from lab.window.safety_bench import measure_kills; rows = measure_kills()"
_PROJECT = "from lab.window.project_bench import measure_projects; rows = measure_projects()"
_MIXING = "from lab.window.mixing_bench import measure_mixing; rows = measure_mixing({count})"
MIXED_OFFERS = 1_000
# They take some minutes or want music: only where they are named.
ASKED_FOR = {"mixing", "kill", "project", "agreement", "reading", "rates", "loops"}
EVERYWHERE = {
    "paint": _PAINT,
    "start": _START,
    "model": _TAKES,
}  # what an older checkout is measured with, too: code that uses names which both have


def _house_rows() -> Sequence[Row]:
    from lab.house import measure_house

    return [figure.as_json() for figure in measure_house()]


def _model_rows() -> Sequence[Row]:
    from lab.evaluation.model_bench import measure

    return measure()


def _sound_rows() -> Sequence[Row]:
    from lab.sound.bench import measure

    return [figure.as_json() for figure in measure()]


def _soak_rows(hours: float, progress: Progress) -> Sequence[Row]:
    from lab.sound.soak import soak

    return [figure.as_json() for figure in soak(hours, progress.say)]


def _agreement_rows(
    music: Path | None = None, count: int | None = None, say_so: Callable[[str], None] = lambda _text: None
) -> Sequence[Row]:
    from lab.sound.agreement_bench import FILES, measure

    return [figure.as_json() for figure in measure(music, FILES if count is None else count, say_so)]


def _reading_rows(music: Path | None = None, count: int | None = None) -> Sequence[Row]:
    from lab.reading_bench import FILES, measure

    return [figure.as_json() for figure in measure(music, FILES if count is None else count)]


def _qt_rows(code: str, longest_seconds: float = MAX_SECONDS) -> Sequence[Row]:
    """What needs Qt is measured in a process of its own, so that this one stays free of it."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-c", f"{code}\nimport json; print(json.dumps(rows))"]
    try:
        answer = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=longest_seconds, check=True
        )
        rows: list[Row] = json.loads(answer.stdout)
    except (subprocess.SubprocessError, ValueError) as error:
        reason = getattr(error, "stderr", "") or str(error)
        raise UsageError(
            "The window could not be measured: {reason}.", reason=reason.strip().split("\n")[-1]
        ) from error
    return rows


def _font_rows(count: int) -> Sequence[Row]:
    """What becomes of damaged SoundFonts: none may crash what plays it."""
    from lab.sound.font_proof import prove
    from musicassist.evaluation.figures import Figure

    return [
        Figure(f"damaged SoundFonts, {fate.replace('_', ' ')}", "", number, "fonts", count, 0).as_json()
        for fate, number in vars(prove(count)).items()
    ]


def _beside_rows(part: str, other: Path, runs: int, progress: Progress) -> Sequence[Row]:
    command = lab_code(EVERYWHERE[part]) if part in EVERYWHERE else bench_words(part)
    return measure_beside(command, other, runs=runs, say=progress.say)


def _rates_rows(notochord: Path | None = None) -> Sequence[Row]:
    from lab.note_rates import measure_rates

    return [figure.as_json() for figure in measure_rates(notochord)]


def _loop_rows() -> Sequence[Row]:
    from lab.sound.loops_bench import measure

    return [figure.as_json() for figure in measure()]


PARTS: dict[str, Callable[[], Sequence[Row]]] = {
    "house": _house_rows,
    "model": _model_rows,
    "sound": _sound_rows,
    "start": partial(_qt_rows, _START),
    "paint": partial(_qt_rows, _PAINT),
    "window": partial(_qt_rows, _WINDOW),
    "edit": partial(_qt_rows, _EDIT),
    "together": partial(_qt_rows, _TOGETHER),
    "saving": partial(_qt_rows, _SAVING),
    "kill": partial(_qt_rows, _KILL, MAX_KILLS_SECONDS),
    "project": partial(_qt_rows, _PROJECT, 2 * MAX_KILLS_SECONDS),
    "mixing": partial(_qt_rows, _MIXING.format(count=MIXED_OFFERS), 2 * MAX_KILLS_SECONDS),
    "agreement": _agreement_rows,
    "reading": _reading_rows,
    "rates": _rates_rows,
    "loops": _loop_rows,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``bench``."""
    parser.add_argument(
        "parts",
        nargs="*",
        metavar="PART",
        help=f"any of {', '.join(PARTS)} (default: all but {', '.join(sorted(ASKED_FOR))})",
    )
    parser.add_argument(
        "--soak",
        type=_hours,
        nargs="?",
        const=FULL_SOAK_HOURS,
        metavar="HOURS",
        help="only what long use of the sound shows, for so many hours of transport (8: all of it, in half an hour)",
    )
    parser.add_argument("--music", type=Path, metavar="FOLDER", help="real MIDI files, for agreement and reading")
    parser.add_argument(
        "--files", type=whole_number(1, 10_000), metavar="N", help="how many of them (default: 60, and 180 for reading)"
    )
    parser.add_argument(
        "--beside",
        type=Path,
        metavar="CHECKOUT",
        help="run in turn with another checkout of this program, and give the ratios",
    )
    parser.add_argument(
        "--runs", type=whole_number(1, 1_000), default=RUNS, metavar="N", help="how often, with --beside (default: 10)"
    )
    parser.add_argument(
        "--notochord", type=Path, metavar="PYTHON", help="a Python that has Notochord, for rates (default: without it)"
    )
    parser.add_argument(
        "--fonts", type=int, default=0, metavar="N", help="also try N damaged SoundFonts, a second or two each"
    )


def _hours(text: str) -> float:
    """A number of hours above 0.

    Raises:
        argparse.ArgumentTypeError: In words.
    """
    try:
        hours = float(text)
    except ValueError:
        hours = 0.0
    if not 0 < hours <= MAX_SOAK_HOURS:
        raise argparse.ArgumentTypeError(f"must be a number of hours up to {MAX_SOAK_HOURS:g}, not {text}")
    return hours


def run(args: argparse.Namespace) -> int:
    """Measures; what cannot be measured here is said on stderr and left out."""
    unknown = [part for part in args.parts if part not in PARTS]
    if unknown:
        raise UsageError("There is no part {part!r}; choose from {parts}.", part=unknown[0], parts=", ".join(PARTS))
    progress = Progress()
    measures = {part: PARTS[part] for part in args.parts or PARTS.keys() - ASKED_FOR}
    if args.soak is not None:
        measures = {"sound": partial(_soak_rows, args.soak, progress)}
    if "agreement" in measures:
        measures["agreement"] = partial(_agreement_rows, args.music, args.files, progress.say)
    if "reading" in measures:
        measures["reading"] = partial(_reading_rows, args.music, args.files)
    if "rates" in measures:
        measures["rates"] = partial(_rates_rows, args.notochord)
    if args.beside is not None:
        measures = {part: partial(_beside_rows, part, args.beside, args.runs, progress) for part in measures}
    rows: list[Row] = []
    for part, measure in measures.items():
        progress.say(f"Measuring: {part} ...")
        try:
            rows.extend(measure())
        except MusicAssistError as error:
            progress.close()
            say(f"musicassist: {part} was not measured: {error}", on_stderr=True)
    if args.fonts > 0:
        progress.say(f"Trying {args.fonts} damaged SoundFonts ...")
        rows.extend(_font_rows(args.fonts))
    progress.close()
    if args.json:
        print_json(rows)
    else:
        columns = COLUMNS if args.beside is None else (*COLUMNS, "here", "beside", "in")
        print_table([[_cell(row.get(column)) for column in columns] for row in rows], header=columns)
    return 0


def _cell(value: object) -> object:
    if value is None:
        return ""
    return float(f"{value:.4g}") if isinstance(value, float) else value
