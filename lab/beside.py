"""Measures this checkout and another one in turn, each run in a process of its own; what counts is their ratio.

``musicassist bench WHAT --beside PATH`` compares what ``bench`` says. Any other measuring script that uses only names
which both checkouts have is compared by ``python -m lab.beside PATH SCRIPT [ARGUMENT ...]``: it prints JSON, rows like
those of ``bench`` or one object of numbers, and is run with ``musicassist`` from each checkout.
"""

from __future__ import annotations

import compileall
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from musicassist.errors import UsageError
from musicassist.terminal import Progress

HERE = Path(__file__).resolve().parents[1]
RUNS = 10
LIMIT_SECONDS = 900.0  # of one run
CPU_METRIC = "CPU time of the run's processes"
Row = dict[str, Any]  # {metric, model, value, unit, n, seed, split, here, beside}: value is here / beside
# The laboratory comes from this checkout, what it measures from the one that stands last on the way.
_WITH_OUR_LAB = "import sys; sys.path.insert(0, {here!r}); import lab; sys.path.insert(0, {checkout!r}); {code}"


def bench_words(part: str) -> Callable[[Path], list[str]]:
    """The command that runs a checkout's own ``musicassist bench PART``."""
    return lambda _checkout: [sys.executable, "-m", "musicassist", "bench", part, "--json"]


def lab_code(code: str) -> Callable[[Path], list[str]]:
    """The command that runs code of this checkout's laboratory upon a checkout; the code must leave ``rows``."""
    return lambda checkout: [
        sys.executable,
        "-P",
        "-c",
        _WITH_OUR_LAB.format(
            here=str(HERE), checkout=str(checkout), code=f"{code}; import json; print(json.dumps(rows))"
        ),
    ]


def script_words(words: Sequence[str]) -> Callable[[Path], list[str]]:
    """The command that runs a measuring script upon a checkout."""
    return lambda _checkout: [sys.executable, "-P", *words]


def measure_beside(
    command_for: Callable[[Path], list[str]],
    other: Path,
    *,
    runs: int = RUNS,
    say: Callable[[str], None] = lambda _text: None,
) -> list[Row]:
    """Runs a command in this checkout and the other in turn, which goes first changing each time.

    Args:
        command_for: Makes the command for a checkout.
        other: The root of the other checkout.
        runs: How often in each.
        say: Is told how far it is.

    Returns:
        A row for each measure that both have said: ``here`` and ``beside`` are medians of the runs in the row's own
        unit (``in``), ``value`` is the one divided by the other. CPU time of the whole run comes last.

    Raises:
        UsageError: The other folder is no checkout, or a run failed.
    """
    if not (other / "musicassist" / "__init__.py").is_file():
        raise UsageError("There is no checkout of this program in {folder}.", folder=str(other))
    checkouts = (HERE, other.resolve())
    for checkout in checkouts:  # what is compiled once in the one must not be compiled ten times in the other
        compileall.compile_dir(checkout / "musicassist", quiet=2)
    found: dict[Path, list[dict[tuple[str, ...], Row]]] = {checkout: [] for checkout in checkouts}
    for number in range(runs):
        say(f"Measuring beside {other}: {number + 1} of {runs} ...")
        for checkout in checkouts if number % 2 == 0 else checkouts[::-1]:
            found[checkout].append(_run(command_for(checkout), checkout))
    ours, theirs = (found[checkout] for checkout in checkouts)
    return [
        _ratio_row(ours[0][key], [run[key]["value"] for run in ours], [run[key]["value"] for run in theirs])
        for key in ours[0]
        if all(key in run for run in (*ours, *theirs))
    ]


def _run(command: Sequence[str], checkout: Path) -> dict[tuple[str, ...], Row]:
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "PYTHONPATH": str(checkout), "HOME": home, "QT_QPA_PLATFORM": "offscreen"}
        environment |= {f"XDG_{name}_HOME": home for name in ("CONFIG", "STATE", "CACHE", "DATA")}
        before = os.times()
        try:
            answer = subprocess.run(
                command, cwd=home, env=environment, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=True
            )
            rows = _rows_of(json.loads(answer.stdout))
        except (subprocess.SubprocessError, ValueError) as error:
            reason = (getattr(error, "stderr", "") or str(error)).strip().split("\n")[-1]
            raise UsageError(
                "{checkout} could not be measured: {reason}", checkout=str(checkout), reason=reason
            ) from error
        after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    rows.append(_row(CPU_METRIC, spent, "s"))
    return {(row["metric"], row["model"], row["split"], row["unit"]): row for row in rows}


def _rows_of(said: Any) -> list[Row]:
    """Rows as they are; an object of numbers as a row for each."""
    if isinstance(said, dict):
        return [_row(name, value, "") for name, value in said.items() if isinstance(value, int | float)]
    return [row for row in said if isinstance(row["value"], int | float)]


def _row(metric: str, value: float, unit: str) -> Row:
    return {"metric": metric, "model": "", "value": value, "unit": unit, "n": 1, "seed": 0, "split": ""}


def _ratio_row(like: Row, ours: Sequence[float], theirs: Sequence[float]) -> Row:
    here, beside = median(ours), median(theirs)
    ratio = here / beside if beside else None
    return {**like, "value": ratio, "unit": "times", "n": len(ours), "here": here, "beside": beside, "in": like["unit"]}


def main(words: Sequence[str]) -> int:
    """``PATH SCRIPT [ARGUMENT ...]``: prints the rows as JSON."""
    if len(words) < 2:
        raise SystemExit("usage: python -m lab.beside PATH SCRIPT [ARGUMENT ...]")
    progress = Progress()
    script = [str(Path(words[1]).resolve()), *words[2:]]
    rows = measure_beside(script_words(script), Path(words[0]), say=progress.say)
    progress.close()
    print(json.dumps(rows, indent=2))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
