"""Frozen values from what JSON holds, and back: how settings, cards and messages between processes are read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_type_hints

import msgspec

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_T = TypeVar("_T")


def plain_of(value: DataclassInstance) -> dict[str, Any]:
    """A dataclass as JSON can hold it: dicts, lists or tuples, texts and numbers; paths are texts, bytes base64."""
    # asdict, because msgspec passes over a default that stands only in the class.
    plain: dict[str, Any] = msgspec.to_builtins(asdict(value), enc_hook=_plain_path)
    return plain


def value_of(kind: type[_T], plain: object, *, is_exact: bool = True) -> _T:
    """The reverse of ``plain_of``: ``value_of(type(value), plain_of(value)) == value``.

    Nothing is bent to fit: a number is no text, true is no number. Ranges stand in the annotations of the fields
    (``Annotated[int, msgspec.Meta(ge=1, le=8)]``), what several fields must fulfil together in ``__post_init__``.

    Args:
        kind: A dataclass, or what its fields may be.
        plain: What somebody wrote into a file; may be anything.
        is_exact: Whether each field of each dataclass must be there and no other one; else a field that is missing
            takes its default, and one that is unknown is passed over.

    Raises:
        ValueError: It is no such value. Says which field, and what was expected there.
    """
    try:
        value = msgspec.convert(plain, kind, dec_hook=_foreign)
    except (TypeError, RecursionError, OverflowError) as error:
        raise ValueError(f"no {kind}") from error
    if is_exact:
        _check_names(plain, value)
    return value


@dataclass
class _Box:
    content: object


def plain_fields(value: DataclassInstance, *, without: Collection[str] = ()) -> dict[str, Any]:
    """The fields of a dataclass by name, each as JSON can hold it, but for those that somebody else writes."""
    names = [row.name for row in fields(value) if row.name not in without]
    return {name: plain_of(_Box(getattr(value, name)))["content"] for name in names}


def field_values(kind: type, plain: object, *, without: Collection[str] = ()) -> dict[str, Any]:
    """The reverse of ``plain_fields``. A field that is missing is left out, and one that is unknown passed over.

    Raises:
        ValueError: A field is no such value.
    """
    if not isinstance(plain, Mapping):
        raise ValueError(f"no {kind.__name__}")
    hints = _hints(kind)
    names = [row.name for row in fields(kind) if row.name not in without and row.name in plain]
    return {name: value_of(hints[name], plain[name], is_exact=False) for name in names}


@cache
def _hints(kind: type) -> dict[str, Any]:
    """By name, what the fields of a dataclass may be; told once for each kind, since it takes its time."""
    return get_type_hints(kind)


def _plain_path(value: object) -> str:
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} is no plain value")


def _foreign(kind: type, plain: object) -> object:
    if kind is object:  # a page that somebody else reads
        return plain
    if kind is Path and isinstance(plain, str) and "\0" not in plain:
        return Path(plain)
    raise ValueError(f"expected {kind}")


def _check_names(plain: Any, value: Any) -> None:
    """Raises ``ValueError`` where a dict has other names than the dataclass that was made of it."""
    pairs: Iterable[tuple[Any, Any]] = ()
    if is_dataclass(value):
        names = {f.name for f in fields(value)}
        if plain.keys() != names:
            raise ValueError(f"fields {sorted(plain.keys() ^ names)} are missing or unknown")
        pairs = ((plain[name], getattr(value, name)) for name in names)
    elif isinstance(value, Mapping):
        pairs = ((plain[name], value[name]) for name in value)
    elif isinstance(value, tuple):
        pairs = zip(plain, value, strict=True)
    for inner, made in pairs:
        _check_names(inner, made)
