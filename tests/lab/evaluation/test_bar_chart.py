"""Bars as long as their values."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

from lab.evaluation.bar_chart import bar_chart, drawn

TEXT = "{http://www.w3.org/2000/svg}text"


def test_a_bar_is_as_long_as_its_value_and_stands_beside_it() -> None:
    groups = [("area", [1.0, 0.5]), ("none", [None, None])]
    (axes,) = drawn("A & B", ["real", "<lstm>"], groups, 1.0).axes
    assert [bar.get_width() for bar in axes.patches] == [1.0, 0.5]
    assert [text.get_text() for text in axes.texts] == ["1", "0.5"]
    words = [text.text for text in ElementTree.fromstring(bar_chart("A & B", ["real", "<lstm>"], groups)).iter(TEXT)]
    assert {"A & B", "real", "<lstm>", "area", "none"} <= set(words)


def test_the_same_figures_are_the_same_picture() -> None:
    groups = [("area", [0.25, None])]
    assert bar_chart("All", ["real", "lstm"], groups) == bar_chart("All", ["real", "lstm"], groups)


def test_many_names_stay_inside_the_picture() -> None:
    canvas = drawn("All", [f"a model of the {number}th family" for number in range(12)], [("area", [1.0] * 12)], None)
    canvas.draw_without_rendering()
    (legend,), (axes,) = canvas.legends, canvas.axes
    box = legend.get_window_extent()
    assert 0 <= box.x0 < box.x1 <= canvas.bbox.x1
    assert box.y0 >= axes.title.get_window_extent().y1
