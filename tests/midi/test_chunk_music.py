"""Events keep their order, and their place among the notes of their tick, when a file is opened and saved."""

from __future__ import annotations

import io

import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import control, off, on, track_body
from musicassist.midi import lost_on_save, read_song_bytes, write_song
from musicassist.score.song import AFTER_STARTS, BEFORE_ENDS, BEFORE_STARTS, Event, Note, Notes, Song, Track
from mutants import midi_file

PEDAL_DOWN, PEDAL_UP = control(64, 127), control(64, 0)


def opened(*bodies: bytes) -> Song:
    return read_song_bytes(midi_file(*bodies), "story.mid").song


def messages(data: bytes) -> list[tuple[int, bytes]]:
    """All messages of all tracks as mido reads them, in their order, with ticks; end marks left out."""
    rows = []
    for track in mido.MidiFile(file=io.BytesIO(data)).tracks:
        tick = 0
        for message in track:
            tick += message.time
            if message.type != "end_of_track":
                rows.append((tick, bytes(message.bin())))
    return rows


@pytest.mark.parametrize("pedal", [64, 66, 69, 67, 11])
@pytest.mark.parametrize(
    ("order", "place"), [("cfn", BEFORE_ENDS), ("fcn", BEFORE_STARTS), ("fnc", AFTER_STARTS)], ids=["1st", "2nd", "3rd"]
)
def test_a_controller_stays_before_or_behind_the_notes_of_its_tick(pedal: int, order: str, place: int) -> None:
    there = {"c": control(pedal, 127), "f": off(60), "n": on(67)}
    rows = [(0, on(60)), *((480, there[letter]) for letter in order), (960, off(67))]
    data = midi_file(track_body(*rows))
    song = read_song_bytes(data, "story.mid").song
    assert song.tracks[0].events == (Event(480, control(pedal, 127), place),)
    assert messages(write_song(song)) == messages(data)


def test_a_pedal_before_the_note_off_of_its_tick_catches_the_note_after_saving_too() -> None:
    rows = [(0, on(60)), (480, PEDAL_DOWN), (480, off(60)), (2400, PEDAL_UP), (3840, on(72)), (4320, off(72))]
    data = midi_file(track_body(*rows))
    assert messages(write_song(read_song_bytes(data, "story.mid").song)) == messages(data)


def test_between_a_start_and_a_later_end_of_one_tick_a_pedal_keeps_to_the_end_and_a_volume_to_the_start() -> None:
    rows = [(0, on(60)), (480, on(67)), (480, PEDAL_DOWN), (480, off(60)), (960, off(67))]
    assert opened(track_body(*rows)).tracks[0].events == (Event(480, PEDAL_DOWN, BEFORE_ENDS),)
    rows[2] = (480, control(7, 30))
    assert opened(track_body(*rows)).tracks[0].events == (Event(480, control(7, 30), AFTER_STARTS),)


def test_two_values_of_one_controller_on_one_tick_keep_their_order() -> None:
    rows = [(0, on(60)), (480, PEDAL_UP), (480, off(60)), (480, PEDAL_DOWN), (480, on(62)), (960, off(62))]
    data = midi_file(track_body(*rows))
    assert messages(write_song(read_song_bytes(data, "story.mid").song)) == messages(data)


def test_in_a_chunk_of_many_channels_the_notes_of_the_events_own_channel_count() -> None:
    rows = [(0, on(60)), (0, control(7, 30, channel=1)), (0, on(48, channel=1)), (0, control(7, 90)), (480, off(60))]
    first, second = opened(track_body(*rows, (480, off(48, channel=1)))).tracks
    assert first.events == (Event(0, control(7, 90), AFTER_STARTS),)
    assert second.events == (Event(0, control(7, 30, channel=1)),)


def test_texts_and_sysex_keep_their_order_beside_notes() -> None:
    rows = [
        (0, b"\xf0\x41\x10\xf7"),
        (0, on(60)),
        (0, b"\xff\x05la"),
        (480, b"\xff\x01x"),
        (480, off(60)),
        (480, b"\xff\x21\1"),
    ]
    data = midi_file(track_body(*rows))
    assert messages(write_song(read_song_bytes(data, "story.mid").song)) == messages(data)


