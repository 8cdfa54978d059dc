"""Where the files lie that the program ships: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def _shipped_folder(name: str) -> Path:
    """The folder ``name`` of a checkout, or of an installed wheel (see ``force-include`` in pyproject.toml)."""
    in_wheel = _PACKAGE / "data" / name
    return in_wheel if in_wheel.is_dir() else _PACKAGE.parent / name


def resources_folder() -> Path:
    """Icons, themes, translations, demo songs."""
    return _shipped_folder("resources")


def checkpoints_folder() -> Path:
    """The models that the program ships, with their cards."""
    return _shipped_folder("checkpoints")


def demo_song() -> Path:
    """The phrase that a new user finds in the window."""
    return resources_folder() / "demo" / "phrase.mid"
