"""What a phrase left behind is put right for the notes that follow it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import phrase
from musicassist.score.seam import NO_AMENDS, amends_for, amends_words, with_amends
from musicassist.score.song import Event, Note, Notes, Song, Track
from musicassist.score.timing import TempoChange, tempo_change

BAR, END = 1920, 4 * 1920
TUNE = phrase(67, 69, 71, 72, 74, 72, 71, 69, 67, 64, 62, 64, 67, 67, 69, 67, step_ticks=480)
NEW = phrase(67, 69, 71, 72, step_ticks=480, from_tick=END)


def control(tick: int, number: int, value: int, channel: int = 0) -> Event:
    return Event(tick, bytes([0xB0 | channel, number, value]))


def bend(tick: int, value: int, channel: int = 0) -> Event:
    return Event(tick, bytes([0xE0 | channel, (value + 8192) & 0x7F, (value + 8192) >> 7]))


def song_with(
    *events: Event, notes: Notes = TUNE, tempos: tuple[TempoChange, ...] = (), others: tuple[Track, ...] = ()
) -> Song:
    track = Track("Tune", notes, events=tuple(sorted(events, key=lambda event: event.tick)))
    return Song(tracks=(track, *others), tempo_changes=tempos)


def amended(
    song: Song, new: Notes = NEW, from_tick: int = END, to_tick: int = END + 4 * BAR
) -> tuple[Song, tuple[str, ...]]:
    seed = song.tracks[0].notes.where(song.tracks[0].notes.start_tick < from_tick)
    amends = amends_for(song, 0, seed, new, from_tick, to_tick)
    return with_amends(song, 0, amends), amends_words(amends)


def value_at(song: Song, tick: int, number: int) -> int | None:
    """What a controller of the first channel is at a tick, as a player goes through the events in their order."""
    events = sorted((event for track in song.tracks for event in track.events), key=lambda event: event.tick)
    values = [e.data[2] for e in events if e.tick <= tick and e.data[0] == 0xB0 and e.data[1] == number]
    return values[-1] if values else None


def bend_at(song: Song, tick: int) -> int:
    bends = [e.data[1] + (e.data[2] << 7) - 8192 for e in song.tracks[0].events if e.tick <= tick and e.data[0] == 0xE0]
    return bends[-1] if bends else 0


def test_a_tune_that_fades_out_is_continued_as_loud_as_it_was() -> None:
    fade = [control(3840 + i * 240, 7, max(0, 100 - 7 * i)) for i in range(16)]
    song, words = amended(song_with(control(0, 7, 100), *fade))
    assert words == ("volume back to 100",)
    assert value_at(song, END - 1, 7) == 0
    assert value_at(song, END, 7) == 100


@pytest.mark.parametrize("number", [7, 11])
@pytest.mark.parametrize("level", [50, 90, 127])
@pytest.mark.parametrize("left", [0, 5, 30])
def test_a_level_that_was_faded_goes_back_to_that_of_the_phrase(number: int, level: int, left: int) -> None:
    song, words = amended(song_with(control(0, number, level), control(END - 200, number, left)))
    assert value_at(song, END, number) == level
    assert words == (f"{'volume' if number == 7 else 'expression'} back to {level}",)


@pytest.mark.parametrize("tick", [END, END + 100, END + 1000])
def test_a_fade_that_ends_behind_the_last_note_does_not_silence_what_follows(tick: int) -> None:
    song, _ = amended(song_with(control(0, 7, 100), control(tick, 7, 0)))
    assert all(value_at(song, int(start), 7) == 100 for start in NEW.start_tick)
    assert value_at(song, END + BAR, 7) == 100


@given(st.integers(71, 127))
def test_a_diminuendo_is_left_as_it_is(level: int) -> None:
    song = song_with(control(0, 7, 100), control(END - 200, 7, level))
    assert amended(song) == (song, ())


@pytest.mark.parametrize("left", [8191, -8192, 2000, 200])
def test_a_bend_that_was_never_let_go_is_released_for_the_new_notes_and_not_before(left: int) -> None:
    song, words = amended(song_with(*(bend(7200 + 30 * i, left * i // 10) for i in range(11))))
    assert words == ("pitch bend released",)
    assert (bend_at(song, END - 1), bend_at(song, END)) == (left, 0)


def test_a_phrase_that_is_bent_as_a_whole_goes_on_so() -> None:
    song = song_with(bend(0, 1024))
    assert amended(song) == (song, ())


@pytest.mark.parametrize(
    ("number", "words"), [(64, "pedal released"), (66, "sostenuto pedal released"), (67, "soft pedal released")]
)
def test_a_pedal_that_stays_down_goes_up(number: int, words: str) -> None:
    song, said = amended(song_with(control(END - 480, number, 127)))
    assert said == (words,)
    assert (value_at(song, END - 1, number), value_at(song, END, number)) == (127, 0)


def test_a_pedal_that_goes_up_with_the_last_note_is_part_of_the_playing() -> None:
    song = song_with(control(END - 480, 64, 127), control(END + 60, 64, 0))
    assert amended(song) == (song, ())


@pytest.mark.parametrize(
    ("event", "words"),
    [(control(END - 9, 1, 100), "modulation back to 0"), (Event(END - 9, b"\xd0\x60"), "aftertouch back to 0")],
)
def test_a_vibrato_left_behind_ends(event: Event, words: str) -> None:
    assert amended(song_with(event))[1] == (words,)


def test_it_is_put_right_where_the_first_note_begins_not_while_the_last_one_dies_away() -> None:
    late = phrase(67, 69, step_ticks=480, from_tick=END + 960)
    song, _ = amended(song_with(bend(END - 100, 4000)), late)
    assert (bend_at(song, END + 959), bend_at(song, END + 960)) == (4000, 0)


def test_what_another_track_did_to_the_channel_counts_and_other_channels_do_not() -> None:
    faded = Track("Left hand", phrase(40), events=(control(END - 50, 7, 0),))
    song, words = amended(song_with(control(0, 7, 90), others=(faded,)))
    assert words == ("volume back to 90",)
    assert song.tracks[0].events[-1] == control(END, 7, 90)
    elsewhere = Track("Bass", phrase(40), channel=1, events=(control(END - 50, 7, 0, channel=1),))
    assert amended(song_with(control(0, 7, 90), others=(elsewhere,)))[1] == ()


def test_reset_of_all_controllers_puts_bend_and_pedals_right_by_itself() -> None:
    song = song_with(bend(END - 100, 8191), control(END - 90, 64, 127), control(END - 10, 121, 0))
    assert amended(song) == (song, ())


def test_inside_the_song_what_comes_behind_finds_it_as_it_was() -> None:
    """A take for bar 3, where the fade has begun that the song goes on with from bar 4."""
    notes = phrase(*(60, 62, 64, 65) * 2, step_ticks=480).plus(
        phrase(60, 62, 64, 65, step_ticks=480, from_tick=3 * BAR)
    )
    song = song_with(control(0, 7, 100), control(2 * BAR - 10, 7, 20), notes=notes)
    after, words = amended(song, phrase(67, 69, step_ticks=480, from_tick=2 * BAR), 2 * BAR, 3 * BAR)
    assert words == ("volume back to 100",)
    assert [value_at(after, tick, 7) for tick in (2 * BAR - 1, 2 * BAR, 3 * BAR - 1, 3 * BAR)] == [20, 100, 100, 20]


def test_notes_that_stood_there_say_what_is_right_for_those_in_their_place() -> None:
    """A soft passage is filled in softly."""
    song = song_with(control(0, 7, 100), control(2 * BAR, 7, 40), control(3 * BAR, 7, 100))
    new = phrase(67, 69, 71, 72, step_ticks=480, from_tick=2 * BAR)
    assert amended(song, new, 2 * BAR, 3 * BAR) == (song, ())


@pytest.mark.parametrize("bpm", [60, 100, 132])
def test_after_a_ritardando_the_tempo_is_that_of_the_phrase(bpm: int) -> None:
    slower = tuple(tempo_change(3 * BAR + i * 240, bpm * (1 - i * 0.06)) for i in range(1, 8))
    song, words = amended(song_with(tempos=(tempo_change(0, bpm), *slower)))
    assert words == (f"tempo back to {bpm}",)
    assert song.time_map.tempo_bpm_at(END) == pytest.approx(bpm, abs=0.01)
    assert song.time_map.tempo_bpm_at(END - 1) == pytest.approx(bpm * 0.58, abs=0.01)


def test_a_slower_part_is_no_ritardando_and_other_parts_keep_their_tempo() -> None:
    slower_since_bar_2 = song_with(tempos=(tempo_change(0, 120), tempo_change(BAR, 80)))
    assert amended(slower_since_bar_2)[1] == ()
    goes_on = Track("Bass", phrase(*[40] * 20, step_ticks=480), channel=1)
    song = song_with(tempos=(tempo_change(0, 120), tempo_change(END - 480, 80)), others=(goes_on,))
    assert amended(song) == (song, ())


@given(
    st.lists(
        st.tuples(st.integers(0, END + BAR), st.sampled_from([1, 7, 11, 64, 66, 67, 121]), st.integers(0, 127)),
        max_size=12,
    )
)
def test_whatever_the_phrase_did_new_notes_are_heard_and_no_pedal_is_left_down(
    changes: list[tuple[int, int, int]],
) -> None:
    song, _ = amended(song_with(*(control(*change) for change in changes if change[1] != 121)))
    assert (value_at(song, END, 7) or 100) > 0
    assert (value_at(song, END, 11) or 127) > 0
    for pedal in (64, 66, 67):
        assert (value_at(song, END + BAR, pedal) or 0) < 64 or any(e.tick > END for e in song.tracks[0].events)


def test_without_new_notes_nothing_is_put_right() -> None:
    assert amends_for(song_with(control(0, 7, 0)), 0, TUNE, Notes.of(), END, END + BAR) is NO_AMENDS
    assert amends_for(song_with(control(0, 7, 0)), 0, Notes.of(), NEW, END, END + BAR) is NO_AMENDS


def test_a_phrase_that_was_never_heard_is_continued_at_the_default_volume() -> None:
    assert amended(song_with(control(0, 7, 0)))[1] == ("volume back to 100",)


def test_the_notes_are_left_alone() -> None:
    song, _ = amended(song_with(control(0, 7, 100), control(END - 10, 7, 0), notes=Notes.of([Note(0, 60, END)])))
    assert list(song.tracks[0].notes) == [Note(0, 60, END)]
