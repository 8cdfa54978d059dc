"""Chords on offer, and accompaniments."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harmony.test_detection import block
from harmony.test_harmonising import BAR, MELODY, SONG
from musicassist.composing.accompaniment_takes import accompaniment_takes
from musicassist.composing.request import Take
from musicassist.document.song_edits import write_chords
from musicassist.errors import MusicAssistError, SeedError
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


def accompanied(desk: Desk) -> tuple[Take, ...]:
    """The takes that a press of Accompany gives."""
    desk.session.harmonising.accompany()
    request = desk.generator.asked[-1]
    desk.session.takes.on_takes(request, accompaniment_takes(request, lambda: False))
    return desk.session.takes.offer


def test_each_accompaniment_of_the_chords_on_offer_is_a_take_that_is_kept_as_one_step() -> None:
    desk = Desk(SONG)
    takes, document = desk.session.takes, desk.document
    offered(desk)
    shown = desk.session.harmonising.shown
    made = accompanied(desk)
    assert [take.title for take in made] == ["Held chords", "Broken chords", "Bass and chords"]
    assert [track.name for track in desk.sound.song.tracks] == ["Melody", "Chords"]
    assert (desk.sound.heard, desk.sound.loop) == (None, (0, 12 * BAR))
    takes.audition(3)
    assert [track.name for track in desk.sound.song.tracks] == ["Melody", "Chords", "Bass"]
    assert len({track.channel for track in desk.sound.song.tracks}) == 3
    assert takes.ghosts(3) == made[2].new_tracks[0].notes.plus(made[2].new_tracks[1].notes)
    assert document.song is SONG
    takes.accept()
    song = document.song
    assert [track.name for track in song.tracks] == ["Melody", "CHORDS", "Chords", "Bass"]
    assert len({track.channel for track in song.tracks}) == 4
    assert (song.tracks[0], document.selected_track, document.undo_name) == (SONG.tracks[0], 0, "Accompany")
    assert [m.chord for m in written_chords(song)][:-1] == [span.chord for span in shown]
    assert (desk.session.harmonising.shown, takes.phase) == ((), "idle")
    assert desk.sound.song is song
    document.undo()
    assert (document.song, takes.phase, takes.auditioned) == (SONG, "offered", 3)
    assert [track.name for track in desk.sound.song.tracks] == ["Melody", "Chords", "Bass"]


def test_accompaniments_that_are_dismissed_leave_the_chords_on_offer() -> None:
    desk = Desk(SONG)
    offered(desk)
    held = desk.sound.song.tracks[-1].notes
    accompanied(desk)
    desk.session.takes.audition(2)
    assert desk.sound.song.tracks[-1].notes != held
    desk.session.takes.dismiss()
    assert (len(desk.session.harmonising.offer), desk.sound.song.tracks[-1].notes) == (4, held)
    accompanied(desk)
    desk.session.harmonising.show_next()
    assert (desk.session.takes.phase, len(desk.sound.song.tracks)) == ("idle", 2)


def test_chords_are_found_for_a_bare_melody_and_again_finds_others() -> None:
    desk = Desk(SONG)
    chords = [accompanied(desk)[0].chords]
    for _ in range(2):
        desk.session.takes.again()
        request = desk.generator.asked[-1]
        desk.session.takes.on_takes(request, accompaniment_takes(request, lambda: False))
        chords.append(desk.session.takes.offer[0].chords)
    assert all(chords) and len(set(chords)) > 1
    desk.session.takes.accept()
    assert [m.chord for m in written_chords(desk.document.song)][:-1] == [span.chord for span in chords[-1]]


def test_chords_without_a_melody_are_played_as_far_as_they_go() -> None:
    spans = (ChordSpan(0, 2 * BAR, Chord(0)), ChordSpan(2 * BAR, 4 * BAR, Chord(5)))
    desk = Desk(write_chords(Song((Track("Melody"),)), spans))
    (block_chords, *_) = accompanied(desk)
    assert block_chords.chords == ()
    assert (block_chords.from_tick, block_chords.to_tick) == (0, 4 * BAR)
    assert {pitch % 12 for pitch in block_chords.ghosts.pitch.tolist()} == {0, 4, 7, 5, 9}


def test_what_can_not_be_accompanied_is_known_before() -> None:
    desk = Desk(Song((Track("Melody"),)))
    assert not desk.session.harmonising.can_accompany
    with pytest.raises(SeedError, match="melody"):
        desk.session.harmonising.accompany()
    desk.document.replace_song(write_chords(desk.document.song, (ChordSpan(0, BAR, Chord(0)),)), None)
    assert desk.session.harmonising.can_accompany


def test_like_the_song_goes_into_its_own_tracks() -> None:
    desk = Desk(Song((SONG.tracks[0], Track("Piano", block("C F"), channel=1))))
    offered(desk)
    like = accompanied(desk)[-1]
    assert (like.title, like.new_tracks, [part.track_index for part in like.parts]) == (
        "As the song has played",
        (),
        [1],
    )
    desk.session.takes.audition(like.number)
    assert (desk.sound.heard, desk.sound.heard_place) == (like.parts[0].notes, (1, 0, like.to_tick))
    assert len(desk.sound.song.tracks) == 2
    desk.session.takes.accept()
    song = desk.document.song
    assert [track.name for track in song.tracks] == ["Melody", "Piano", "CHORDS"]
    assert song.tracks[1].end_tick == 12 * BAR
    desk.document.undo()
    desk.document.select_track(1)
    desk.session.takes.accept(is_part=True)
    assert [track.end_tick for track in desk.document.song.tracks] == [12 * BAR, 12 * BAR, 0]


def test_a_part_alone_is_none_of_a_new_track() -> None:
    desk = Desk(SONG)
    accompanied(desk)
    with pytest.raises(MusicAssistError, match="no notes for this track"):
        desk.session.takes.accept(is_part=True)
    assert desk.session.takes.phase == "offered"


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
