"""What a window would ask and be shown, of plain cases."""

from __future__ import annotations

import pytest

from lab.evaluation.form_asking import Asked, Window, asked_of, first
from musicassist.families.registry import FAMILIES, make_engine

TONES = tuple((480 * i, 60 + i % 5, 480) for i in range(32))
BAR = 1920


@pytest.fixture(scope="module")
def window() -> Window:
    return Window()


def test_the_panel_is_as_it_comes_but_for_what_was_changed(window: Window) -> None:
    controls = window.controls((("bars", 8), ("what no checkout has", 1)))
    assert (controls.bars, controls.constraints.scale_strength) == (8, "keep")
    assert window.controls(()).bars == 4
    assert window.controls(()).model_for("vary") == "vae"
    engine = make_engine()
    assert window.controls(()).model == FAMILIES.serving(engine.models(), "continue")[0].name


def test_takes_fill_what_was_asked_for(window: Window) -> None:
    wish = (("model", "markov"), ("models", {}))
    for take in window.takes(Asked("continue", TONES, (4, 4), 1, wish=wish)):
        assert all(8 * BAR <= tick < 12 * BAR for tick, _, _ in take)
    around = tuple(tone for tone in TONES if not 4 * BAR <= tone[0] < 6 * BAR)
    hole = Asked("infill", around, (4, 4), 1, 4 * BAR, 6 * BAR, wish)
    for take in window.takes(hole):
        assert all(4 * BAR <= tick < 6 * BAR for tick, _, _ in take)


def test_a_case_comes_back_from_json_and_its_song_has_no_key() -> None:
    row = {"kind": "vary", "tones": [[0, 60, 480]], "meter": [3, 4], "seed": 2, "from_tick": 0, "to_tick": 1440}
    asked = asked_of({**row, "wish": [["amount", 0.1]]})
    assert asked == Asked("vary", ((0, 60, 480),), (3, 4), 2, 0, 1440, (("amount", 0.1),))
    assert asked.song().key_changes == ()
    assert str(asked.song().time_map.meter_at(0)) == "3/4"


def test_the_first_room_that_has_a_name_counts() -> None:
    assert first("Asked", "no.such.room", "lab.evaluation.form_features", "lab.evaluation.form_asking") is Asked
    with pytest.raises(ImportError, match="Nowhere"):
        first("Nowhere", "lab.evaluation.form_asking")
