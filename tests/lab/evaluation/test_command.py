"""``musicassist evaluate`` as a user runs it, on a small archive of tunes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from corpora import song_of_tune, write_archive_folder
from lab.evaluation import command
from lab.evaluation.report import write_report
from musicassist.evaluation.figures import Figure
from tiny_models import install_tiny_model


@pytest.fixture
def music(tmp_path: Path) -> Path:
    """Twelve tunes to learn from, five on each other side, all of about 20 bars."""
    sides = ["train"] * 12 + ["valid"] * 5 + ["test"] * 5
    rows = [
        {"dataset": "made", "file": f"{n}.mid", "split": side, "style": "folk", "licence_class": "permissive"}
        for n, side in enumerate(sides)
    ]
    songs = {f"made/{n}.mid": song_of_tune(n, notes=150) for n in range(len(sides))}
    return write_archive_folder(tmp_path / "music", rows, songs)


def test_models_come_one_after_the_other_into_one_report(music: Path, tmp_path: Path, run_cli: Callable) -> None:
    report = tmp_path / "report"
    report.mkdir()
    earlier = [
        Figure("empty bars", "real", 0.03, "", 5, 1, "valid"),
        Figure("empty bars", "old", 0.5, "", 5, 1, "test"),
    ]
    earlier.insert(1, Figure("takes that end on the bar line", "old", 9, "of 9", 9, 1, "random phrases"))
    write_report([*earlier, Figure("empty bars", "one", 0.9, "", 5, 1, "valid")], report)
    one, other = install_tiny_model(tmp_path, "one"), install_tiny_model(tmp_path, "other", cell="gru")
    answer = run_cli(
        "evaluate", music, "--measure", "continuations", "--model", one, "--model", other, "--split", "valid",
        "--cache", tmp_path / "cache", "--report", report, "--no-baselines", "--json",
    )  # fmt: skip
    assert (answer.code, answer.err) == (0, "")
    rows = json.loads(answer.out)
    assert {row["model"] for row in rows} == {"one", "other"}
    assert {row["split"] for row in rows} == {"valid"}
    assert json.loads((report / "scoreboard.json").read_text()) == [*(row.as_json() for row in earlier[:2]), *rows]
    assert "| metric | n | real | old | one | other |" in (report / "scoreboard.md").read_text()


def test_a_folder_with_something_else_is_refused_before_anything_is_measured(tmp_path: Path, run_cli: Callable) -> None:
    (tmp_path / "scoreboard.json").write_text('[{"metric": 1}]')
    answer = run_cli("evaluate", "--measure", "spans", "--report", tmp_path)
    assert answer.code == 2
    assert "is no scoreboard" in answer.err


def test_all_installed_models_that_continue_are_measured(
    tmp_path: Path, run_cli: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "other"):
        install_tiny_model(tmp_path, name)
    card = json.loads((tmp_path / "one.json").read_text())
    (tmp_path / "from-noise.json").write_text(json.dumps(card | {"name": "from-noise", "verbs": ["generate"]}))
    monkeypatch.setattr(command, "checkpoints_folder", lambda: tmp_path)
    answer = run_cli("evaluate", "--measure", "spans", "--spans", "2", "--model", "all", "--json")
    assert [row["model"] for row in json.loads(answer.out)] == ["one", "one", "other", "other"]


def test_takes_say_which_side_they_are_of(music: Path, tmp_path: Path, run_cli: Callable) -> None:
    words = ("--measure", "takes", "--takes", "2", "--phrases", "2", "--split", "valid", "--json")
    answer = run_cli("evaluate", music, "--model", install_tiny_model(tmp_path), *words)
    rows = json.loads(answer.out)
    assert {row["split"] for row in rows} == {"valid"}
    assert {row["n"] for row in rows} == {2, 4}


def test_continuations_need_music(run_cli: Callable) -> None:
    answer = run_cli("evaluate", "--measure", "continuations")
    assert (answer.code, answer.err) == (2, "musicassist: Name the folders of music to measure continuations on.\n")
