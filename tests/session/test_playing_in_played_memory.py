"""The last minute that was played, and what it becomes when it is captured."""

from __future__ import annotations

from musicassist.score.song import Event, Note, Notes, Song, Track
from musicassist.score.timing import tempo_change
from musicassist.session.playing_in import PlayedMemory
from musicassist.sound.messages import MidiReceived

SONG = Song(tempo_changes=(tempo_change(0, 120),))  # a beat of 480 ticks is half a second


def playing(memory: PlayedMemory, *rows: tuple[float, bytes], tick: float = 0, is_along: bool = False) -> None:
    """Rows of second and message; along with the song, the ticks follow from the seconds."""
    ticks = tuple(seconds * 960 if is_along else tick for seconds, _ in rows)
    seconds, messages = tuple(second for second, _ in rows), tuple(message for _, message in rows)
    memory.receive(MidiReceived(seconds, ticks, messages), is_along=is_along)


def captured(memory: PlayedMemory, beat_tick: int = 0, now_seconds: float = 99) -> list[Note]:
    found = memory.capture(SONG, beat_tick, now_seconds, None)
    return list(found.notes) if found is not None else []


def test_what_was_played_while_the_song_stood_begins_on_the_beat_in_its_tempo() -> None:
    memory = PlayedMemory()
    playing(memory, (10.0, b"\x90\x3c\x50"), (10.4, b"\x80\x3c\x00"), (10.5, b"\x90\x40\x46"), (11.25, b"\x80\x40\x00"))
    assert captured(memory, 1920) == [Note(1920, 60, 384, 80), Note(2400, 64, 720, 70)]


def test_what_was_played_along_comes_where_it_was_heard() -> None:
    memory = PlayedMemory()
    playing(memory, (2.01, b"\x90\x3c\x50"), (2.5, b"\x80\x3c\x00"), is_along=True)
    memory.see(3.0, 5000)
    assert captured(memory, beat_tick=0) == [Note(1930, 60, 470, 80)]


def test_of_the_rounds_of_a_loop_each_replaces_the_one_before_as_far_as_it_comes() -> None:
    memory, loop = PlayedMemory(), (0, 1920)
    for pitch, beats in ((60, (0.0, 2.0, 3.5)), (62, (0.1, 1.0)), (64, ())):
        for beat in (0.0, *beats, 3.9):
            memory.see(beat, 480 * beat)
            if beat in beats:
                ticks = (480 * beat, 480 * beat + 120)
                keys = (bytes((0x90, pitch, 80)), bytes((0x80, pitch, 0)))
                memory.receive(MidiReceived((beat, beat), ticks, keys), is_along=True)
    memory.see(4.0, 480.0)
    whole = memory.capture(SONG, 0, 99, loop)
    assert whole is not None and whole.notes == Notes.of([Note(48, 62, 120, 80), Note(480, 62, 120, 80)])


def test_a_round_that_has_just_begun_leaves_the_rest_of_the_one_before() -> None:
    memory = PlayedMemory()
    playing(
        memory,
        (0.0, b"\x90\x3c\x50"),
        (0.5, b"\x80\x3c\x00"),
        (1.0, b"\x90\x3c\x50"),
        (1.5, b"\x80\x3c\x00"),
        is_along=True,
    )
    memory.see(1.99, 1910)
    memory.see(2.0, 0)
    playing(memory, (0.0, b"\x90\x40\x50"), (0.5, b"\x80\x40\x00"), is_along=True)
    memory.see(2.5, 480)
    found = memory.capture(SONG, 0, 99, (0, 1920))
    assert found is not None and found.notes == Notes.of([Note(0, 64, 480, 80), Note(960, 60, 480, 80)])


def test_a_key_that_is_still_down_ends_now() -> None:
    memory = PlayedMemory()
    playing(memory, (10.0, b"\x90\x3c\x50"))
    assert captured(memory, now_seconds=11.0) == [Note(0, 60, 960, 80)]
    playing(memory, (3.0, b"\x90\x3c\x50"), is_along=True)
    memory.see(3.125, 3000)
    assert captured(memory) == [Note(2880, 60, 120, 80)]


def test_only_the_last_minute_of_playing_is_kept_however_long_the_pause_after_it() -> None:
    memory = PlayedMemory()
    for second in (0.0, 50.0, 100.0):
        playing(memory, (second, b"\x90\x3c\x50"), (second + 0.5, b"\x80\x3c\x00"))
    assert [note.start_tick for note in captured(memory, now_seconds=10_000)] == [0, 48_000]


def test_of_two_kinds_of_playing_the_last_counts() -> None:
    memory = PlayedMemory()
    playing(memory, (1.0, b"\x90\x3c\x50"), (1.5, b"\x80\x3c\x00"), is_along=True)
    playing(memory, (8.0, b"\x90\x40\x50"), (8.5, b"\x80\x40\x00"), tick=1440)
    assert [note.pitch for note in captured(memory)] == [64]


def test_a_key_that_is_let_go_after_the_song_was_started_or_stopped_ends_there() -> None:
    memory = PlayedMemory()
    playing(memory, (1.0, b"\x90\x3c\x50"))
    playing(memory, (1.5, b"\x80\x3c\x00"), is_along=True)
    assert captured(memory) == [Note(0, 60, 480, 80)]
    playing(memory, (2.0, b"\x90\x3c\x50"), is_along=True)
    playing(memory, (9.0, b"\x80\x3c\x00"), (9.0, b"\xb0\x40\x7f"), tick=2400)
    assert memory.capture(SONG, 0, 99, None) == Track(notes=Notes.of([Note(1920, 60, 480, 80)]))


def test_the_pedal_comes_along_and_is_let_go_at_the_end() -> None:
    memory = PlayedMemory()
    playing(memory, (9.0, b"\xb0\x40\x7f"), (10.0, b"\x90\x3c\x50"), (10.5, b"\x80\x3c\x00"))
    found = memory.capture(SONG, 480, 11.0, None)
    pedal = Event(480, b"\xb0\x40\x7f"), Event(1440, b"\xb0\x40\x00")
    assert found == Track(notes=Notes.of([Note(480, 60, 480, 80)]), events=pedal)


def test_nothing_new_gives_the_same_again_and_something_new_only_that() -> None:
    memory = PlayedMemory()
    assert captured(memory) == []
    playing(memory, (1.0, b"\x90\x3c\x50"), (1.5, b"\x80\x3c\x00"))
    assert [captured(memory, beat)[0].start_tick for beat in (0, 480)] == [0, 480]
    playing(memory, (5.0, b"\x90\x40\x50"), (5.5, b"\x80\x40\x00"))
    assert [note.pitch for note in captured(memory)] == [64]
    memory.forget()
    assert captured(memory) == []
