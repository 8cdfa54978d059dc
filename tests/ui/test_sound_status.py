"""What is said of sound and keyboard, and the menus that mend or change it."""

from __future__ import annotations

from musicassist.errors import Words
from musicassist.sound.messages import EngineDied, PortsChanged, SoundSettings, StatusChanged
from musicassist.ui.strips import KEYBOARD, SOUND, TROUBLED
from window_doubles import Stage


def test_a_keyboard_that_sends_mpe_is_said_once_and_in_its_tip_with_what_becomes_of_it(stage: Stage) -> None:
    stage.sound.events = [PortsChanged(("Seaboard",), (), "Seaboard", None, is_mpe=True)]
    stage.window.heartbeat.beat()
    tip = stage.window.strip.items[KEYBOARD].toolTip()
    assert "MPE" in tip
    assert "nearest" in tip
    assert stage.window.strip.message.startswith("Seaboard: It sends MPE.")
    stage.window.strip.say("something else")
    stage.sound.events = [PortsChanged(("Seaboard",), ("Synth",), "Seaboard", None, is_mpe=True)]
    stage.window.heartbeat.beat()
    assert stage.window.strip.message == "something else"


def test_a_wrong_choice_is_told_with_what_plays_meanwhile(stage: Stage) -> None:
    item = stage.window.strip.items[SOUND]
    stage.sound.events = [
        StatusChanged("alsa", "TimGM6mb.sf2", Words("bad.sf2 is damaged."), Words("Choose another SoundFont."))
    ]
    stage.window.heartbeat.beat()
    assert (item.text().strip(), item.state) == ("bad.sf2 is damaged", TROUBLED)
    assert "Meanwhile FluidSynth · TimGM6mb plays." in item.toolTip()
    stage.sound.events = [
        StatusChanged(
            "built-in synth, aplay", "", Words("Built-in synth: FluidSynth is missing."), Words("Install it.")
        )
    ]
    stage.window.heartbeat.beat()
    assert item.text().strip() == "Built-in synth: FluidSynth is missing"


def test_the_song_is_sent_through_fluidsynth_a_port_or_both(stage: Stage) -> None:
    stage.sound.events = [
        PortsChanged((), ("Drum box",), None, None),
        StatusChanged("alsa", "A.sf2", ports=("Drum box",)),
    ]
    stage.window.heartbeat.beat()
    assert stage.window.strip.items[SOUND].text().strip() == "FluidSynth · A + Drum box"
    choose_in_sound_menu(stage, "Play through", "FluidSynth and Drum box")
    now = stage.window.preferences.now
    assert (now.output_port, now.with_fluidsynth, now.midi_clock) == ("Drum box", True, True)
    choose_in_sound_menu(stage, "Play through", "Drum box")
    choose_in_sound_menu(stage, "Play through", "Send MIDI clock")
    now = stage.window.preferences.now
    assert (now.output_port, now.with_fluidsynth, now.midi_clock) == ("Drum box", False, False)
    choose_in_sound_menu(stage, "Play through", "FluidSynth")
    assert stage.window.preferences.now.output_port is None


def choose_in_sound_menu(stage: Stage, *choices: str) -> None:
    menu = stage.window.strip.items[SOUND].menu()
    menu.aboutToShow.emit()
    *titles, choice = choices
    for title in titles:
        menu = next(action for action in menu.actions() if action.text() == title).menu()
    next(action for action in menu.actions() if action.text() == choice).trigger()


def test_reverb_and_loudness_are_chosen_and_told_to_the_engine(stage: Stage) -> None:
    choose_in_sound_menu(stage, "Room and loudness", "Reverb", "Hall")
    choose_in_sound_menu(stage, "Room and loudness", "Loudness", "75 %")
    settings = stage.sound.said[-1][1]
    assert isinstance(settings, SoundSettings)
    assert (settings.tone.reverb, settings.tone.gain) == ("hall", 0.75)


def test_a_track_is_played_through_a_port_of_its_own_and_a_missing_one_is_told(stage: Stage) -> None:
    stage.sound.events = [
        PortsChanged((), ("Drum box",), None, None),
        StatusChanged("alsa", "A.sf2", missing_ports=("Rack",)),
    ]
    stage.window.heartbeat.beat()
    item = stage.window.strip.items[SOUND]
    assert (item.text().strip(), item.state) == ("Rack is not connected", TROUBLED)
    row = stage.window.track_list.rows[0]
    assert row.outputs == ("Drum box",)
    stage.window.track_list.wishes.output_chosen.emit(0, "Drum box")
    assert stage.document.song.tracks[0].output_port == "Drum box"
    assert "Drum box" in stage.window.track_list.rows[0].instrument.text()
    stage.document.undo()
    assert stage.document.song.tracks[0].output_port is None


def test_a_chosen_keyboard_that_is_away_or_does_not_open_is_named(stage: Stage) -> None:
    item = stage.window.strip.items[KEYBOARD]
    stage.window.preferences.change(input_port="Keystation 49")
    stage.sound.events = [PortsChanged(("LPK25",), (), None, None)]
    stage.window.heartbeat.beat()
    assert (item.text().strip(), item.state) == ("Keystation 49 is not connected", TROUBLED)
    assert "Plug it in again" in item.toolTip()
    stage.sound.events = [PortsChanged(("LPK25", "Keystation 49"), (), None, None)]
    stage.window.heartbeat.beat()
    assert (item.text().strip(), item.state) == ("Keystation 49 does not open", TROUBLED)
    assert "Another program may use it" in item.toolTip()


def test_a_dead_engine_is_told_with_its_remedy(stage: Stage) -> None:
    stage.sound.events = [EngineDied(Words("The sound engine stopped."), Words("Start it again."), restarted=False)]
    stage.window.heartbeat.beat()
    assert stage.window.notices.texts == ("The sound engine stopped. Start it again.",)
    stage.window.notices.press("sound", "Start sound again")
    assert any(said[0] == "configure" for said in stage.sound.said)
