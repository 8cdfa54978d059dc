"""The accompanist in a session: chords are sent a beat ahead, on the beat, in key, and can be written."""

from __future__ import annotations

from builders import phrase
from ensemble_desk import EnsembleDesk
from harmony.test_detection import block
from musicassist.document.song_edits import add_track, write_chord
from musicassist.harmony.slots import slot_after
from musicassist.score.midi_bytes import NOTE_OFF, NOTE_ON
from musicassist.score.song import KeyChange, Notes, Song, Track
from musicassist.score.theory import Chord, Key
from musicassist.score.timing import MeterChange, TimeMap
from musicassist.session.duet import NAME, STEP, Duet
from musicassist.sound.messages import MidiReceived
from musicassist.sound.schedule import audible_tracks

BAR = 1920
MELODY = phrase(67, 64, 60, 64, 65, 69, 72, 69, 67, 71, 74, 71, 72, 67, 64, 60, step_ticks=480)


class DuetDesk(EnsembleDesk):
    """A song in C plays, with somebody who accompanies it."""

    def __init__(self, notes: Notes = MELODY) -> None:
        super().__init__(Song(tracks=(Track("Melody", notes),), key_changes=(KeyChange(0, 0),)))
        self.duet = Duet(self.session)
        self.duet.toggle()
        self.duet.on_frame()
        self.session.transport.play()
        self.sent: list[tuple[float, int]] = []  # where the playhead was, and where the chord begins

    def wind_to(self, tick: int) -> None:
        while self.sound.position < tick:
            self.sound.position = min(tick, self.sound.position + 15)
            count = len(self.chords)
            self.duet.on_frame()
            self.sent += [(self.sound.position, start) for start in sorted(self.chords)[count:]]

    @property
    def chords(self) -> dict[int, list[int]]:
        """What sounds beside the song, by where it begins."""
        assert self.sound.song is not None
        found: dict[int, list[int]] = {}
        for track in self.sound.song.tracks[len(self.document.song.tracks) :]:
            for note in track.notes:
                found.setdefault(note.start_tick, []).append(note.pitch)
        return found


def test_each_chord_is_sent_more_than_a_beat_before_it_sounds() -> None:
    desk = DuetDesk()
    desk.wind_to(4 * BAR - 1)
    assert len(desk.sent) >= 7
    assert all(start - sent >= 480 for sent, start in desk.sent)
    assert [start for _, start in desk.sent] == [960 * i for i in range(1, len(desk.sent) + 1)]


def test_the_first_chord_of_a_song_that_is_known_is_ready_before_it_begins() -> None:
    desk = DuetDesk()
    assert desk.sound.position == 0
    assert {pitch % 12 for pitch in desk.chords[0]} == {0, 4, 7}


def test_chords_are_in_key_fit_the_song_that_is_known_and_lie_under_it() -> None:
    desk = DuetDesk()
    desk.wind_to(4 * BAR - 1)
    assert all(Key(0).has_pitch(pitch) for pitches in desk.chords.values() for pitch in pitches)
    assert {pitch % 12 for pitch in desk.chords[BAR]} <= {5, 9, 0, 4, 2}  # an F, or its relative, under F A C A
    assert desk.chords[2 * BAR][0] % 12 in (7, 11)  # a dominant under G B D B


def test_a_chord_that_cannot_be_sent_a_beat_ahead_is_left_out() -> None:
    desk = DuetDesk()
    desk.sound.position = 500  # the window was frozen, or the duet was switched on here
    desk.wind_to(4 * BAR - 1)
    assert sorted(desk.chords)[:3] == [0, 2 * 960, 3 * 960]


def test_it_is_heard_beside_a_track_that_plays_solo() -> None:
    desk = DuetDesk()
    desk.session.tracks.set_soloed(0, soloed=True)
    desk.wind_to(BAR)
    assert [track.name for track in audible_tracks(desk.sound.song)] == ["Melody", NAME]


def test_what_is_soloed_alone_is_accompanied() -> None:
    desk = DuetDesk()
    desk.document.apply("", add_track(desk.document.song, Track("Other", phrase(61, step_ticks=4 * BAR))))
    desk.session.tracks.set_soloed(0, soloed=True)
    desk.wind_to(4 * BAR - 1)
    assert all(pitch % 12 != 1 for pitches in desk.chords.values() for pitch in pitches)


