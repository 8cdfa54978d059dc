"""What a MIDI file leaves out is counted in words."""

from __future__ import annotations

from dataclasses import replace

from musicassist.document.document import Document
from musicassist.document.pages import Page
from musicassist.ui.project_losses import losses_beside


def test_a_song_with_nothing_beside_it_loses_nothing_worth_a_word() -> None:
    document = Document()
    document.keep_page("view", Page.of({}))
    assert losses_beside(document) == ()


def test_what_lies_beside_is_named_with_the_mixer_and_the_undo_list() -> None:
    document = Document()
    for name in ("shelf/1", "shelf/2", "versions/a", "own"):
        document.keep_page(name, Page.of({}))
    song = document.song
    document.apply("Mute", song.with_track(0, replace(song.tracks[0], muted=True)))
    assert losses_beside(document) == (
        "offers in the shelf (2)",
        "versions (1)",
        "other things beside the song (1)",
        "mute and solo",
        "what can be undone, and how it is shown",
    )
