"""Draws the pictures of docs/composing.md: ``QT_QPA_PLATFORM=offscreen python -m lab.window.pictures docs [NAME ...]``.

Each is the real window after one or two presses on the demo song, with a fixed random number.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from musicassist.families.registry import make_engine
from musicassist.midi import read_song
from musicassist.resources import demo_song
from musicassist.session.comping import Comp
from musicassist.settings import Settings
from musicassist.ui.building import Surroundings, build_window, make_application
from musicassist.ui.main_window import MainWindow
from musicassist.ui.model_status import installed_models
from musicassist.ui.screenshot import PICTURE_SEED, picture_window, settle, wait_until

WIDTH, HEIGHT = 1280, 760


def on_offer(window: MainWindow, press: str) -> None:
    """Presses a command and waits for its takes."""
    window.actions_table[press].trigger()
    wait_until(lambda: window.session.takes.phase == "offered")


def takes_with_plans(window: MainWindow) -> None:
    """Continue this phrase."""
    on_offer(window, "assistant.continue_phrase")


def harmonised(window: MainWindow) -> None:
    """Harmonise."""
    window.actions_table["assistant.harmonise"].trigger()
    wait_until(lambda: window.actions_table["assistant.keep_chords"].isEnabled())


def accompaniment(window: MainWindow) -> None:
    """Accompany, and the second take."""
    on_offer(window, "assistant.accompany")
    window.session.takes.audition(2)
    window.session.transport.stop()


def arrangement(window: MainWindow) -> None:
    """Continue the song."""
    on_offer(window, "assistant.continue_song")


def origins(window: MainWindow) -> None:
    """Where these bars come from, after a take was kept and one of its notes edited."""
    on_offer(window, "assistant.continue_phrase")
    window.session.takes.audition(2)
    window.session.takes.accept()
    window.session.transport.stop()
    origin = window.session.document.track.origins[0]
    window.session.document.select(window.session.document.track.notes.start_tick == origin.from_tick)
    window.session.notes.transpose(2)
    window.actions_table["assistant.show_origins"].trigger()
    window.actions_table["assistant.origin"].trigger()


def versions(window: MainWindow) -> None:
    """Three versions as a tree, with what differs from the first one."""
    session = window.session
    first = session.versions.keep("Verse")
    on_offer(window, "assistant.continue_phrase")
    session.takes.accept()
    session.transport.stop()
    session.versions.keep("Longer")
    session.versions.go_to(first.name)
    session.notes.select_all()
    assert session.key is not None
    session.notes.transpose_in_scale(2, session.key)
    session.notes.select_none()
    session.versions.keep("A third higher")
    window.actions_table["edit.versions"].trigger()
    session.versions.see(first.name)


def rules(window: MainWindow) -> None:
    """The rules of new takes, with two that cannot hold together."""
    harmonised(window)
    window.actions_table["assistant.keep_chords"].trigger()
    controls, takes = window.takes_panel.controls, window.session.takes
    narrow = replace(takes.controls.constraints, chord_strength="strong", largest_leap=5, rhythm="kept")
    takes.set_controls(replace(takes.controls, constraints=narrow, closeness=0.5))
    window.assistant.display.set_panel_visible(visible=True)
    controls.unfold()
    controls.choose_range((60, 60))


def mixed(window: MainWindow) -> None:
    """Continue this phrase, and the second half from other takes."""
    on_offer(window, "assistant.continue_phrase")
    takes, time_map = window.session.takes, window.session.document.song.time_map
    assert takes.span is not None
    first = time_map.bar_at(takes.span[0])
    bars = [time_map.bar_start_tick(first + bar) for bar in range(5)]
    comp = Comp.of(*takes.span, 1).swiped(bars[1], bars[2], 3).swiped(bars[2], bars[4], 2)
    window.session.mixing.mix(comp)


def explained(window: MainWindow) -> None:
    """Continue this phrase, with the third take explained."""
    on_offer(window, "assistant.continue_phrase")
    window.actions_table["assistant.explain"].trigger()
    window.roll.viewport.show_span(0, window.session.takes.heard.to_tick if window.session.takes.heard else 0)


def lesson(window: MainWindow) -> None:
    """Why is this bar strong?"""
    window.session.transport.seek(window.session.document.song.time_map.bar_start_tick(1))
    window.actions_table["assistant.why_strong"].trigger()


def earlier(window: MainWindow) -> None:
    """Several offers that were let go, one that was kept, and the list of them."""
    actions, shelf = window.actions_table, window.session.shelf
    on_offer(window, "assistant.continue_phrase")
    actions["assistant.dismiss"].trigger()
    window.session.notes.select_all()
    on_offer(window, "assistant.vary_selection")
    actions["assistant.dismiss"].trigger()
    window.session.notes.select_none()
    on_offer(window, "assistant.continue_phrase")
    window.session.takes.audition(2)
    actions["assistant.accept"].trigger()
    on_offer(window, "assistant.write_new")
    actions["assistant.dismiss"].trigger()
    on_offer(window, "assistant.accompany")
    actions["assistant.dismiss"].trigger()
    window.session.transport.stop()
    shelf.pin(shelf.names()[2], is_pinned=True)
    actions["assistant.shelf"].trigger()
    settle()


def anew(window: MainWindow) -> None:
    """Other pitches for the second phrase, of which two notes are pinned."""
    document = window.session.document
    starts, time_map = document.track.notes.start_tick, document.song.time_map
    rows = np.flatnonzero((starts >= time_map.bar_start_tick(2)) & (starts < time_map.bar_start_tick(4)))
    document.select(np.isin(np.arange(len(starts)), [rows[0], rows[len(rows) // 2]]))
    window.actions_table["notes.pin"].trigger()
    document.select(np.isin(np.arange(len(starts)), rows))
    on_offer(window, "assistant.other_pitches")


PICTURES: dict[str, Callable[[MainWindow], None]] = {
    "takes-with-plans.png": takes_with_plans,
    "mixed-takes.png": mixed,
    "harmonised.png": harmonised,
    "accompaniment.png": accompaniment,
    "arrangement.png": arrangement,
    "composed-anew.png": anew,
    "earlier-takes.png": earlier,
    "explained.png": explained,
    "lesson.png": lesson,
    "rules.png": rules,
    "kept-bars.png": origins,
    "versions.png": versions,
}


def draw(picture: Path, press: Callable[[MainWindow], None]) -> None:
    """One picture of a window that is opened for it."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(theme="dark", take_seed=PICTURE_SEED)
        world = Surroundings(
            settings, lambda _settings: None, make_engine, installed_models, Path(folder), is_silent=True
        )
        window = build_window(world)
        try:
            window.resize(WIDTH, HEIGHT)
            window.show()
            window.session.open(read_song(demo_song()), demo_song())
            window.heartbeat.stop()
            settle()
            window.model_status.load()
            wait_until(lambda: window.chord_hearing.is_up_to_date and window.generator.is_ready)
            press(window)
            picture_window(window, picture)
        finally:
            window.shut_down(keep_recovery=False)
            window.deleteLater()


def main() -> None:
    """Draws all."""
    make_application()
    wanted = sys.argv[2:] or list(PICTURES)
    for name, press in PICTURES.items():
        if name not in wanted:
            continue
        draw(Path(sys.argv[1]) / name, press)
        print(name)


if __name__ == "__main__":
    main()