def test_a_bar_that_is_cut_short_has_no_chord_without_length() -> None:
    time_map = TimeMap(meter_changes=(MeterChange(0, 4, 4), MeterChange(1921, 3, 4)))
    assert all(slot_after(time_map, tick).to_tick > slot_after(time_map, tick).from_tick for tick in range(1900, 1940))


def test_what_was_heard_in_any_round_of_a_loop_can_be_written() -> None:
    desk = DuetDesk()
    desk.session.transport.set_loop(0, 4 * BAR)
    desk.wind_to(4 * BAR - 1)
    desk.sound.position = 0
    desk.wind_to(1000)
    desk.session.transport.stop()
    desk.duet.write()
    assert sorted({note.start_tick for note in desk.document.song.tracks[-1].notes}) == [960 * i for i in range(8)]


def test_in_a_loop_silent_rounds_are_planned_anew_and_its_beginning_is_thought_of_before_its_end() -> None:
    desk = DuetDesk(Notes.of())
    desk.session.transport.set_loop(0, 2 * BAR)
    desk.wind_to(2 * BAR - 1)
    assert not desk.chords
    desk.document.apply("", desk.document.song.with_track(0, Track("Melody", MELODY)))
    desk.sound.position = 0
    desk.wind_to(2 * BAR - 200)
    assert sorted(desk.chords) == [0, 960, BAR, BAR + 960]
    assert desk.sent[-1][1] == 0 or 0 in desk.chords


def test_it_is_silent_beside_silence() -> None:
    desk = DuetDesk(Notes.of())
    desk.wind_to(3 * BAR)
    assert not desk.chords and not desk.duet.has_played


def test_what_is_played_by_hand_is_accompanied() -> None:
    desk = DuetDesk(Notes.of())
    for i, pitch in enumerate((67, 71, 74, 71)):
        desk.wind_to(i * 480)
        desk.session.receive(MidiReceived((0.0,), (i * 480,), (bytes((NOTE_ON, pitch, 80)),)))
        desk.wind_to(i * 480 + 400)
        desk.session.receive(MidiReceived((0.0,), (i * 480 + 400,), (bytes((NOTE_OFF, pitch, 0)),)))
    desk.wind_to(BAR)
    assert desk.chords[BAR]
    assert desk.sound.runs_past_end
    desk.wind_to(4 * BAR)
    assert max(desk.chords) <= 3 * BAR  # whoever rests is not played over


def test_another_song_has_nothing_of_the_accompaniment() -> None:
    desk = DuetDesk()
    desk.wind_to(BAR)
    desk.session.new()
    assert not desk.chords and not desk.duet.has_played


def test_what_was_heard_can_be_written_as_one_step() -> None:
    desk = DuetDesk()
    desk.wind_to(2 * BAR - 200)
    desk.session.transport.stop()
    desk.duet.toggle()
    assert not desk.chords
    shelf = desk.session.shelf
    (name,) = shelf.names()  # whoever does not write it finds it there
    assert [row.name for row in shelf[name].offer.takes[0].new_tracks] == [NAME]
    desk.duet.write()
    track = desk.document.song.tracks[-1]
    assert (track.name, desk.session.document.undo_name) == (NAME, STEP)
    assert track.channel != desk.document.song.tracks[0].channel
    assert sorted(set(track.notes.start_tick.tolist())) == [0, 960, BAR, BAR + 960]
    assert desk.document.track.name == "Melody"
    assert not desk.duet.has_played


def test_the_chords_of_the_song_are_played_where_it_has_some() -> None:
    desk = DuetDesk()
    desk.session.document.apply(
        "Add track", add_track(desk.document.song, Track("Piano", block("Am F Dm E"), channel=1))
    )
    desk.wind_to(4 * BAR - 1)
    assert [desk.chords[bar * BAR][0] % 12 for bar in (1, 2, 3)] == [5, 2, 4]
    assert {pitch % 12 for pitch in desk.chords[3 * BAR]} == {4, 8, 11}  # no chord of C: the song's own


def test_what_is_written_is_played_before_what_is_heard() -> None:
    desk = DuetDesk()
    written = write_chord(desk.document.song, BAR, 2 * BAR, Chord(10, "maj7"))
    desk.session.document.apply("Write chord", written)
    desk.wind_to(4 * BAR - 1)
    assert desk.chords[BAR][0] % 12 == 10
    assert {2, 9} <= {pitch % 12 for pitch in desk.chords[BAR]} <= {10, 2, 5, 9}
    assert all(Key(0).has_pitch(pitch) for pitch in desk.chords[2 * BAR])  # its own choice again
