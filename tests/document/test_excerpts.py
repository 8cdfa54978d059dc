"""Parts of a song as songs of their own keep name, tempo and sound; tracks of another song come in beat for beat."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import phrase
from musicassist.document.excerpts import bars_alone, phrase_alone, track_alone, with_tracks_of
from musicassist.midi import as_saved, read_song_bytes, write_song
from musicassist.score.song import Event, KeyChange, Note, Notes, Song, Track
from musicassist.score.timing import MeterChange, tempo_change

BAR = 1920


def song() -> Song:
    """Eight bars: flute, a bass that changes to another program in bar 5, drums; the tempo and key change."""
    bass = Track("Bass", phrase(*[40, 43] * 8, step_ticks=960), 1, 32, (Event(4 * BAR, b"\xc1\x21"),))
    flute = Track("Flute", phrase(*range(60, 92), step_ticks=480), 0, 73, muted=True)
    drums = Track("Kit", phrase(*[36, 38] * 8, step_ticks=960), 9)
    return Song(
        (flute, bass, drums),
        tempo_changes=(tempo_change(0, 100), tempo_change(4 * BAR, 80), tempo_change(6 * BAR, 90)),
        meter_changes=(MeterChange(0, 4, 4),),
        key_changes=(KeyChange(0, 2), KeyChange(4 * BAR, 7)),
    )


def reread(part: Song) -> Song:
    return read_song_bytes(write_song(part), "part.mid").song


def test_a_track_alone_is_where_it_was_and_sounds_though_it_is_muted() -> None:
    alone = reread(track_alone(song(), 0))
    (flute,) = (track for track in alone.tracks if len(track.notes))
    assert (flute.name, flute.program, flute.muted) == ("Flute", 73, False)
    assert flute.notes == song().tracks[0].notes
    assert alone.tempo_changes == song().tempo_changes


def test_a_phrase_begins_in_its_bar_with_what_holds_there() -> None:
    whole = song()
    mask = whole.tracks[1].notes.starting_between(5 * BAR + 960, 7 * BAR)
    alone = reread(phrase_alone(whole, 1, mask))
    (bass,) = (track for track in alone.tracks if len(track.notes))
    assert (bass.name, bass.program) == ("Bass", 33)
    assert bass.notes.start_tick.tolist() == [960, 1920, 2880]
    assert bass.notes.pitch.tolist() == whole.tracks[1].notes.pitch[mask].tolist()
    bpms = [(change.tick, round(change.tempo_bpm)) for change in alone.tempo_changes]
    assert bpms == [(0, 80), (BAR, 90)]
    assert [change.tonic for change in alone.key_changes] == [7]


def test_bars_of_several_tracks_stand_together() -> None:
    alone = bars_alone(song(), (0, 2), 2 * BAR, 3 * BAR)
    assert [track.name for track in alone.tracks] == ["Flute", "Kit"]
    assert alone.tracks[0].notes.start_tick.tolist() == [0, 480, 960, 1440]
    assert alone.tracks[1].channel == 9


NOTES = st.builds(Note, st.integers(0, 8 * BAR), st.integers(30, 90), st.integers(1, BAR), st.integers(1, 127))


@given(notes=st.lists(NOTES, min_size=1, max_size=12, unique_by=lambda n: n.pitch), data=st.data())
@settings(max_examples=40, deadline=None)
def test_any_selection_is_a_file_that_holds_it_in_time(notes: list[Note], data: st.DataObject) -> None:
    whole = song().with_track(0, song().tracks[0].with_notes(Notes.of(notes)))
    own = whole.tracks[0].notes
    rows = data.draw(st.lists(st.integers(0, len(own) - 1), min_size=1, unique=True))
    mask = np.isin(np.arange(len(own)), rows)
    alone = phrase_alone(whole, 0, mask)
    assert reread(alone) == as_saved(alone)
    part, chosen = alone.tracks[0].notes, own.where(mask)
    assert part.pitch.tolist() == chosen.pitch.tolist()
    moved = set((chosen.start_tick - part.start_tick)[part.start_tick > 0].tolist())
    assert len(moved) <= 1 and all(ticks % BAR == 0 for ticks in moved)
    seconds = (m.time_map.ticks_to_seconds(n.start_tick) for m, n in ((whole, chosen), (alone, part)))
    apart = [np.diff(column) for column in seconds]
    assert np.allclose(*apart, atol=0.06)  # what was struck a little before its bar line begins on it


def test_tracks_of_another_song_come_beat_for_beat_on_channels_of_their_own() -> None:
    other = Song(
        (
            Track("Lead", phrase(60, 62, step_ticks=96), 0, 80, (Event(96, b"\xb0\x07\x40"),)),
            Track("Empty"),
            Track("Kit", phrase(36, 38, step_ticks=96), 9),
        ),
        ticks_per_beat=96,
        tempo_changes=(tempo_change(0, 200),),
    )
    joined = with_tracks_of(song(), other, BAR)
    assert joined.tracks[:3] == song().tracks
    lead, kit = joined.tracks[3:]
    assert (lead.name, lead.program, kit.channel) == ("Lead", 80, 9)
    assert lead.channel not in (0, 1, 9)
    assert lead.notes.start_tick.tolist() == [BAR, BAR + 480]
    assert any(event.tick == BAR + 480 and event.data[1:] == b"\x07\x40" for event in lead.events)
    assert joined.tempo_changes == song().tempo_changes
