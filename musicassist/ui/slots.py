"""Slots made from plain functions."""

from __future__ import annotations

from collections.abc import Callable


def calling(function: Callable[..., object], *values: object) -> Callable[..., None]:
    """A slot that calls ``function`` with these values, whatever the signal carries."""

    def slot(*_carried: object) -> None:
        function(*values)

    return slot
