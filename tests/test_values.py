"""What was made plain comes back, and what is no such value is refused by the field's name."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from musicassist.values import plain_of, value_of

Size = Annotated[int, Meta(ge=1, le=8)]


@dataclass(frozen=True)
class Head:
    name: str
    columns: tuple[str, ...]
    classes: Size = 3


@dataclass(frozen=True)
class Net:
    tables: dict[str, Size]
    heads: tuple[Head, ...]
    dropout: float = 0.5
    parts: Mapping[str, str] = field(default_factory=dict)
    path: Path | None = None
    mark: bytes = b""
    page: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if "none" in self.tables:
            raise ValueError("none is no table")


NET = Net(
    {"a": 1}, (Head("pitch", ("a", "b")), Head("gap", (), 8)), parts={"vae": "small"}, path=Path("/x"), mark=b"12"
)
PAGE = plain_of(NET)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from([*PAGE, "name", "classes", "other"]), inner),
)


def test_a_value_comes_back_from_json() -> None:
    assert value_of(Net, json.loads(json.dumps(PAGE))) == NET


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"heads": 7}, "heads"),
        ({"heads": [{"name": "gap", "columns": []}]}, "classes"),
        ({"heads": [{"name": "gap", "columns": [], "classes": 9}]}, "classes"),
        ({"heads": [{"name": "gap", "columns": [], "classes": 3, "colour": 1}]}, "colour"),
        ({"tables": {"a": 0}}, "tables"),
        ({"tables": {"a": 10**400}}, "tables"),
        ({"tables": {"a": True}}, "tables"),
        ({"tables": {"a": 1.0}}, "tables"),
        ({"tables": {"none": 1}}, "no table"),
        ({"dropout": "0.5"}, "dropout"),
        ({"dropout": 10**400}, "dropout"),
        ({"path": "a\0b"}, "path"),
        ({"path": 7}, "path"),
        ({"colour": 1}, "colour"),
    ],
)
def test_what_is_no_such_value_is_refused_by_name(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        value_of(Net, {**PAGE, **change})


def test_a_field_that_is_missing_is_refused_or_takes_its_default() -> None:
    page = {name: PAGE[name] for name in ("tables", "heads")}
    with pytest.raises(ValueError, match="dropout"):
        value_of(Net, page)
    assert value_of(Net, {**page, "colour": 1}, is_exact=False) == Net(NET.tables, NET.heads)


def test_a_range_refuses_what_is_no_number() -> None:
    with pytest.raises(ValueError):
        value_of(Annotated[float, Meta(ge=0, le=1)], math.nan)  # type: ignore[arg-type]


@given(page=st.dictionaries(st.sampled_from([*PAGE, "other"]), JSON_VALUES) | JSON_VALUES)
def test_anything_is_a_value_or_refused(page: Any) -> None:
    changed = {**PAGE, **page} if isinstance(page, dict) else page
    with contextlib.suppress(ValueError):
        assert isinstance(value_of(Net, changed), Net)
