"""A whole song's chords, and what is heard again after an edit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from harmony.test_detection import BAR, block
from musicassist.harmony import heard_chords
from musicassist.harmony.heard_chords import PIECE_BARS, hear_chords
from musicassist.score.chord_track import ChordMark, ChordSpan, with_written_chords
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.score.theory import Chord
from musicassist.score.timing import MeterChange

BARS = 6 * PIECE_BARS
SONG = Song((Track("Piano", block("C Am F G " * (BARS // 4))),))


@pytest.fixture
def pieces(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of the pieces that are heard from now on."""
    found: list[int] = []
    hear = heard_chords.heard_between

    def noted(song: Song, parts: tuple[Notes, ...], from_tick: int, to_tick: int) -> list[ChordSpan]:
        found.append(from_tick // (PIECE_BARS * BAR))
        return hear(song, parts, from_tick, to_tick)

    monkeypatch.setattr(heard_chords, "heard_between", noted)
    return found


def with_note(song: Song, note: Note) -> Song:
    return song.with_track(0, song.tracks[0].with_notes(song.tracks[0].notes.plus(Notes.of([note]))))


def test_the_whole_song_is_heard_whatever_is_written() -> None:
    heard = hear_chords(with_written_chords(SONG, [ChordMark(0, Chord(3, "m"))]))
    assert heard is not None
    assert [str(span.chord) for span in heard.spans] == ["C", "Am", "F", "G"] * (BARS // 4)
    assert not any(span.is_written for span in heard.spans)


def test_a_chord_that_holds_over_the_end_of_a_piece_is_one() -> None:
    heard = hear_chords(Song((Track("Piano", block("C " * (PIECE_BARS + 2))),)))
    assert heard is not None and len(heard.pieces) == 2
    assert heard.spans == (ChordSpan(0, (PIECE_BARS + 2) * BAR, Chord(0), is_written=False),)


def test_after_an_edit_only_what_lies_near_is_heard_again(pieces: list[int]) -> None:
    first = hear_chords(SONG)
    assert pieces == [0, 1, 2, 3, 4, 5]
    pieces.clear()
    edited = with_note(SONG, Note(BAR, 49, BAR))
    again = hear_chords(edited, first)
    assert pieces == [0, 1]
    pieces.clear()
    whole = hear_chords(edited)
    assert again is not None and whole is not None and again.spans == whole.spans
    assert hear_chords(edited, again) is not None
    assert pieces == [0, 1, 2, 3, 4, 5]  # of the whole one alone


def test_what_differs_anywhere_is_found() -> None:
    rng = np.random.default_rng(5)
    song, heard = SONG, hear_chords(SONG)
    for tick in rng.integers(0, BARS * BAR, 4).tolist():
        song = with_note(song, Note(tick, int(rng.integers(40, 80)), 3 * BAR))
        heard, whole = hear_chords(song, heard), hear_chords(song)
        assert heard is not None and whole is not None and heard.spans == whole.spans


def test_other_bars_or_another_track_are_heard_anew(pieces: list[int]) -> None:
    first = hear_chords(SONG)
    for other in (
        replace(SONG, meter_changes=(MeterChange(0, 3, 4),)),
        replace(SONG, tracks=(*SONG.tracks, Track("Pad", block("C", low=72), channel=1))),
    ):
        pieces.clear()
        assert hear_chords(other, first) is not None and 5 in pieces


def test_it_ends_early_where_nobody_waits_any_more(pieces: list[int]) -> None:
    assert hear_chords(SONG, is_cancelled=lambda: len(pieces) == 2) is None
    assert pieces == [0, 1]


def test_where_nothing_sounds_together_nothing_is_heard() -> None:
    heard = hear_chords(Song((Track("Melody", Notes.of(Note(480 * i, 60 + i, 480) for i in range(8))),)))
    assert heard is not None and heard.spans == ()
