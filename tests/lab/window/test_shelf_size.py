"""The measure of a shelf's size counts what offers add to a record."""

from __future__ import annotations

import pytest

from builders import phrase, song_of
from lab.window.shelf_size import measured
from musicassist.document.document import Document
from window_doubles import ScaleEngine


def test_twice_the_offers_take_twice_the_bytes() -> None:
    document = Document(song_of(*phrase(60, 62, 64, 65, step_ticks=480)))
    few, many = (measured(document, ScaleEngine(), offers, 2) for offers in (4, 8))
    assert few["song bytes"] == many["song bytes"]
    assert many["shelf bytes"] == pytest.approx(2 * few["shelf bytes"], rel=0.1)
    assert 1_000 < few["bytes an offer"] < 20_000
