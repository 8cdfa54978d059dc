"""What sounds is what the file says: our sound beside that of FluidSynth's own player, by measurement."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lab.sound import agreement
from lab.sound.agreement import MAX_DECIBELS, Difference, beside_player, compare, differences, render_ours, strikes
from lab.sound.agreement_files import tracks_alone, written_file
from lab.sound.reference_player import DRY_TONE, PROOF_SAMPLE_RATE, play_reference
from musicassist.midi.reading import read_song_bytes
from musicassist.score.song import BEFORE_ENDS, BEFORE_STARTS, Event, Note, Notes, Song, Track
from musicassist.sound.fluid_library import is_fluidsynth_here
from musicassist.sound.fluid_synth import BLOCK_FRAMES, FluidSynth
from musicassist.sound.playback import START_DELAY_SECONDS, Playback
from musicassist.sound.soundfont_file import bundled_soundfont
from smf import Row, bend, control, meta, notes, off, on, program, smf

TUNE = (60, 62, 64, 65, 67, 65, 64, 62)


@pytest.fixture(scope="module")
def font() -> Path:
    if not is_fluidsynth_here():
        pytest.fail("libfluidsynth is missing; `make setup` installs it")
    found = bundled_soundfont()
    assert found is not None
    return found


def parameter(channel: int, high: int, low: int, value: int, *, first: int = 101, second: int = 100) -> list[bytes]:
    choice = [control(channel, first, high), control(channel, second, low)]
    return [*choice, control(channel, 6, value), control(channel, 38, 0)]


def header(channel: int, *messages: bytes, tick: int = 0) -> list[Row]:
    return [(tick, message) for message in messages]


def assert_agree(found: list[Difference]) -> None:
    assert found
    worst = [note for note in found if not note.is_small]
    assert not worst, worst


GM_HEADER = [
    program(0, 48), *parameter(0, 0, 0, 2), *parameter(0, 0, 1, 64), *parameter(0, 0, 2, 64),
    control(0, 101, 127), control(0, 100, 127),
]  # fmt: skip


@pytest.mark.parametrize(
    "messages",
    [
        GM_HEADER,
        [*parameter(0, 0, 0, 12), bend(0, 4096)],
        [bend(0, 4096), bend(0, 0)],
        [bend(0, 0), bend(0, -4096)],
        [control(0, 7, 127), control(0, 7, 30)],
        [control(0, 7, 30), control(0, 7, 127)],
        [control(0, 11, 10), control(0, 121, 0), control(0, 7, 60)],
        [control(0, 121, 0), control(0, 11, 40)],
        [program(0, 19), program(0, 73)],
        [program(0, 73), control(0, 0, 0), control(0, 32, 0), program(0, 19)],
        [control(0, 10, 0), control(0, 10, 127)],
        [*parameter(0, 0, 2, 66), *parameter(0, 0, 2, 61)],
        [*parameter(0, 120, 8, 40, first=99, second=98), control(0, 74, 20)],
    ],
    ids=str,
)
@pytest.mark.parametrize("tick", [0, 960])
def test_of_several_messages_on_one_tick_the_last_one_of_the_file_counts(
    messages: list[bytes], tick: int, font: Path
) -> None:
    file = smf([], [*header(0, *messages, tick=tick), *notes(0, TUNE)])
    assert_agree(differences(file, font))


def test_re_pedalling_on_one_tick_holds_the_notes_that_are_let_go_after_it(font: Path) -> None:
    pedal = [(0, control(0, 64, 127)), (960, control(0, 64, 0)), (960, control(0, 64, 127)), (1920, control(0, 64, 0))]
    short = [(tick, message) for tick, message in notes(0, (48, 55, 60, 64), 480, 100)]
    assert_agree(differences(smf([], [*pedal, *short, *notes(0, (72,), start=2400)]), font))


def test_a_program_belongs_to_the_channel_not_to_the_track(font: Path) -> None:
    right, left = [(0, program(0, 19)), *notes(0, (72, 74, 76, 77))], notes(0, (48, 52, 55, 52))
    assert_agree(differences(smf([], right, left), font))
    assert_agree(differences(smf([], left, right), font))


def test_notes_before_the_first_program_change_are_program_0(font: Path) -> None:
    assert_agree(differences(smf([], [*notes(0, TUNE), (900, program(0, 19))]), font))


def test_what_silences_a_channel_silences_it(font: Path) -> None:
    for number in (120, 123):
        rows = [
            (0, program(0, 48)),
            (0, on(0, 60)),
            (600, control(0, number, 0)),
            (960, on(0, 36, 1)),
            (1920, off(0, 60)),
        ]
        assert_agree(differences(smf([], rows), font))


@pytest.mark.parametrize("number", [64, 66])
@pytest.mark.parametrize("is_before", [True, False])
def test_a_file_with_a_pedal_on_the_tick_of_a_note_off_sounds_as_it_is_written(
    number: int, is_before: bool, font: Path
) -> None:
    moment = [(480, control(0, number, 127)), (480, off(0, 60))]
    rows = [(0, program(0, 48)), (0, on(0, 60)), *(moment if is_before else moment[::-1])]
    rows += [(960, on(0, 36, 1)), (1440, off(0, 36)), (2400, control(0, number, 0)), *notes(0, (72,), start=3840)]
    found = differences(smf([], rows), font)
    assert_agree(found)
    wave = render_ours(song_of(smf([], rows)), font)
    held = np.abs(wave[round(1.5 * PROOF_SAMPLE_RATE) : round(2 * PROOF_SAMPLE_RATE)].astype(int)).mean() > 100
    assert held == is_before


def test_a_program_between_the_notes_of_a_tick_counts_from_its_place_on(font: Path) -> None:
    rows = [*notes(0, (60, 62)), (480, on(0, 67)), (480, program(0, 19)), (480, on(0, 71)), (960, off(0, 67))]
    rows += [(960, off(0, 71)), *notes(0, (64, 65), start=960)]
    assert_agree(differences(smf([], rows), font)[-2:])


@pytest.mark.parametrize("control_number", [64, 66])
def test_a_pedal_catches_a_note_that_is_let_go_behind_it_on_its_tick_and_none_before_it(
    control_number: int, font: Path
) -> None:
    def level(place: int) -> float:
        """How loud it is after the note was let go."""
        pedal = Event(480, bytes((0xB0, control_number, 127)), place), Event(1920, bytes((0xB0, control_number, 0)))
        song = Song((Track(notes=Notes.of([Note(0, 60, 480), Note(1900, 36, 10, 1)]), program=48, events=pedal),))
        wave = render_ours(song, font)
        return float(np.abs(wave[round(1.4 * PROOF_SAMPLE_RATE) : round(1.8 * PROOF_SAMPLE_RATE)].astype(int)).mean())

    assert level(BEFORE_ENDS) > 10 * level(BEFORE_STARTS)


class Stage:
    """Playback on FluidSynth's sequencer; the test asks for the samples that a device would."""

    def __init__(self, font: Path, song: Song) -> None:
        self.synth = FluidSynth(font, sample_rate=PROOF_SAMPLE_RATE, tone=DRY_TONE)
        self.playback = Playback(self.synth)
        self.playback.set_song(song)
        self.samples = np.zeros((0, 2), dtype=np.int16)

    def play(self, from_tick: float, seconds: float) -> np.ndarray:
        """What is heard from the start of the song on, shape (n, 2)."""
        start = round((self.synth.now_seconds() + START_DELAY_SECONDS) * PROOF_SAMPLE_RATE) - len(self.samples)
        self.playback.play(from_tick)
        parts = []
        for _ in range(round((seconds + 0.1) / 0.02)):
            self.playback.feed()
            parts.append(self.synth.render(14 * BLOCK_FRAMES))
        played = np.concatenate(parts)
        self.samples = np.concatenate([self.samples, played])
        return played[start:]


