"""What foreign programs heard of calls and answers is judged rightly, and what is wrong is seen."""

from __future__ import annotations

from lab.sound.exchanges import answers_of, beat_seconds, calls_of, chord_seconds, keyboard_command
from lab.sound.jack_system import Heard, heard_messages
from musicassist.score.midi_bytes import NOTE_ON
from musicassist.sound.metronome import CONTINUE, PULSE, SONG_POSITION, START

BPM = 120.0
BEAT, BAR = 0.5, 2.0
CALLS = calls_of((1,), (0.5,))  # its last key goes up at 2.15 s, so that the answer is due at 4 s


def struck(seconds: float, pitch: int, channel: int = 0) -> Heard:
    return seconds, bytes((NOTE_ON | channel, pitch, 64))


def clock(seconds: float) -> list[Heard]:
    pulses = [(pulse * BEAT / 24, bytes((PULSE,))) for pulse in range(round(seconds / BEAT * 24))]
    return [(0.0, bytes((START,))), *pulses]


def played(*own: Heard) -> list[Heard]:
    """The keys of the call, passed on, and what the program plays by itself."""
    keys = [struck(stroke.at_beats * BEAT, stroke.pitch) for call in CALLS for stroke in call.strokes()]
    return sorted([*clock(12), *keys, *own], key=lambda heard: heard[0])


def test_an_answer_on_the_bar_line_misses_it_by_nothing() -> None:
    answers = answers_of(played(struck(4.0, 60), struck(4.5, 62)), CALLS, BPM)
    assert (answers.calls, answers.misplaced, answers.errors.tolist()) == (1, 0, [0.0])


def test_a_late_answer_and_a_later_bar_are_seen() -> None:
    assert answers_of(played(struck(4.25, 60)), CALLS, BPM).errors.tolist() == [0.25]
    assert answers_of(played(struck(6.0, 60)), CALLS, BPM).errors.tolist() == [BAR]


def test_an_early_note_and_silence_are_seen() -> None:
    assert answers_of(played(struck(2.0, 72), struck(4.0, 60)), CALLS, BPM).misplaced == 1
    assert len(answers_of(played(), CALLS, BPM).errors) == 0


def test_beats_are_counted_as_a_drum_machine_counts_them() -> None:
    assert beat_seconds(clock(2.0), BPM) == {0: 0.0, 1: 0.5, 2: 1.0, 3: 1.5}
    place = [(0.0, bytes((SONG_POSITION, 2, 0))), (0.0, bytes((CONTINUE,)))]
    pulses = [(1.0 + pulse * BEAT / 24, bytes((PULSE,))) for pulse in range(24)]
    assert beat_seconds([*place, *pulses], BPM) == {1: 1.25}  # the second sixteenth of the pair is half a beat away


def test_beats_are_found_where_pulses_are_lost_and_frames_drift() -> None:
    start, *pulses = clock(8.0)
    drifting = [(seconds * 0.998, data) for row, (seconds, data) in enumerate(pulses) if row % 7 != 3]
    beats = beat_seconds([start, *drifting], BPM)
    assert len(beats) >= 12 and all(abs(seconds - 0.499 * beat) < 0.001 for beat, seconds in beats.items())


def test_the_keys_of_a_chord_are_one() -> None:
    chords = [struck(1.0, 48, 1), struck(1.003, 60, 1), struck(1.5, 60, 0), struck(2.0, 50, 1)]
    assert chord_seconds(chords, channel=1).tolist() == [1.0, 2.0]


def test_calls_leave_room_for_their_answers_and_the_keyboard_plays_them_once() -> None:
    calls = calls_of((1, 8, 2), (0.0, 0.5, 1.3))
    assert [call.at_beats for call in calls] == [0.0, 16.5, 16 + 72 + 1.3]
    command = keyboard_command("keys", list(calls[0].strokes()), BPM, before_seconds=1.0)
    assert command[:2] == ("jack_midiseq", "keys") and int(command[2]) > 5 * 48000
    assert command[3:9] == ("48000", "60", "19200", "72000", "62", "19200")


def test_the_receivers_words_are_understood() -> None:
    dump = "  48000: 90 3c 40 note on  (channel  0): pitch  60, velocity  64\n 96000: c1 05 program\n 144000: f8\n\n x"
    assert list(heard_messages(dump)) == [(1.0, b"\x90\x3c\x40"), (2.0, b"\xc1\x05"), (3.0, b"\xf8")]
