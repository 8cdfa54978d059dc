"""What smg-metrics says of takes: ``python -m lab.evaluation.form_second_opinion DATA [--beside BEFORE]``.

Another program's fifteen numbers of a file, of real bars, this checkout's takes and another one's, and how well they
alone tell takes from real bars. It needs the extra ``lab``.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from lab.evaluation.form import BARS, BEFORE, HERE, REAL, add_arguments, printed
from lab.evaluation.form_asking import Asked
from lab.evaluation.form_cases import Case, cases_of
from lab.evaluation.form_checkouts import takes_beside, takes_here
from lab.evaluation.form_features import Floats, Passage
from lab.evaluation.form_judges import areas
from musicassist.errors import UsageError
from musicassist.learning.corpus import Report, read_lines
from musicassist.midi import write_song
from musicassist.terminal import say


def opinion(passage: Passage, meter: tuple[int, int], folder: Path) -> dict[str, float]:
    """The program's numbers of the passage's own bars, by its names; what it cannot tell is 0.

    Args:
        passage: At least one note.
        meter: Of its bars.
        folder: Where a file may be written.

    Raises:
        UsageError: It is not installed.
    """
    try:
        import smg_metrics
    except ImportError as error:
        raise UsageError("smg-metrics is not installed. Install the extra: pip install -e '.[lab]'.") from error
    tones = tuple((tick - passage.from_tick, pitch, length) for tick, pitch, length in passage.tones)
    file = folder / "bars.mid"
    file.write_bytes(write_song(Asked("continue", tones, meter, 0).song()))
    found: dict[str, float] = {}
    for measure in (
        smg_metrics.single_file_harmony,
        smg_metrics.single_file_rhythm,
        smg_metrics.single_file_quality,
    ):
        found |= {name: _known(value) for name, value in asdict(measure(str(file))).items()}
    return found


def _known(value: float) -> float:
    return float(value) if np.isfinite(value) else 0.0


def opinions(cases: Sequence[Case], takes: Sequence[Sequence[Passage]]) -> tuple[list[dict[str, float]], list[str]]:
    """The numbers of all passages with a note, and the piece that each is of."""
    rows, pieces = [], []
    with tempfile.TemporaryDirectory() as folder:
        for case, own in zip(cases, takes, strict=True):
            for passage in own:
                if passage.tones:
                    rows.append(opinion(passage, case.meter, Path(folder)))
                    pieces.append(case.piece)
    return rows, pieces


def main() -> None:
    """Measures and prints."""
    words = argparse.ArgumentParser(description=__doc__)
    add_arguments(words)
    given = words.parse_args()
    lines = [line for line in read_lines(given.data, Report(), splits=(given.split,)) if line.is_melody]
    cases = cases_of(lines, given.phrases, seed=given.seed)
    asked = [case.continuation(given.seed + i) for i, case in enumerate(cases)]
    made = {HERE: takes_here(asked)}
    if given.beside is not None:
        made[BEFORE] = takes_beside(given.beside, asked, given.cache)
    real, real_pieces = opinions(cases, [[case.passage(case.truth, BARS)] for case in cases])
    names = list(real[0])
    table = {name: {REAL: float(np.mean([row[name] for row in real]))} for name in names}
    for column, takes in made.items():
        passages = [[case.passage(take, BARS) for take in own] for case, own in zip(cases, takes, strict=True)]
        rows, pieces = opinions(cases, passages)
        for name in names:
            table[name][column] = float(np.mean([row[name] for row in rows]))
        for judge, area in areas(_table(rows), _table(real), pieces, real_pieces, seed=given.seed).items():
            table.setdefault(f"AUC, {judge}", {})[column] = area
    say(f"{len(cases)} places, {given.split}, random number {given.seed}")
    for line in printed({"smg-metrics, 4 bars as the window asks": table}, [REAL, *made]):
        say(line)


def _table(rows: Sequence[dict[str, float]]) -> Floats:
    return np.array([list(row.values()) for row in rows])


if __name__ == "__main__":
    main()
