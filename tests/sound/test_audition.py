"""A take on trial sounds as keeping it would leave the song."""

from __future__ import annotations

from builders import phrase, song_of
from musicassist.document.edits import replace_span
from musicassist.score.song import Note, Notes
from musicassist.sound.audition import with_audition
from musicassist.sound.messages import Audition


def test_what_is_heard_is_what_would_be_kept() -> None:
    song = song_of(Note(0, 48, 4000), *phrase(60, 62, 64, 65, step_ticks=480))
    take = Notes.of([Note(480, 72, 960)])
    heard = with_audition(song, Audition(take, 0, 480, 1440)).tracks[0].notes
    assert heard == replace_span(song, 0, 480, 1440, take).song.tracks[0].notes
    assert list(heard) == [Note(0, 48, 480), Note(0, 60, 480), Note(480, 72, 960), Note(1440, 65, 480)]
