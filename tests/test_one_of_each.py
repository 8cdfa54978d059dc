"""Each concept has one home: what a mouse, a command, a file and a model mean by a word is the same thing."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from builders import phrase, song_of
from ensemble_desk import EnsembleDesk
from musicassist.cli.composing import WORDS
from musicassist.composing.melody_task import melody_task
from musicassist.composing.request import Constraints, GenerationRequest, Place, Wish
from musicassist.document.document import Document
from musicassist.document.song_edits import set_tempo
from musicassist.midi.reading import read_song_bytes
from musicassist.midi.writing import write_song
from musicassist.score.grid import DIVISIONS, Grid
from musicassist.score.keys import key_at
from musicassist.score.song import NOTE_COLUMNS, KeyChange, Note, Notes, Song, Track
from musicassist.score.timing import MAX_BPM, MIN_BPM, TimeMap
from musicassist.session.commands import NoteCommands
from musicassist.session.offers import CONTINUE, Controls, request_for


@given(st.integers(0, 20_000), st.sampled_from([480, 220, 100]), st.sampled_from(DIVISIONS[2:6]), st.booleans())
def test_what_the_mouse_puts_on_the_grid_is_quantised_already(
    tick: int, ticks_per_beat: int, division: int, is_triplet: bool
) -> None:
    grid, time_map = Grid(division, is_triplet), TimeMap(ticks_per_beat)
    drawn = Note(grid.over(time_map).snapped(tick), 60, 2 * ticks_per_beat)
    document = Document(replace(song_of(drawn), ticks_per_beat=ticks_per_beat))
    commands = NoteCommands(document)
    commands.set_grid(grid)
    commands.quantise()
    assert list(document.track.notes) == [drawn]


def test_the_key_at_a_place_is_the_same_for_the_window_the_request_and_the_model() -> None:
    tune = Track("", phrase(*(60, 62, 64, 65, 67, 65, 64, 62) * 2, step_ticks=240))
    for changes in ((), (KeyChange(0, 5),), (KeyChange(4 * 1920, 7),), (KeyChange(0, 5), KeyChange(1920, 2))):
        song = Song(tracks=(tune,), key_changes=changes)
        asked = request_for(CONTINUE, song, 0, Controls(), seed=1, revision=0)
        desk = EnsembleDesk(song)
        desk.sound.position = 2 * 1920
        free = replace(asked, constraints=Constraints())
        assert asked.constraints.key == key_at(song, 2 * 1920).key == desk.session.key == melody_task(free).key


def test_the_limits_of_the_tempo_hold_in_the_song_and_survive_a_file() -> None:
    for wanted, held in ((0.1, MIN_BPM), (1e6, MAX_BPM)):
        song = set_tempo(song_of(Note(0, 60, 480)), 0, wanted)
        again = read_song_bytes(write_song(song), "x.mid").song
        for each in (song, again):
            assert abs(each.time_map.tempo_bpm_at(0) - held) < 0.05


def test_the_columns_of_notes_are_named_once() -> None:
    assert tuple(row.name for row in fields(Notes)) == NOTE_COLUMNS == tuple(row.name for row in fields(Note))


def test_nothing_selected_means_the_whole_track_and_stays_nothing() -> None:
    document = Document(song_of(Note(13, 60, 100), Note(490, 62, 100)))
    told: list[str] = []
    document.subscribe(lambda change: told.append(change.kind))
    NoteCommands(document).quantise()
    assert document.track.notes.start_tick.tolist() == [0, 480]
    assert not document.selection.any()
    assert told == ["song"]
    document.select(np.array([True, False]))


def test_what_is_asked_of_a_model_is_one_value_for_window_and_command_line() -> None:
    asked = {row.name for part in (Wish, Place) for row in fields(part)}
    assert asked <= {row.name for row in fields(GenerationRequest)}
    assert issubclass(Controls, Wish)
    assert set(WORDS) == {"continue", "infill", "vary", "interpolate", "generate"}
