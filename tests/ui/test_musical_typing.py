from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import Qt

from musicassist.ui.musical_typing import semitones_of

OFFSET = 8 if sys.platform.startswith("linux") else 0


@pytest.mark.parametrize(
    ("scan_code", "semitones"),
    [(0x2C, 0), (0x1F, 1), (0x2D, 2), (0x10, 12), (0x03, 13), (0x13, 17), (0x1E, None), (0x39, None)],
)
def test_keys_are_found_by_their_place(scan_code: int, semitones: int | None) -> None:
    # On a German keyboard the key below A is Y: its place counts, not its letter.
    assert semitones_of(scan_code + OFFSET, Qt.Key.Key_Y) == semitones


def test_without_a_scan_code_the_letter_counts() -> None:
    assert semitones_of(0, Qt.Key.Key_M) == 11
    assert semitones_of(0, Qt.Key.Key_Space) is None
