"""One table: models, baselines and what really followed, measured alike; and the files it is written to."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from corpora import pack_of
from excerpt_builders import phrase_of, walks
from lab.evaluation.excerpts import Excerpt, Speed
from lab.evaluation.report import write_report
from lab.evaluation.scoreboard import BORROWED, REAL, REPEATED, cardinality_figure, continuation_figures, cost_figures
from melodies import even_melody
from musicassist.composing.engine import Engine
from musicassist.evaluation.figures import Figure
from musicassist.evaluation.originality import TokenLines
from musicassist.families.registry import FAMILIES
from musicassist.models.cards import ModelCard
from tiny_models import install_tiny_model


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[Figure]:
    folder = tmp_path_factory.mktemp("models")
    install_tiny_model(folder)
    heard: list[str] = []
    found = continuation_figures(
        [(Engine(folder, FAMILIES), "tiny")],
        walks(10),
        TokenLines.of_pack(pack_of([even_melody(60, 62, 64, 65, 67, 69)])),
        seed=1,
        split="made",
        with_baselines=True,
        on_model=heard.append,
    )
    assert heard == [REAL, REPEATED, BORROWED, "tiny"]
    return found


def test_a_model_has_every_figure_and_no_figure_twice(rows: list[Figure]) -> None:
    keys = [(row.metric, row.model) for row in rows]
    assert len(keys) == len(set(keys))
    own = {row.metric for row in rows if row.model == "tiny"}
    assert own == {row.metric for row in rows}
    assert {row.split for row in rows} == {"made"}


def test_the_real_stand_beside_the_made(rows: list[Figure]) -> None:
    values = {(row.metric, row.model): row.value for row in rows}
    assert values["notes in the seed's key, against real", REAL] == 1.0
    assert values["overlap area, mean", REAL] > values["overlap area, mean", "tiny"]
    assert values["structure, 3-6 bars", REPEATED] > values["structure, 3-6 bars", REAL]
    assert ("cardinality F1 with the true continuation", REAL) not in values
    assert ("classifier AUC, best of three", BORROWED) not in values  # it is the same music on both sides


def test_the_truth_itself_has_full_cardinality() -> None:
    phrase = phrase_of([(60, 62), (64,), (65, 67), (60,)])
    alone = phrase_of([(60,), (), (), ()])
    row = cardinality_figure("truth", [Excerpt(phrase, phrase.truth), Excerpt(alone, alone.truth)], seed=1, split="")
    assert (row.value, row.n) == (1.0, 1)


def test_cost_is_the_cards_and_the_clocks() -> None:
    card = ModelCard("lstm", "lstm", (), 4000, 8000, "", {})
    rows = {row.metric: row.value for row in cost_figures(card, Speed((0.01, 0.02, 0.3), 150.0), seed=1, split="made")}
    assert rows == {
        "parameters": 4000,
        "bytes": 8000,
        "first note after the request, p50": 20.0,
        "notes per second, 1 take": 150.0,
    }


def test_the_report_is_json_a_table_and_pictures(rows: list[Figure], tmp_path: Path) -> None:
    write_report(rows, tmp_path)
    page = json.loads((tmp_path / "scoreboard.json").read_text())
    assert page == [row.as_json() for row in rows]
    table = [line for line in (tmp_path / "scoreboard.md").read_text().splitlines() if line.startswith("|")]
    assert table[0] == f"| metric | n | {REAL} | {REPEATED} | {BORROWED} | tiny |"
    assert {line.count("|") for line in table} == {7}
    assert len(table) == 2 + len({row.metric for row in rows})
    for name in ("overlap", "bits", "classifiers"):
        assert f"]({name}.svg)" in (tmp_path / "scoreboard.md").read_text()
        assert ElementTree.parse(tmp_path / f"{name}.svg").getroot().tag.endswith("svg")
