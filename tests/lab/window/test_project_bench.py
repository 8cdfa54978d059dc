"""The measures of projects, in small: each counts what it says."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from lab.window import project_bench
from lab.window.project_acts import entry_now, is_same_work
from musicassist.document.document import Document
from musicassist.document.journal_file import MAGIC, entry_bytes, journal_of

KEYS = {"metric", "model", "value", "unit", "n", "seed", "split"}


def values(rows: list[project_bench.Row]) -> list[float]:
    assert all(set(row) == KEYS for row in rows)
    return [row["value"] for row in rows]


def test_a_power_cut_costs_nothing_that_was_seen_a_second_before() -> None:
    lost, unreadable, _, edits, _ = values(project_bench.measure_power_cuts(0.8, 40))
    assert (lost, unreadable) == (0, 0) and edits > 5


@pytest.mark.skipif(os.name != "posix", reason="needs forks")
def test_mutants_crash_no_reader() -> None:
    """In a process of its own: what this one holds already would count as the reader's memory."""
    words = "import json; from lab.window.project_bench import measure_mutants; print(json.dumps(measure_mutants(30)))"
    told = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True).stdout
    crashed, most, read, refused = values(json.loads(told))
    assert crashed == 0 and 0 < most < 256
    assert read + refused == 30 and min(read, refused) > 0


def test_random_work_comes_back_as_it_was() -> None:
    assert values(project_bench.measure_random_work(120, 2))[0] == 0


def test_opening_is_measured_by_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project_bench, "OPENINGS", 1)
    project, midi, ratio, *_ = values(project_bench.measure_opening(400, 3))
    assert ratio == pytest.approx(project / midi)


def test_made_up_projects_have_sums_that_are_right() -> None:
    """Else the inner parts of the reader would never be reached."""
    parts, chance = project_bench._worked_on(1), random.Random(1)
    whole = journal_of(b"".join(parts))
    assert whole.entry_count == 30
    made = project_bench._made_up(parts, chance)
    assert made.startswith(MAGIC) and made != b"".join(parts)


def test_work_is_compared_to_its_selections_and_pages(tmp_path: Path) -> None:
    document = Document(project_bench._song(40))
    entry = entry_now(document)
    document.select(document.track.notes.pitch > 60)
    assert not is_same_work(entry, entry_now(document))
    assert is_same_work(entry, journal_of(MAGIC + entry_bytes(entry, None)).entry)
