"""The first note is timed after seeds that differ by what a user edits."""

from __future__ import annotations

import itertools
from pathlib import Path

from lab.evaluation.first_note import first_note_seconds, seed_song
from musicassist.composing.engine import Engine
from musicassist.composing.request import GenerationRequest
from musicassist.families.registry import FAMILIES
from tiny_models import install_tiny_model


def test_each_edit_changes_the_last_notes_or_writes_one_more() -> None:
    songs = [list(seed_song(100, edits=edits).tracks[0].notes) for edits in range(6)]
    assert [len(notes) for notes in songs] == [100, 100, 101, 101, 102, 102]
    for before, notes in itertools.pairwise(songs):
        assert notes != before
        assert notes[:90] == before[:90]


def test_only_the_way_to_the_first_note_is_timed(tmp_path: Path) -> None:
    install_tiny_model(tmp_path)
    engine = Engine(tmp_path, FAMILIES)
    assert first_note_seconds(engine, GenerationRequest("continue", seed_song(16), model="tiny")) > 0