def song_of(file: bytes) -> Song:
    return read_song_bytes(file, "test").song


EVERYTHING_CHANGES = smf(
    [],
    [
        *header(0, program(0, 48), control(0, 7, 100), control(0, 10, 20), *parameter(0, 0, 0, 2), bend(0, 2000)),
        *header(0, control(0, 7, 40), control(0, 10, 100), *parameter(0, 0, 0, 12), bend(0, -4096), tick=1920),
        *header(0, program(0, 73), control(0, 11, 60), *parameter(0, 0, 2, 62), control(0, 1, 90), tick=2880),
        *notes(0, (60, 64, 67, 72, 60, 64, 67, 72), 480, 400),
    ],
)


def test_live_playback_agrees_with_render(font: Path) -> None:
    song = song_of(EVERYTHING_CHANGES)
    stage = Stage(font, song)
    rendered = render_ours(song, font)
    assert_agree(list(compare(stage.play(0, 3.8), rendered, strikes(song, 3.5))))
    again = list(compare(stage.play(0, 3.8), rendered, strikes(song, 3.5)))
    assert_agree(again)  # nothing of its end is left when it is played again


@pytest.mark.parametrize("from_tick", [960, 1920, 2400, 2880])
def test_from_the_middle_on_it_sounds_as_in_the_whole(from_tick: int, font: Path) -> None:
    song = song_of(EVERYTHING_CHANGES)
    from_seconds = from_tick / 960
    rendered = render_ours(song, font)[round(from_seconds * PROOF_SAMPLE_RATE) :]
    # What was struck before still rings in the whole: the first note is heard alone only in the jump.
    moments = [second - from_seconds for second in strikes(song, 3.6) if second > from_seconds]
    assert_agree(list(compare(Stage(font, song).play(from_tick, 3.8 - from_seconds), rendered, moments)))


