"""The other program's numbers, by a stand-in for it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest

from lab.evaluation.form_cases import Case
from lab.evaluation.form_features import Passage, passage_of
from lab.evaluation.form_second_opinion import opinion, opinions
from musicassist.errors import UsageError
from musicassist.midi import read_song

BAR = 1920


@dataclass(frozen=True)
class Said:
    notes: float
    first: float


def heard(file: str) -> Said:
    """How many notes a file has, and where its first one starts."""
    notes = read_song(Path(file)).song.tracks[0].notes
    return Said(len(notes), float(notes.start_tick[0]))


@dataclass(frozen=True)
class Untold:
    entropy: float = float("nan")


@pytest.fixture
def other(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in = SimpleNamespace(
        single_file_harmony=heard, single_file_rhythm=lambda _file: Untold(), single_file_quality=lambda _file: Untold()
    )
    monkeypatch.setitem(sys.modules, "smg_metrics", stand_in)


def bars(*ticks: int) -> Passage:
    notes = tuple((tick, 60, 480) for tick in ticks)
    return passage_of(((0, 60, 480),), notes, from_tick=BAR, bars=4, bar_ticks=BAR, tonic=0)


@pytest.mark.usefixtures("other")
def test_the_bars_alone_are_handed_over_and_what_is_not_told_is_nothing(tmp_path: Path) -> None:
    assert opinion(bars(BAR + 480, BAR + 960), (4, 4), tmp_path) == {"notes": 2, "first": 480, "entropy": 0}


@pytest.mark.usefixtures("other")
def test_passages_without_notes_are_left_out() -> None:
    case = Case("made/one.mid", ((0, 60, 480),), (4, 4), BAR, 0, BAR, 0)
    rows, pieces = opinions([case], [[bars(BAR), bars()]])
    assert ([row["notes"] for row in rows], pieces) == ([1], ["made/one.mid"])


def test_where_it_is_not_installed_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "smg_metrics", None)
    with pytest.raises(UsageError, match="extra"):
        opinion(bars(BAR), (4, 4), tmp_path)
