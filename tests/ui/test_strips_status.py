"""The strip at the bottom says what there is, in sentences that can be read alone."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from musicassist.errors import Words
from musicassist.sound.messages import MidiReceived, PortsChanged, SoundSettings, StatusChanged
from musicassist.ui.strips import CALM_LIGHT_MS, GOOD, KEYBOARD, LIGHT_MS, MISSING, SOUND
from window_doubles import Stage
from window_hands import KEYS, tell


@pytest.mark.parametrize(
    ("wanted", "inputs", "sentence"),
    [
        (None, (), "no keyboard: plug one in"),
        (None, ("LPK25", "Keystation 49"), "several keyboards: choose one"),
        ("", ("LPK25",), "keyboard off"),
        ("LPK25", (), "LPK25 is not connected"),
        ("LPK25", ("LPK25",), "LPK25 does not open"),
    ],
)
def test_the_strip_speaks_of_the_keyboard_in_sentences_that_can_be_read_alone(
    stage: Stage, wanted: str | None, inputs: tuple[str, ...], sentence: str
) -> None:
    stage.window.workspace.preferences.change(input_port=wanted)
    stage.sound.events = [PortsChanged(inputs, (), None, None)]
    stage.window.heartbeat.beat()
    item = stage.window.strip.items[KEYBOARD]
    assert item.text().strip() == item.accessibleName() == sentence


def test_the_strip_says_what_sounds_and_what_is_missing(stage: Stage) -> None:
    items = stage.window.strip.items
    stage.window.heartbeat.beat()
    assert (items[SOUND].text().strip(), items[SOUND].state) == ("FluidSynth · TimGM6mb", GOOD)
    assert items[KEYBOARD].text().strip() == "no keyboard: plug one in"
    stage.sound.events = [
        StatusChanged("silent", "", Words("No audio device was found."), Words("Plug in a headset."), 0.0),
        PortsChanged(("Keystation 49",), (), "Keystation 49", None),
    ]
    stage.window.heartbeat.beat()
    assert (items[SOUND].text().strip(), items[SOUND].state) == ("no sound: No audio device was found", MISSING)
    assert (items[KEYBOARD].text().strip(), items[KEYBOARD].state) == ("Keystation 49", GOOD)
    menu = items[SOUND].menu()
    menu.aboutToShow.emit()
    choices = {action.text(): action for action in menu.actions()}
    assert {"Try again", "Go on silently", "Test tone", "Choose a SoundFont…"} <= set(choices)
    choices["Try again"].trigger()
    assert any(said[0] == "configure" for said in stage.sound.said)
    choices["Go on silently"].trigger()
    assert stage.sound.said[-1] == ("configure", SoundSettings(driver="silent"))


def test_the_menus_inside_a_menu_of_the_strip_go_when_it_opens_again(stage: Stage) -> None:
    for name in (SOUND, KEYBOARD):
        menu = stage.window.strip.items[name].menu()
        counts = []
        for _ in range(3):
            menu.aboutToShow.emit()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            counts.append(len(menu.findChildren(QMenu)))
        assert counts[0] == counts[1] == counts[2] > 0


class Painted(QObject):
    """Counts who is painted."""

    def __init__(self, *widgets: QWidget) -> None:
        super().__init__()
        self.names: list[str] = []
        for widget in widgets:
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.names.append(watched.objectName())
        return False


def test_the_light_of_the_keyboard_goes_on_and_off_without_painting_the_window(stage: Stage, qtbot: QtBot) -> None:
    item, roll = stage.window.strip.items[KEYBOARD], stage.window.roll.view
    tell(stage, KEYS)
    QApplication.processEvents()
    painted = Painted(item, roll, stage.window.transport_bar)
    tell(stage, MidiReceived((), (), ()))
    assert item.is_lit
    qtbot.waitUntil(lambda: not item.is_lit)
    QApplication.processEvents()
    assert set(painted.names) == {"status_keyboard"}


def test_where_motion_is_not_wanted_the_light_does_not_flicker(stage: Stage) -> None:
    effects = Qt.UIEffect.UI_General
    is_enabled = QApplication.isEffectEnabled(effects)
    try:
        for is_moving, shown_ms in ((True, LIGHT_MS), (False, CALM_LIGHT_MS)):
            QApplication.setEffectEnabled(effects, is_moving)
            stage.window.strip.items[KEYBOARD].flash()
            assert stage.window.strip.items[KEYBOARD]._light.interval() == shown_ms
    finally:
        QApplication.setEffectEnabled(effects, is_enabled)
