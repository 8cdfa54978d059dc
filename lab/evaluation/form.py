"""Form judged from outside: ``python -m lab.evaluation.form DATA [--split valid] [--phrases N] [--beside CHECKOUT]``.

Real music, this checkout and another one in one run: a table of what a reader counts, and how well each can be told
from real music by the same counts. What is judged are takes as the window shows them that nobody has set up.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path

import numpy as np

from lab.evaluation.form_asking import Asked
from lab.evaluation.form_cases import Case, cases_of
from lab.evaluation.form_checkouts import Takes, takes_beside, takes_here
from lab.evaluation.form_features import Floats, Passage, described, equal_onsets, table_row
from lab.evaluation.form_judges import STRONGEST, areas, telling
from lab.evaluation.form_spans import FAR, NEAR, hole_described, hole_row, varied_rows
from musicassist.composing.request import Wish
from musicassist.errors import UsageError
from musicassist.learning.corpus import Report, read_lines
from musicassist.terminal import say

BARS = 4
MAX_PHRASES = 4096  # LIMIT
REAL, HERE, BEFORE = "real", "this build", "before"
Composer = Callable[[Sequence[Asked]], list[Takes]]
Table = dict[str, dict[str, dict[str, float]]]  # of each part, of each row, by column
_ALIKE = ("takes of one request: onsets at one place", "takes of one request: at one place with one length")
_SHOWN = 12  # features that tell most


@dataclass
class Judging:
    """One run: where takes come from, and what was found.

    Attributes:
        cases: Places of melodies.
        composers: By column.
        seed: Of cases, takes and judges.
        tell: Is told how far it is.
        table: Filled part by part.
    """

    cases: Sequence[Case]
    composers: dict[str, Composer]
    seed: int
    tell: Callable[[str], None]
    table: Table = field(default_factory=dict)

    def continuations(self) -> None:
        """Takes as asked, open ones, and the first half of longer ones."""
        asked: dict[str, dict[str, int | str]] = {"4 bars as the window asks": {}}
        if any(row.name == "ending" for row in fields(Wish)):
            asked["4 bars, ending open"] = {"ending": "open"}
        asked["first 4 of 8 bars"] = {"bars": 8}
        for name, wish in asked.items():
            real = [case.passage(case.truth, BARS) for case in self.cases]
            self._add(name, REAL, _means(real))
            for column, composer in self.composers.items():
                if column == BEFORE and "ending" in wish:
                    continue  # it cannot be asked for there
                self.tell(f"{name}, {column}")
                takes = composer([case.continuation(self.seed + i, **wish) for i, case in enumerate(self.cases)])
                made = [case.passage(take, BARS) for case, own in zip(self.cases, takes, strict=True) for take in own]
                self._add(name, column, _means(made))
                pairs = [equal_onsets([tuple(take) for take in own]) for own in takes if len(own) > 1]
                alike = np.mean(pairs, axis=0).tolist() if pairs else []
                self._add(name, column, dict(zip(_ALIKE, alike, strict=False)))
                rows = np.array([described(passage) for passage in made])
                self._judge(name, column, rows, np.array([described(passage) for passage in real]), takes)

    def holes(self) -> None:
        """Bars 5 and 6 of sixteen, filled."""
        name = "infill, bars 5-6 of 16"
        self._add(name, REAL, _mean_rows([hole_row(case, case.tones) for case in self.cases]))
        real = np.array([hole_described(case, case.tones) for case in self.cases])
        for column, composer in self.composers.items():
            self.tell(f"{name}, {column}")
            takes = composer([case.infill(self.seed + i) for i, case in enumerate(self.cases)])
            pairs = [(case, take) for case, own in zip(self.cases, takes, strict=True) for take in own]
            self._add(name, column, _mean_rows([hole_row(*pair) for pair in pairs]))
            self._judge(name, column, np.array([hole_described(*pair) for pair in pairs]), real, takes)

    def variations(self) -> None:
        """The first four bars, varied."""
        cases = [case for case in self.cases if len(case.phrase) >= BARS][: max(8, len(self.cases) // 2)]
        for column, composer in self.composers.items():
            self.tell(f"vary, {column}")
            near, *far = (
                composer([case.variation(self.seed + i, amount) for i, case in enumerate(cases)])
                for amount in (NEAR, *FAR)
            )
            for row, (phrase, made) in varied_rows(cases, near, [own for takes in far for own in takes]).items():
                self._add("vary, 4 bars", REAL, {row: phrase})
                self._add("vary, 4 bars", column, {row: made})

    def _judge(self, name: str, column: str, made: Floats, real: Floats, takes: Sequence[Takes]) -> None:
        pieces = [case.piece for case in self.cases]
        of_takes = [piece for piece, own in zip(pieces, takes, strict=True) for _ in own]
        found = areas(made, real, of_takes, pieces, seed=self.seed)
        self._add(name, column, {f"AUC, {judge}": area for judge, area in found.items()})
        if column == HERE:
            names = list(table_row(self.cases[0].passage(self.cases[0].truth, BARS)))
            best = telling(made[:, : len(names)], real[:, : len(names)], names)[:_SHOWN]
            self.tell("; ".join(f"{feature} {area:.2f}" for feature, area in best))

    def _add(self, part: str, column: str, rows: dict[str, float]) -> None:
        for row, value in rows.items():
            self.table.setdefault(part, {}).setdefault(row, {})[column] = value


def _means(passages: Sequence[Passage]) -> dict[str, float]:
    rows = [table_row(passage) for passage in passages]
    medians = ("density against seed",)
    means = _mean_rows(rows)
    return {**means, **{name: float(np.median([row[name] for row in rows])) for name in medians}}


def _mean_rows(rows: Sequence[dict[str, float]]) -> dict[str, float]:
    if not rows:
        raise UsageError("No take was made, so there is nothing to judge.")
    return {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}


def printed(table: Table, columns: Sequence[str]) -> list[str]:
    """Lines of Markdown, one part after the other."""
    lines: list[str] = []
    for part, rows in table.items():
        lines += [f"| {part} | {' | '.join(columns)} |", "|---|" + "---|" * len(columns)]
        for row, values in rows.items():
            cells = [f"{values[column]:.3f}" if column in values else "" for column in columns]
            lines.append(f"| {row} | {' | '.join(cells)} |")
        lines.append("")
    return lines


def add_arguments(words: argparse.ArgumentParser) -> None:
    """The options of the command."""
    words.add_argument("data", type=Path, nargs="+", metavar="DATA", help="folders of music with a split")
    words.add_argument("--split", default="valid", choices=("valid", "test"))
    words.add_argument("--phrases", type=int, default=128, help="places of melodies (default: 128)")
    words.add_argument("--beside", type=Path, metavar="CHECKOUT", help="another checkout, judged in the same run")
    words.add_argument("--part", action="append", choices=PARTS, help="what is judged (default: all)")
    words.add_argument("--seed", type=int, default=1)
    words.add_argument(
        "--cache", type=Path, default=Path("runs/form"), help="where the other checkout's takes are kept"
    )
    words.add_argument("--json", action="store_true")


def main() -> None:
    """Measures and prints.

    Raises:
        UsageError: There is no place to judge, or a checkout fails.
    """
    words = argparse.ArgumentParser(description=__doc__)
    add_arguments(words)
    given = words.parse_args()
    lines = [line for line in read_lines(given.data, Report(), splits=(given.split,)) if line.is_melody]
    cases = cases_of(lines, min(given.phrases, MAX_PHRASES), seed=given.seed)
    if not cases:
        raise UsageError("No melody of the {split} side is long enough to cut phrases from.", split=given.split)
    composers: dict[str, Composer] = {HERE: takes_here}
    if given.beside is not None:
        composers[BEFORE] = lambda asked: takes_beside(given.beside, asked, given.cache)
    job = Judging(cases, composers, given.seed, lambda line: say(line, on_stderr=True))
    for part in given.part or PARTS:
        PARTS[part](job)
    if given.json:
        head = {"split": given.split, "places": len(cases), "seed": given.seed}
        print(json.dumps({**head, "table": job.table}, indent=1))
        return
    pieces = len({case.piece for case in cases})
    say(f"{len(cases)} places of {pieces} pieces, {given.split}, random number {given.seed}; AUC: {STRONGEST} counts")
    for line in printed(job.table, [REAL, *composers]):
        say(line)


PARTS: dict[str, Callable[[Judging], None]] = {
    "continue": Judging.continuations,
    "infill": Judging.holes,
    "vary": Judging.variations,
}

if __name__ == "__main__":
    main()
