"""Filling, varying, blending and writing anew, through the entries of the Assistant menu."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from builders import phrase
from musicassist.errors import CheckpointError
from musicassist.midi import ImportedSong, save_song
from musicassist.score.midi_bytes import DRUM_CHANNEL
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.settings import Settings
from musicassist.ui.continue_button import COMPOSING
from musicassist.ui.strips import MODEL
from window_doubles import Stage, raise_stage
from window_hands import CTRL, pitches, press

BAR = 1920
PITCHES = [60, 62, 64, 65] * 4


@pytest.fixture
def story(empty_stage: Stage, qtbot: QtBot) -> Stage:
    """Four bars of quarter notes, and the model is loaded."""
    song = Song(tracks=(Track("Melody", phrase(*PITCHES, step_ticks=480)), Track("Kit", channel=DRUM_CHANNEL)))
    empty_stage.session.open(ImportedSong(song, (), 1, 16), None)
    empty_stage.window.model_status.load()
    qtbot.waitUntil(lambda: empty_stage.window.generator.is_ready)
    return empty_stage


def choose(stage: Stage, name: str) -> None:
    """The entry of the Assistant menu."""
    menu = stage.window.actions_table.menu("assistant")
    action = next(action for action in menu.actions() if action.text().startswith(name))
    assert action.isEnabled(), action.toolTip()
    action.trigger()


def select(stage: Stage, *rows: int) -> None:
    mask = np.zeros(len(stage.document.track.notes), dtype=np.bool_)
    mask[list(rows)] = True
    stage.document.select(mask)


def wait_for_takes(stage: Stage, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: stage.session.takes.phase == "offered")


def strip(stage: Stage) -> str:
    return stage.window.strip.items[MODEL].text().strip()


def submenu(menu: QMenu, name: str) -> QMenu:
    action = next(action for action in menu.actions() if action.text().startswith(name))
    found = action.menu()
    assert isinstance(found, QMenu)
    found.aboutToShow.emit()
    return found


# Filling bars


def test_the_selected_bars_are_filled_heard_and_kept_as_one_step(story: Stage, qtbot: QtBot) -> None:
    select(story, 5, 9)
    choose(story, "Fill the selected bars")
    wait_for_takes(story, qtbot)
    assert story.session.takes.span == (BAR, 3 * BAR)
    assert story.window.takes_panel.isVisible()
    press(story, Qt.Key.Key_2)
    take = story.session.takes.offer[1]
    assert story.sound.heard is take.notes
    press(story, Qt.Key.Key_Return)
    assert pitches(story) == [*PITCHES[:4], *take.notes.pitch.tolist(), *PITCHES[12:]]
    assert story.window.actions_table["edit.undo"].text() == "Undo: Fill bars"
    press(story, Qt.Key.Key_Z, CTRL)
    assert pitches(story) == PITCHES


def test_without_a_selection_the_loop_is_filled(story: Stage, qtbot: QtBot) -> None:
    action = story.window.actions_table["assistant.fill_bars"]
    assert not action.isEnabled()
    assert "Select some notes or mark a loop first." in action.toolTip()
    story.session.transport.set_loop(2 * BAR, 3 * BAR)
    press(story, Qt.Key.Key_I, CTRL)
    wait_for_takes(story, qtbot)
    assert story.session.takes.span == (2 * BAR, 3 * BAR)


def test_it_is_said_that_a_model_does_not_look_ahead(story: Stage, qtbot: QtBot) -> None:
    select(story, 5)
    choose(story, "Fill the selected bars")
    wait_for_takes(story, qtbot)
    assert story.window.strip.message.endswith("Enter keeps · LSTM sees only what stands before")


def test_escape_cancels_and_leaves_the_song(story: Stage, qtbot: QtBot) -> None:
    story.engine.may_end.clear()
    before = story.document.song
    select(story, 5)
    choose(story, "Fill the selected bars")
    qtbot.waitUntil(lambda: len(story.session.takes.ghosts(1)) == 4)
    assert story.window.transport_bar.continuing.state == COMPOSING
    press(story, Qt.Key.Key_Escape)
    assert story.session.takes.phase == "idle"
    assert story.document.song is before
    story.engine.may_end.set()


def test_all_bars_cannot_be_filled_and_the_entry_says_why(story: Stage) -> None:
    press(story, Qt.Key.Key_A, CTRL)
    action = story.window.actions_table["assistant.fill_bars"]
    assert not action.isEnabled()
    assert "There are no notes around these bars." in action.toolTip()


# Continuing and listening


def test_a_take_is_heard_while_it_is_composed_and_stopping_keeps_what_was_heard(story: Stage, qtbot: QtBot) -> None:
    story.engine.may_end.clear()
    story.sound.position = 4 * BAR
    press(story, Qt.Key.Key_Space, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: story.sound.is_playing)
    assert story.session.takes.phase == "generating"
    assert story.sound.position == 4 * BAR and story.sound.heard is not None
    story.sound.position = 5 * BAR - 1
    story.window.heartbeat.beat()
    press(story, Qt.Key.Key_Space)
    assert pitches(story) == [*PITCHES, 61, 62, 63, 64]
    assert story.window.strip.message == "What you heard is yours. Ctrl+Z takes it back."
    assert not story.window.takes_panel.isVisible()
    story.engine.may_end.set()
    press(story, Qt.Key.Key_Z, CTRL)
    assert pitches(story) == PITCHES


def test_what_is_heard_to_its_end_can_be_kept_whole(story: Stage, qtbot: QtBot) -> None:
    choose(story, "Continue and listen")
    wait_for_takes(story, qtbot)
    assert story.window.strip.message.startswith("Space stops and keeps what you heard")
    press(story, Qt.Key.Key_Return)
    assert len(pitches(story)) == len(PITCHES) + 16
    assert story.sound.is_playing


# Varying, something new, blending


def test_a_variation_comes_from_the_model_for_it_and_the_strip_names_it(story: Stage, qtbot: QtBot) -> None:
    assert strip(story) == "LSTM ready"
    select(story, 1)
    choose(story, "Vary the selection")
    wait_for_takes(story, qtbot)
    request = story.engine.requests[-1]
    assert (request.kind, request.model, request.amount) == ("vary", "vae", 0.5)
    assert strip(story) == "VAE ready"
    press(story, Qt.Key.Key_Return)
    assert story.session.document.undo_name == "Vary phrase"


def test_after_another_model_has_worked_the_phrase_is_continued_at_once(story: Stage, qtbot: QtBot) -> None:
    select(story, 1)
    choose(story, "Vary the selection")
    wait_for_takes(story, qtbot)
    press(story, Qt.Key.Key_Escape)
    press(story, Qt.Key.Key_Return, CTRL)
    assert story.session.takes.phase == "generating"
    wait_for_takes(story, qtbot)
    assert story.engine.requests[-1].model == "lstm"
    assert strip(story) == "LSTM ready"
    assert story.engine.loaded == ["lstm", "vae", "lstm"]


def test_something_new_begins_at_the_playhead_and_is_as_long_as_the_panel_says(story: Stage, qtbot: QtBot) -> None:
    story.window.takes_panel.controls._bars.setValue(2)
    story.session.transport.seek(BAR + 100)
    choose(story, "Write something new")
    wait_for_takes(story, qtbot)
    assert story.session.takes.span == (BAR, 3 * BAR)
    assert story.engine.requests[-1].model == "lstm"
    press(story, Qt.Key.Key_Return)
    assert story.session.document.undo_name == "New phrase"
    assert pitches(story)[:4] == PITCHES[:4] and pitches(story)[-4:] == PITCHES[-4:]


def test_something_new_needs_no_notes(empty_stage: Stage, qtbot: QtBot) -> None:
    empty_stage.window.model_status.load()
    choose(empty_stage, "Write something new")
    wait_for_takes(empty_stage, qtbot)
    press(empty_stage, Qt.Key.Key_Return)
    assert len(pitches(empty_stage)) == 16


def test_the_way_to_another_phrase_is_offered_in_place_of_this_one(
    story: Stage, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_song(Song(tracks=(Track("Other", phrase(72, 71, 69, 67)),)), tmp_path / "other.mid")
    monkeypatch.setattr("musicassist.ui.assisting.ask_what_to_open", lambda *_words: tmp_path / "other.mid")
    select(story, 0, 1)
    choose(story, "Between this phrase and another")
    wait_for_takes(story, qtbot)
    request = story.engine.requests[-1]
    assert (request.kind, request.model, request.from_tick, request.to_tick) == ("interpolate", "vae", 0, BAR)
    assert request.other is not None and request.other.tracks[request.other_track].name == "Other"
    press(story, Qt.Key.Key_Return)
    assert story.session.document.undo_name == "Blend phrases"
    assert pitches(story)[-12:] == PITCHES[4:]


def test_a_second_phrase_that_is_none_is_told_above_the_roll(
    story: Stage, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, content in (("broken.mid", b"no music"), ("empty.mid", None)):
        path = tmp_path / name
        if content is None:
            save_song(Song(tracks=(Track("Empty"),)), path)
        else:
            path.write_bytes(content)
        monkeypatch.setattr("musicassist.ui.assisting.ask_what_to_open", lambda *_words, path=path: path)
        select(story, 0)
        choose(story, "Between this phrase and another")
        qtbot.waitUntil(lambda: bool(story.window.notices.texts))
        assert story.session.takes.phase == "idle"
        story.window.notices.dismiss("other")


def test_drums_are_left_alone_and_the_entries_say_so(story: Stage) -> None:
    story.session.tracks.select(1)
    for name in ("fill_bars", "vary_selection", "blend_phrases", "write_new"):
        action = story.window.actions_table[f"assistant.{name}"]
        assert not action.isEnabled()
        assert "drum track" in action.toolTip()


# Models


def test_each_verb_has_a_menu_of_the_models_that_serve_it_and_the_choice_is_kept(story: Stage, qtbot: QtBot) -> None:
    models = submenu(story.window.actions_table.menu("assistant"), "Model")
    assert [action.text() for action in models.actions()] == [
        *("Continue: LSTM", "Fill bars: LSTM", "Vary: VAE", "Between phrases: VAE", "Something new: LSTM"),
    ]
    news = submenu(models, "Something new")
    assert [action.text() for action in news.actions()] == [
        *("LSTM: note by note, long memory", "GRU: note by note, small", "GAN: makes bars from noise"),
    ]
    assert [action.isChecked() for action in news.actions()] == [True, False, False]
    news.actions()[1].trigger()
    assert story.window.preferences.now.generate_model == "gru"
    choose(story, "Write something new")
    wait_for_takes(story, qtbot)
    assert story.engine.requests[-1].model == "gru"
    assert strip(story) == "GRU ready"


def test_the_strip_opens_the_same_menu_and_loads_again_what_is_missing(stage: Stage, qtbot: QtBot) -> None:
    menu = stage.window.strip.items[MODEL].menu()
    menu.aboutToShow.emit()
    assert [action.text() for action in menu.actions() if action.text()][0::5] == ["Continue: LSTM", "Load again"]
    menu.actions()[-1].trigger()
    qtbot.waitUntil(lambda: strip(stage) == "LSTM ready")


def test_the_model_that_continues_is_loaded_as_soon_as_it_is_chosen(story: Stage, qtbot: QtBot) -> None:
    models = submenu(story.window.actions_table.menu("assistant"), "Model")
    submenu(models, "Continue").actions()[1].trigger()
    qtbot.waitUntil(lambda: strip(story) == "GRU ready")
    assert story.window.preferences.now.take_model == "gru"


def test_the_choice_holds_for_the_next_window_unless_the_model_is_gone(qtbot: QtBot, tmp_path: Path) -> None:
    settings = Settings(generate_model="lstm", vary_model="gone")
    stage = raise_stage(tmp_path / "recovery", settings=settings)
    assert dict(stage.session.takes.controls.models) == {
        **{"infill": "lstm", "vary": "vae", "interpolate": "vae", "generate": "lstm"},
    }
    stage.window.shut_down(keep_recovery=False)


def test_a_model_that_does_not_load_is_told_and_the_next_press_tries_again(stage: Stage, qtbot: QtBot) -> None:
    stage.engine.problem = CheckpointError("The model {name} is damaged.", name="lstm")
    stage.window.model_status.load()
    qtbot.waitUntil(lambda: strip(stage) == "model missing")
    stage.engine.problem = None
    press(stage, Qt.Key.Key_Return, CTRL)
    wait_for_takes(stage, qtbot)
    assert strip(stage) == "LSTM ready"


def test_another_model_stands_in_for_one_that_does_not_load_and_the_window_says_so(stage: Stage, qtbot: QtBot) -> None:
    stage.engine.damaged = {"lstm"}
    stage.window.model_status.load()
    qtbot.waitUntil(lambda: strip(stage) == "Melody, by counting stands in")
    assert "The model lstm is damaged. Meanwhile Melody, by counting composes." in stage.window.notices.texts
    press(stage, Qt.Key.Key_Return, CTRL)
    wait_for_takes(stage, qtbot)
    assert {take.model for take in stage.session.takes.offer} == {"markov"}
    assert "Melody, by counting stood in for LSTM" in stage.window.strip.message

    stage.engine.damaged = set()  # it was installed again
    press(stage, Qt.Key.Key_Escape)
    press(stage, Qt.Key.Key_Return, CTRL)
    wait_for_takes(stage, qtbot)
    assert {take.model for take in stage.session.takes.offer} == {"lstm"}
    assert strip(stage) == "LSTM ready"


def test_a_model_for_one_verb_that_does_not_load_leaves_the_others_ready(story: Stage, qtbot: QtBot) -> None:
    story.engine.problem = CheckpointError("The model {name} is damaged.", name="vae")
    select(story, 1)
    choose(story, "Vary the selection")
    qtbot.waitUntil(lambda: "The model vae is damaged." in story.window.notices.texts)
    story.engine.problem = None
    press(story, Qt.Key.Key_Return, CTRL)
    wait_for_takes(story, qtbot)
    assert strip(story) == "LSTM ready"


# Reading ahead


def test_after_an_edit_the_seed_is_read_as_soon_as_the_user_rests(story: Stage, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: len(story.engine.foreseen) == 1)  # the model has become ready
    notes = story.document.track.notes
    for pitch in (70, 71, 72):
        moved = notes.plus(Notes.of([Note(4 * BAR, pitch, 480)]))
        story.document.apply("Draw note", story.document.song.with_track(0, story.document.track.with_notes(moved)))
    qtbot.waitUntil(lambda: len(story.engine.foreseen) == 2)
    request, _ = story.engine.foreseen[-1]
    assert request.song is story.document.song
    assert request.kind == "continue"
