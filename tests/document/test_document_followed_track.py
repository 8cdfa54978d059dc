"""Where a track is after any edits of tracks, and what takes its place once it is gone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from builders import phrase
from musicassist.document.document import Document, FollowedTrack
from musicassist.score.song import Event, Song, Track
from musicassist.session.commands import TrackCommands

TRACKS = (Track("Melody", phrase(60)), Track("Bass", phrase(40), 1, 32, (Event(0, b"\xb1\x07\x50"),), muted=True))


def bass() -> tuple[Document, TrackCommands, FollowedTrack]:
    """Two tracks, of which the second is followed."""
    document = Document(Song(TRACKS))
    document.select_track(1)
    return document, TrackCommands(document), FollowedTrack(document)


@given(st.lists(st.tuples(st.sampled_from(["add", "remove", "move", "edit", "undo", "redo"]), st.integers(0, 99))))
def test_a_track_is_found_after_any_edits(edits: list[tuple[str, int]]) -> None:
    document, commands, place = bass()
    for what, number in edits:
        index = number % len(document.song.tracks)
        match what:
            case "add":
                commands.add()
            case "remove" if len(document.song.tracks) > 1:
                commands.remove(index)
            case "move":
                commands.move(index, number // 10 % len(document.song.tracks))
            case "edit":
                commands.set_program(index, number)
            case "undo":
                document.undo()
            case "redo":
                document.redo()
        names = [track.name for track in document.song.tracks]
        assert place.index == (names.index("Bass") if "Bass" in names else None)


def test_for_a_track_that_is_gone_an_empty_one_like_it_stands_at_the_end_until_undo_brings_it_back() -> None:
    document, commands, place = bass()
    assert place.song_with_it() == (document.song, 1)
    commands.remove(1)
    song, index = place.song_with_it()
    assert (place.index, index) == (None, 1)
    assert song.tracks == (TRACKS[0], Track("Bass", channel=1, program=32, muted=True))
    document.undo()
    assert place.song_with_it() == (document.song, 1)


def test_the_empty_track_that_stands_in_for_the_only_one_takes_its_place() -> None:
    document = Document(Song(TRACKS[:1]))
    place = FollowedTrack(document)
    TrackCommands(document).remove(0)
    assert place.song_with_it() == (Song((Track(),)), 0)


def test_another_track_can_be_followed() -> None:
    _, commands, place = bass()
    place.follow(0)
    commands.move(0, 1)
    assert place.index == 1
