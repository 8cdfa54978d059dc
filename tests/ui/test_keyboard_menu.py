"""How a keyboard is chosen, and its keys and knobs that do commands."""

from __future__ import annotations

from musicassist.sound.messages import Binding, ControlLearned, ControlPressed, PortsChanged, ShapeInput
from musicassist.ui.keyboard_menu import binding_text, bindings_of, with_binding
from musicassist.ui.strips import KEYBOARD
from window_doubles import Stage
from window_hands import KEYS, choose, keyboard_menu, tell


def last_shape(stage: Stage) -> ShapeInput:
    shapes = [said[1] for said in stage.sound.said if said[0] == "shape_input"]
    assert isinstance(shapes[-1], ShapeInput)
    return shapes[-1]


def test_channel_touch_and_timing_are_chosen_without_opening_the_sound_anew(stage: Stage) -> None:
    assert last_shape(stage) == ShapeInput()
    choose(stage, "Channel", "Only channel 3")
    choose(stage, "Touch", "Hard: only a strong touch is loud")
    choose(stage, "Timing of recordings", "20 ms earlier")
    assert last_shape(stage) == ShapeInput(channel=2, velocity_curve="hard", offset_seconds=0.02)
    ticked = [action.text() for action in keyboard_menu(stage, "Channel").actions() if action.isChecked()]
    assert ticked == ["Only channel 3"]
    assert not any(said[0] == "configure" for said in stage.sound.said)
    settings = stage.window.preferences.now
    assert (settings.keyboard_channel, settings.velocity_curve, settings.recording_offset_ms) == (3, "hard", 20)


def test_a_keyboard_that_sends_mpe_unsaid_is_chosen_with_the_channels(stage: Stage) -> None:
    choose(stage, "Channel", "Only channel 3")
    choose(stage, "Channel", "MPE: a channel for each finger")
    assert last_shape(stage) == ShapeInput(is_mpe=True)
    ticked = [action.text() for action in keyboard_menu(stage, "Channel").actions() if action.isChecked()]
    assert ticked == ["MPE: a channel for each finger"]
    choose(stage, "Channel", "All channels")
    assert last_shape(stage) == ShapeInput()


def test_the_drivers_own_latency_is_said_beside_the_users_offset(stage: Stage) -> None:
    stage.window.heartbeat.beat()
    words = keyboard_menu(stage, "Timing of recordings").actions()[0].text()
    assert words == "The driver reports 20 ms, which is reckoned in."


def test_a_knob_is_learned_does_its_command_and_is_forgotten(stage: Stage) -> None:
    item = stage.window.strip.items[KEYBOARD]
    tell(stage, KEYS)
    choose(stage, "Learn a key or knob for…", "Record")
    assert last_shape(stage).is_learning
    assert item.text().strip() == "press what does: Record"

    tell(stage, ControlLearned("Keystation 49", 0xB0, 0, 20))
    assert last_shape(stage) == ShapeInput(bindings=(Binding("Keystation 49", 0xB0, 0, 20, "play.record"),))
    assert item.text().strip() == "Keystation 49"
    assert stage.window.strip.message.startswith("Record: knob 20, channel 1 of Keystation 49.")
    assert stage.window.preferences.now.keyboard_bindings == ("play.record control 0 20 Keystation 49",)

    tell(stage, ControlPressed("play.record"))
    assert stage.session.input.is_recording
    tell(stage, ControlPressed("play.record"))
    assert not stage.session.input.is_recording
    assert keyboard_menu(stage, "Learn a key or knob for…").actions()[1].text() == "Record (knob 20, channel 1)"
    choose(stage, "Forget", "Record: knob 20, channel 1")
    assert last_shape(stage) == ShapeInput()


def test_learning_can_be_stopped_and_ends_with_the_keyboard(stage: Stage) -> None:
    assert not keyboard_menu(stage, "Learn a key or knob for…").isEnabled()
    tell(stage, KEYS)
    choose(stage, "Learn a key or knob for…", "Next take")
    choose(stage, "Stop learning")
    assert not last_shape(stage).is_learning
    tell(stage, ControlLearned("Keystation 49", 0xB0, 0, 20))
    assert last_shape(stage).bindings == ()
    choose(stage, "Learn a key or knob for…", "Next take")
    tell(stage, PortsChanged((), (), None, None))
    assert not last_shape(stage).is_learning
    assert stage.window.strip.items[KEYBOARD].text().strip() == "no keyboard: plug one in"


def test_bindings_are_kept_and_damaged_ones_left_out() -> None:
    line = "play.toggle key 9 36 nanoPAD 2 PAD"
    assert bindings_of((line, "", "play.toggle", "file.quit key 0 1 x", "play.toggle key a b c")) == (
        Binding("nanoPAD 2 PAD", 0x90, 9, 36, "play.toggle"),
    )
    assert [binding_text(binding) for binding in bindings_of((line,))] == [line]


def test_one_control_does_one_command_and_one_command_has_one_control_on_a_keyboard() -> None:
    old = bindings_of(("play.toggle key 0 36 A", "play.record key 0 37 A", "play.record key 0 37 B"))
    new = Binding("A", 0x90, 0, 36, "play.record")
    assert with_binding(old, new) == (Binding("B", 0x90, 0, 37, "play.record"), new)