def test_a_place_beside_no_note_is_no_loss() -> None:
    events = (Event(0, PEDAL_DOWN, AFTER_STARTS), Event(100, PEDAL_UP, BEFORE_ENDS), Event(960, PEDAL_UP, AFTER_STARTS))
    song = Song((Track("Lead", Notes.of([Note(480, 60, 480)]), events=events),))
    assert lost_on_save(song) == ()


MESSAGES = st.one_of(
    st.builds(control, st.sampled_from([1, 7, 10, 11, 64, 66]), st.integers(0, 127)),
    st.builds(lambda low, high: bytes((0xE0, low, high)), st.integers(0, 127), st.integers(0, 127)),
    st.sampled_from([b"\xff\x05la", b"\xf0\x7e\x7f\x09\x01\xf7", b"\xf0\x43\x10", b"\xf7\x4c\xf7", b"\xc0\x07"]),
    st.sampled_from(
        [b"\xff\x21\x01", b"\xff\x20\x00", b"\xff\x09Port", b"\xff\x7f\x43", b"\xff\x54\0\0\0\0\0", b"\xd0\x05"]
    ),
)


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 3), st.integers(0, 5)), max_size=8),
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 2), MESSAGES), max_size=8),
)
def test_a_file_whose_ends_come_before_its_starts_is_saved_as_it_stands(
    notes: list[tuple[int, int, int]], events: list[tuple[int, int, bytes]]
) -> None:
    apart = {(start, pitch): Note(240 * start, 60 + pitch, 240 * length, 80) for start, length, pitch in notes}
    rows = [(n.end_tick, 1, off(n.pitch)) for n in apart.values()] + [
        (n.start_tick, 3, on(n.pitch)) for n in apart.values()
    ]
    rows += [(240 * tick, 2 * place, data) for tick, place, data in events]
    body = track_body(*((tick, data) for tick, _, data in sorted(rows, key=lambda row: row[:2])))
    once = messages(write_song(opened(body)))
    in_file = messages(midi_file(body))
    assert _without_order_of_notes(once) == _without_order_of_notes(in_file)


def _without_order_of_notes(rows: list[tuple[int, bytes]]) -> list[tuple[int, list[bytes]]]:
    """Runs of note-offs or note-ons of one tick in the order of their pitches; everything else as it stands."""
    runs: list[tuple[int, int, list[bytes]]] = []
    for tick, data in rows:
        kind = data[0] >> 4 if data[0] < 0xA0 else -len(runs) - 1
        if runs and runs[-1][:2] == (tick, kind):
            runs[-1][2].append(data)
        else:
            runs.append((tick, kind, [data]))
    return [(tick, sorted(group)) for tick, _, group in runs]


def test_a_song_whose_tracks_all_play_on_one_channel_is_saved_as_it_stands() -> None:
    """As LMMS exports: each track has its own program on the first channel."""
    bodies = [
        track_body((0, b"\xff\x03%d" % number), (0, bytes((0xC0, number))), (480 * number, on(60)), (1920, off(60)))
        for number in range(4)
    ]
    data = midi_file(track_body((0, b"\xff\x51\x07\xa1\x20")), *bodies)
    song = read_song_bytes(data, "story.mid").song
    assert [(track.channel, track.program) for track in song.tracks] == [(0, number) for number in range(4)]
    assert messages(write_song(song)) == messages(data)


@pytest.mark.parametrize("ports", [[0, 1], [1, 0], [0, 0, 1, 1], [15, 3]])
def test_the_ports_of_tracks_are_saved_wherever_they_stand(ports: list[int]) -> None:
    bodies = [
        track_body((0, b"\xff\x03A"), (tick, b"\xff\x21" + bytes((port,))), (tick, on(60)), (960, off(60)))
        for tick, port in zip((0, 480, 0, 480), ports, strict=False)
    ]
    data = midi_file(*bodies)
    assert messages(write_song(read_song_bytes(data, "story.mid").song)) == messages(data)
