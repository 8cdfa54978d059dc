"""Pinning notes, as the window does."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import phrase, song_of
from musicassist.document.document import Document
from musicassist.midi import lost_on_save
from musicassist.score.grid import Grid
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.score.song_bytes import pack_changes, with_changes
from musicassist.session.commands import NoteCommands
from musicassist.session.pins import Pins

SONG = Song((Track("Melody", phrase(60, 62, 64, 65, 67, 69, 71, 72)),))


def desk(song: Song = SONG) -> tuple[Document, NoteCommands, Pins]:
    document = Document(song)
    return document, NoteCommands(document), Pins(document)


def test_pins_are_toggled_one_step_each_and_undone() -> None:
    document, _, pins = desk()
    document.select(np.arange(8) < 3)
    assert not pins.are_set and not pins.has_any
    pins.toggle()
    assert pins.are_set and document.track.notes.pinned.tolist() == [True] * 3 + [False] * 5
    assert document.is_modified and document.undo_name == "Pin notes"
    document.select(np.arange(8) < 5)
    assert not pins.are_set
    pins.toggle()  # one of them was not pinned
    assert document.track.notes.pinned.sum() == 5
    pins.toggle()
    assert not pins.has_any and document.undo_name == "Unpin notes"
    document.undo()
    document.select(np.zeros(8, dtype=np.bool_))
    pins.take_all_away()
    assert not pins.has_any and not document.selection.any()
    for _ in range(3):
        document.undo()
    assert document.song is SONG


def test_what_a_file_cannot_hold_of_pins_is_said() -> None:
    document, _, pins = desk()
    assert lost_on_save(document.song) == ()
    document.select(np.arange(8) == 2)
    pins.toggle()
    assert tuple(map(str, lost_on_save(document.song))) == ("Which notes are pinned is not kept in a MIDI file.",)


STEPS = {
    "up": lambda notes: notes.transpose(1),
    "later": lambda notes: notes.nudge(1),
    "longer": lambda notes: notes.lengthen(-1),
    "louder": lambda notes: notes.change_velocity(5),
    "quantise": lambda notes: notes.quantise(0.5, 0.3),
    "legato": lambda notes: notes.legato(),
    "staccato": lambda notes: notes.staccato(),
    "copy": lambda notes: (notes.copy(), notes.paste(40_000)),
    "split": lambda notes: notes.split(1100),
}


@settings(max_examples=25)
@given(st.lists(st.booleans(), min_size=8, max_size=8), st.lists(st.sampled_from(sorted(STEPS)), max_size=6))
def test_pins_go_with_their_notes_through_any_edits_undo_and_the_journal(pinned: list[bool], steps: list[str]) -> None:
    document, notes, pins = desk(song_of(*(Note(n * 2000, 40 + 3 * n, 400, 60 + n) for n in range(8))))
    notes.set_grid(Grid())
    document.select(np.array(pinned))
    if any(pinned):
        pins.toggle()
    states, everything = [document.song], True
    document.select(np.full(8, everything))
    for step in steps:
        document.select(np.ones(len(document.track.notes), dtype=np.bool_))
        STEPS[step](notes)
        states.append(document.song)
        now = document.track.notes
        loud = {int(n.velocity): n.is_pinned for n in Notes.of(now)}
        order = [loud[velocity] for velocity in sorted(loud)]
        assert [bool(pin) for pin in order] == pinned  # velocities tell which note is which
        assert with_changes(states[-2], pack_changes(states[-2], states[-1])) == document.song
    while document.undo_name not in (None, "Pin notes"):
        document.undo()
    assert document.song == states[0]
