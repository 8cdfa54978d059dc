"""Chords on offer, and accompaniments."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harmony.test_detection import block
from harmony.test_harmonising import BAR, MELODY, SONG
from musicassist.errors import SeedError
from musicassist.score.chord_track import ChordSpan, written_chords
from musicassist.score.midi_bytes import DRUM_CHANNEL
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.score.theory import Chord
from musicassist.session.harmonising import pieces_of
from session_desk import Desk


def offered(desk: Desk, style: str = "plain") -> None:
    harmonising = desk.session.harmonising
    request = harmonising.request(style)
    harmonising.take(request, request.progressions())


def test_progressions_are_seen_heard_and_kept_as_one_step() -> None:
    desk = Desk(SONG)
    harmonising, document = desk.session.harmonising, desk.document
    offered(desk)
    assert (len(harmonising.offer), harmonising.number, "chords" in desk.kinds()) == (4, 1, True)
    first = harmonising.shown
    beside = desk.sound.song.tracks[-1]
    assert (beside.name, len(desk.sound.song.tracks), len(document.song.tracks)) == ("Chords", 2, 1)
    assert any("(I)" in str(change.values.get("names")) for change in desk.changes if change.kind == "message")
    harmonising.show_next()
    assert harmonising.shown != first
    assert desk.sound.song.tracks[-1].notes != beside.notes
    kept = harmonising.shown
    harmonising.accept()
    marks = written_chords(document.song)
    assert [(m.tick, m.chord) for m in marks[:-1]] == [(s.from_tick, s.chord) for s in kept]
    assert (marks[-1].tick, marks[-1].chord) == (12 * BAR, None)
    assert (harmonising.shown, document.undo_name) == ((), "Harmonise")
    assert "Chords" not in [track.name for track in desk.sound.song.tracks]
    document.undo()
    assert document.song is SONG


def test_round_and_round_and_away() -> None:
    desk = Desk(SONG)
    harmonising = desk.session.harmonising
    harmonising.show_next()
    assert harmonising.shown == ()
    offered(desk)
    first = harmonising.shown
    for _ in harmonising.offer:
        harmonising.show_next()
    assert harmonising.shown == first
    harmonising.dismiss()
    assert (harmonising.shown, desk.document.song, desk.sound.song.tracks) == ((), SONG, SONG.tracks)


def test_an_edit_takes_the_offer_away_and_what_is_found_late_is_not_offered() -> None:
    desk = Desk(SONG)
    harmonising = desk.session.harmonising
    request = harmonising.request("plain")
    found = request.progressions()
    harmonising.take(request, found)
    desk.session.tracks.add()
    assert harmonising.shown == ()
    harmonising.take(request, found)
    assert harmonising.shown == ()


def test_the_bars_of_the_selection_or_of_the_loop_alone_are_meant() -> None:
    desk = Desk(Song((SONG.tracks[0], Track("Piano", block("C F C G7 Am Dm G C C F G7 C"), channel=1))))
    rows = [row for row, note in enumerate(MELODY) if 4 * BAR <= note.start_tick < 6 * BAR]
    desk.select(*rows)
    offered(desk)
    shown = desk.session.harmonising.shown
    assert (shown[0].from_tick, shown[-1].to_tick) == (4 * BAR, 6 * BAR)
    desk.select()
    desk.session.transport.set_loop(8 * BAR, 10 * BAR)
    request = desk.session.harmonising.request("plain")
    assert (request.from_tick, request.to_tick, request.keeps_others) == (8 * BAR, 10 * BAR, True)


def test_an_accompaniment_of_the_song_s_chords_is_one_step() -> None:
    desk = Desk(SONG)
    with pytest.raises(SeedError, match="no chords"):
        desk.session.harmonising.accompany("block")
    offered(desk)
    shown = desk.session.harmonising.shown
    desk.session.harmonising.accompany("bass")
    song = desk.document.song
    assert [track.name for track in song.tracks] == ["Melody", "CHORDS", "Chords", "Bass"]
    assert len({track.channel for track in song.tracks}) == 4
    assert [m.chord for m in written_chords(song)][:-1] == [span.chord for span in shown]
    assert (desk.document.undo_name, desk.session.harmonising.shown) == ("Accompany", ())
    desk.document.undo()
    desk.document.redo()
    desk.session.harmonising.accompany("block")
    assert [track.name for track in desk.document.song.tracks][-1] == "Chords"


def test_like_the_song_goes_into_its_own_tracks() -> None:
    desk = Desk(Song((SONG.tracks[0], Track("Piano", block("C F"), channel=1))))
    offered(desk)
    desk.session.harmonising.accompany("like")
    song = desk.document.song
    assert [track.name for track in song.tracks] == ["Melody", "Piano", "CHORDS"]
    assert song.tracks[1].end_tick == 12 * BAR


def test_without_a_melody_nothing_is_harmonised() -> None:
    for track in (Track("Melody"), Track("Drums", Notes.of([Note(0, 36, 480)] * 2), channel=DRUM_CHANNEL)):
        with pytest.raises(SeedError):
            Desk(Song((track,))).session.harmonising.request("plain")


def test_nothing_found_is_said() -> None:
    desk = Desk(SONG)
    with pytest.raises(SeedError):
        desk.session.harmonising.take(desk.session.harmonising.request("plain"), ())


def test_chords_are_told_with_names_numerals_and_places() -> None:
    desk = Desk(SONG)
    request = desk.session.harmonising.request("plain")
    (first, *_) = pieces_of(request.progressions()[0].spans, SONG, request.key)
    assert (first["chord"], first["numeral"], first["from_beat"]) == ("C", "I", 0.0)


def test_the_chords_of_a_take_sound_with_it() -> None:
    desk = Desk(SONG)
    takes = desk.session.takes
    takes.ask()
    made = desk.makes(2)
    takes.ask()
    chords = (ChordSpan(12 * BAR, 14 * BAR, Chord(5), is_written=False),)
    takes.on_takes(desk.generator.asked[-1], (made[0], replace(made[1], chords=chords)))
    assert len(desk.sound.song.tracks) == 1
    takes.audition(2)
    assert {pitch % 12 for pitch in desk.sound.song.tracks[1].notes.pitch.tolist()} == {5, 9, 0}
    assert desk.sound.song.tracks[1].end_tick <= int(made[1].notes.end_tick.max())
    takes.audition(1)
    assert len(desk.sound.song.tracks) == 1
    takes.audition(2)
    takes.dismiss()
    assert len(desk.sound.song.tracks) == 1
