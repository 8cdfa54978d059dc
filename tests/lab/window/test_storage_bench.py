"""Ways to keep a project, compared: each writes what it is given."""

from __future__ import annotations

from lab.window.storage_bench import measure_storage


def test_each_way_is_timed() -> None:
    rows = measure_storage(6, 400)
    assert len({row["metric"] for row in rows}) == len(rows) == 12
    assert all(row["value"] > 0 and row["n"] == 6 and row["unit"] == "ms" for row in rows)