@pytest.mark.parametrize("loop", [(0, 1920), (0, 960), (1920, 3840), (960, 2880), (1920, 2880)])
def test_every_round_of_a_loop_sounds_like_the_first(loop: tuple[int, int], font: Path) -> None:
    song = song_of(EVERYTHING_CHANGES)
    stage = Stage(font, song)
    stage.playback.set_loop(*loop)
    length = (loop[1] - loop[0]) / 960
    heard = stage.play(loop[0], 4 * length)
    seconds = [second - loop[0] / 960 for second in strikes(song) if loop[0] / 960 <= second < loop[1] / 960]
    for number in (2, 3):
        first, later = (heard[round(n * length * PROOF_SAMPLE_RATE) :] for n in (1, number))
        assert_agree(list(compare(later, first, seconds[1:])))
    first = heard[: round((length + 0.3) * PROOF_SAMPLE_RATE)]
    assert_agree(list(compare(heard[round(length * PROOF_SAMPLE_RATE) :], first, seconds[1:])))


def test_many_ordered_messages_of_one_moment_are_obeyed_in_order_by_the_sequencer(font: Path) -> None:
    messages = [m for value in (70, 40, 60, 52, 64, 66, 64) for m in parameter(0, 0, 2, value)]
    messages += [control(0, 7, value) for value in (10, 127, 20, 100)] + [program(0, n) for n in (5, 19, 48)]
    song = song_of(smf([], [*header(0, *messages), *header(0, *messages[::-1], *messages, tick=960), *notes(0, TUNE)]))
    assert_agree(list(compare(Stage(font, song).play(0, 3.8), render_ours(song, font), strikes(song, 3.5))))


@pytest.mark.parametrize("seed", range(4))
def test_written_files_with_every_controller_sound_as_fluidsynths_player_has_them(seed: int, font: Path) -> None:
    notes_heard = [
        note
        for track in tracks_alone(written_file(seed))
        for note in differences(track, font, most_seconds=20)
        if note.is_heard
    ]
    assert len(notes_heard) > 50
    assert np.mean([note.is_small for note in notes_heard]) >= 0.99


def test_the_comparison_hears_what_is_wrong(font: Path) -> None:
    right = ours = song_of(smf([], [(0, program(0, 80)), *notes(0, TUNE)]))
    reference = render_ours(right, font)
    for wrong, attribute, least in (
        ([(0, program(0, 80)), *notes(0, [pitch + 1 for pitch in TUNE])], "cents", 90),
        ([(0, program(0, 80)), (0, control(0, 7, 80)), *notes(0, TUNE)], "decibels", 3),
        ([(0, program(0, 80)), *notes(0, TUNE, start=5)], "onset_ms", 3.5),
    ):
        found = compare(render_ours(song_of(smf([], wrong)), font), reference, strikes(ours, 3.5)[1:])
        assert np.median([abs(getattr(note, attribute)) for note in found]) > least, attribute


