"""The window opens whatever the settings say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from musicassist.settings import Settings, load_settings
from musicassist.ui.building import Surroundings, build_window
from window_doubles import ScaleEngine

FIELDS = list(Settings.__dataclass_fields__)
EXTREMES: list[object] = [10**400, -(10**400), 2**31, 2**63, -1, 0, 1, 1e308, -0.0, float("nan"), float("inf")]
EXTREMES += ["", "\0", "\ud800", "\udcff", "x" * 20_000, "AdnQywAD" * 50, "\u202e<b>&\n", [], ["\udcff"], [""]]
EXTREMES += [["play.toggle key 99999999999999999999 5 x"], {}, None, True]


def open_with(stored: dict[str, object], folder: Path) -> None:
    """Builds and shows the window with settings as they stand in a file."""
    path = folder / "settings.json"
    path.write_text(json.dumps(stored))
    loaded = load_settings(path)
    saved: list[Settings] = []
    world = Surroundings(loaded.settings, saved.append, ScaleEngine, lambda: (), folder / "recovery", is_silent=True)
    window = build_window(world)
    window.show()
    window.heartbeat.beat()
    assert window.isVisible()
    window.shut_down(keep_recovery=False)
    window.deleteLater()
    QApplication.sendPostedEvents()
    QApplication.processEvents()
    assert saved, "the settings can be written again"


@pytest.mark.parametrize("value", EXTREMES, ids=lambda value: f"{value!r:.20}")
def test_one_value_in_all_fields_never_keeps_the_window_from_starting(
    qtbot: QtBot, tmp_path: Path, value: object
) -> None:
    open_with(dict.fromkeys(FIELDS, value), tmp_path)


@hypothesis_settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    stored=st.dictionaries(
        st.sampled_from(FIELDS), st.integers() | st.floats() | st.text() | st.lists(st.text()) | st.booleans()
    )
)
def test_no_values_keep_the_window_from_starting(
    qtbot: QtBot, tmp_path_factory: pytest.TempPathFactory, stored: dict[str, object]
) -> None:
    open_with(stored, tmp_path_factory.mktemp("home"))


@pytest.mark.parametrize(
    ("stored", "meant"),
    [
        (("always", "loop", "tend"), ("always", "loop", "tend")),
        (("louder", "ever", "never"), ("heard", "auto", "keep")),
    ],
)
def test_how_takes_are_wished_is_remembered_and_a_word_nobody_knows_is_the_usual(
    qtbot: QtBot, tmp_path: Path, stored: tuple[str, str, str], meant: tuple[str, str, str]
) -> None:
    settings = Settings(take_chords=stored[0], take_ending=stored[1], take_scale=stored[2])
    window = build_window(Surroundings(settings, lambda _: None, ScaleEngine, lambda: (), tmp_path, is_silent=True))
    controls = window.session.takes.controls
    assert (controls.constraints.chord_strength, controls.ending, controls.constraints.scale_strength) == meant
    window.shut_down(keep_recovery=False)
    window.deleteLater()
