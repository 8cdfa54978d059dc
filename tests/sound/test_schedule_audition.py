"""A take on trial sounds as keeping it would leave the song."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

from builders import phrase, song_of
from musicassist.document.edits import replace_span
from musicassist.score.seam import Amends
from musicassist.score.song import Event, Note, Notes, Song, Track
from musicassist.score.timing import TempoChange
from musicassist.sound.messages import Audition
from musicassist.sound.schedule import with_audition
from musicassist.sound.wire import encode, read_message


def test_what_is_heard_is_what_would_be_kept() -> None:
    song = song_of(Note(0, 48, 4000), *phrase(60, 62, 64, 65, step_ticks=480))
    take = Notes.of([Note(480, 72, 960)])
    heard = with_audition(song, Audition(take, 0, 480, 1440)).tracks[0].notes
    assert heard == replace_span(song, 0, 480, 1440, take).song.tracks[0].notes
    assert list(heard) == [Note(0, 48, 480), Note(0, 60, 480), Note(480, 72, 960), Note(1440, 65, 480)]


def test_what_puts_things_right_for_a_take_is_heard_with_it() -> None:
    amends = Amends((Event(1920, b"\xb0\x07\x64"),), (TempoChange(1920, 500_000),), (("volume", 100),))
    song = replace(song_of(*phrase(60, 62, 64, 65, step_ticks=480)), tempo_changes=(TempoChange(960, 900_000),))
    heard = with_audition(song, Audition(phrase(67, from_tick=1920), 0, 1920, 3840, amends=amends))
    assert heard.tracks[0].events == amends.events
    assert heard.time_map.tempo_bpm_at(1920) == 120
    sent = Audition(phrase(67), 0, 0, 480, amends=amends)
    frame = encode(sent)
    assert read_message(BytesIO(frame)) == sent


def test_parts_are_heard_in_their_own_tracks_in_place_of_what_stands_there() -> None:
    song = Song(
        (Track("A", phrase(60, 62, 64, 65, step_ticks=480)), Track("B", phrase(40, 41, step_ticks=960), channel=1))
    )
    new, low = phrase(72, step_ticks=480, from_tick=960), phrase(30, step_ticks=480, from_tick=960)
    heard = with_audition(song, Audition(new, 0, 960, 1920, parts=(Audition(low, 1, 960, 1920),)))
    assert heard.tracks[0].notes.pitch.tolist() == [60, 62, 72]
    assert heard.tracks[1].notes.pitch.tolist() == [40, 30]