IN_A_CLUSTER = [
    row
    for tick in range(0, 3840, 480)
    for key, late in ((52, 0), (64, 1 + tick // 480), (76, 2 + tick // 240))
    for row in ((tick + late, on(0, key)), (tick + 400, off(0, key)))
]


def test_notes_that_begin_a_block_apart_are_right_although_their_sum_depends_on_the_clocks(font: Path) -> None:
    tempo = (0, meta(0x51, (1_100_000).to_bytes(3, "big")))  # half a tick is 1.1 ms
    tracks = [[(0, program(channel, 80))] for channel in (0, 1)]
    for tick in range(0, 3840, 480):
        for channel, late in ((0, 0), (1, tick // 480)):
            tracks[channel] += [(tick + late, on(channel, 65)), (tick + 400, off(channel, 65))]
    file = smf([tempo], *tracks)
    assert_agree(differences(file, font))
    song, played = song_of(file), play_reference(file, font)
    sums = list(compare(render_ours(song, font), played.samples, strikes(song)))
    assert max(abs(note.decibels) for note in sums) > MAX_DECIBELS


@pytest.mark.parametrize("rows", [notes(0, TUNE), IN_A_CLUSTER], ids=["a tune", "a cluster"])
@pytest.mark.parametrize(
    ("wrong", "attribute"),
    [
        ([control(0, 7, 91)], "decibels"),  # 1.6 dB below the usual 100
        ([control(0, 11, 116)], "decibels"),
        ([bend(0, 410)], "cents"),  # 10 of them
        ([*parameter(0, 0, 1, 70)], "cents"),
        ([], "onset_ms"),  # 4.2 ms late
    ],
    ids=["volume", "expression", "bend", "tuning", "time"],
)
def test_a_fault_of_one_and_a_half_decibels_ten_cents_or_four_milliseconds_is_heard_in_the_notes(
    wrong: list[bytes], attribute: str, rows: list[Row], font: Path
) -> None:
    played = play_reference(smf([], [(0, program(0, 4)), *rows]), font)
    late = 0 if wrong else 4
    song = song_of(smf([], [(0, program(0, 4)), *header(0, *wrong), *((tick + late, data) for tick, data in rows)]))
    found = list(beside_player(song, played, font))
    assert len(found) == sum(data[0] == 0x90 for _, data in rows)
    assert np.mean([note.is_small for note in found]) < 0.1
    least = {"decibels": 1.4, "cents": 8, "onset_ms": 3}[attribute]
    assert np.median([abs(getattr(note, attribute)) for note in found]) >= least


def test_a_renderer_that_is_four_milliseconds_late_is_heard_although_the_messages_are_right(
    font: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = smf([], notes(0, TUNE, start=480))
    played, song = play_reference(file, font), song_of(file)
    exact = FluidSynth._block_at
    monkeypatch.setattr(FluidSynth, "_block_at", lambda self, seconds: exact(self, seconds) + 3)
    assert not [note for note in beside_player(song, played, font) if note.is_small]


def test_a_note_of_the_file_that_is_missing_in_the_song_is_a_difference(
    font: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = smf([], notes(0, TUNE))
    lacking = song_of(smf([], [row for row in notes(0, TUNE) if row[0] != 960 or row[1][0] != 0x90]))
    monkeypatch.setattr(
        agreement, "read_song_bytes", lambda data, name: replace(read_song_bytes(data, name), song=lacking)
    )
    found = differences(whole, font)
    assert len(found) == len(TUNE)
    assert [note.seconds for note in found if not note.is_small] == pytest.approx([1.0], abs=0.002)


def test_half_a_choice_of_a_parameter_does_not_meet_the_rest_of_a_later_one(font: Path) -> None:
    half = [(480, control(0, 98, 52)), (480, control(0, 6, 80))]
    whole = [(1920, message) for message in parameter(0, 120, 52, 64, first=99, second=98)]
    assert_agree(differences(smf([], [*half, *whole, *notes(0, TUNE)]), font))


@pytest.mark.parametrize("first_key", [75, 58])
def test_of_two_keys_let_go_on_one_tick_the_one_that_went_down_first_goes_up_first(first_key: int, font: Path) -> None:
    other = 133 - first_key
    rows = [(0, program(0, 48)), (0, control(0, 68, 127)), (0, on(0, first_key)), (240, on(0, other))]
    rows += [(480, off(0, first_key)), (480, off(0, other)), (540, on(0, 36, 1)), (1440, off(0, 36))]
    assert_agree(differences(smf([], rows), font))
