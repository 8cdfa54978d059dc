"""The picture of a run: a valid SVG whose curves fall where the figures fall."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

from musicassist.training.curves import write_curves

SVG = "{http://www.w3.org/2000/svg}"


def _progress(tmp_path: Path, rows: list[tuple[int, float, float | None]]) -> Path:
    lines = [
        json.dumps({"step": step, "unit": "bits", "train": train, "valid": None if valid is None else {"bits": valid}})
        for step, train, valid in rows
    ]
    path = tmp_path / "progress.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _heights(picture: Path) -> list[list[float]]:
    lines = ElementTree.parse(picture).getroot().findall(f"{SVG}polyline")
    return [[float(point.split(",")[1]) for point in line.attrib["points"].split()] for line in lines]


def test_a_falling_loss_falls_in_the_picture(tmp_path: Path) -> None:
    rows = [(25, 4.0, None), (50, 3.5, 3.4), (75, 3.2, 3.1)]
    write_curves(_progress(tmp_path, rows), tmp_path / "run.svg", title="a & b")
    train, valid = _heights(tmp_path / "run.svg")
    assert train == sorted(train)
    assert valid[1] > valid[0]
    assert valid[1] > train[2]  # one scale: what is less lies lower


def test_curves_that_are_far_apart_get_a_scale_each(tmp_path: Path) -> None:
    rows = [(25, -90.0, 0.4), (50, -95.0, 0.3), (75, -80.0, 0.2)]
    write_curves(_progress(tmp_path, rows), tmp_path / "run.svg", title="gan")
    train, valid = _heights(tmp_path / "run.svg")
    assert max(train) < min(valid)
    assert valid == sorted(valid)


def test_a_resumed_step_is_drawn_once(tmp_path: Path) -> None:
    rows = [(25, 4.0, None), (50, 3.9, None), (50, 3.5, 3.4)]
    write_curves(_progress(tmp_path, rows), tmp_path / "run.svg", title="run")
    assert [len(curve) for curve in _heights(tmp_path / "run.svg")] == [2, 1]


def test_a_run_that_has_just_begun_is_a_picture_too(tmp_path: Path) -> None:
    write_curves(_progress(tmp_path, [(1, 12.0, None)]), tmp_path / "run.svg", title="run")
    assert [len(curve) for curve in _heights(tmp_path / "run.svg")] == [1, 0]
