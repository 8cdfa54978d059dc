"""Which chord comes next."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from musicassist.harmony.progressions import (
    FACTS,
    LOOK_BACK_ROW,
    ROWS,
    Ground,
    MelodyAround,
    chord_of,
    features,
    laps_of,
    placed_of,
    progression_net,
    state_of,
)
from musicassist.score.chord_track import ChordSpan
from musicassist.score.song import Note, Notes
from musicassist.score.theory import NO_CHORD, Chord, Key, parse_chord
from musicassist.score.timing import TimeMap

BAR = 1920
MELODY = Notes.of(Note(480 * i, 67 + (0, 2, 4, 5)[i % 4], 480) for i in range(32))


def spans_of(names: str, bar_ticks: int = BAR) -> list[ChordSpan]:
    """A chord a bar."""
    return [ChordSpan(i * bar_ticks, (i + 1) * bar_ticks, parse_chord(n)) for i, n in enumerate(names.split())]


def ground(key: Key, shift: int = 0, *, goes_with_melody: bool = False) -> Ground:
    moved = Notes(MELODY.start_tick, MELODY.pitch + shift, MELODY.duration_ticks, MELODY.velocity)
    return Ground(MelodyAround(moved, 480), TimeMap(), key, goes_with_melody)


def test_a_chord_that_the_net_does_not_know_is_the_nearest_that_it_knows() -> None:
    assert [chord_of(state_of(parse_chord(name))) for name in ("C6", "Am7/G", "G9", "F#m7b5")] == [
        parse_chord(name) for name in ("C", "Am7", "G7", "F#m7b5")
    ]
    assert chord_of(state_of(parse_chord("G13b9"))).root == 7


def test_the_same_chord_twice_running_is_one_and_silence_is_none() -> None:
    spans = [*spans_of("C C G"), ChordSpan(3 * BAR, 4 * BAR, Chord(0, NO_CHORD))]
    assert placed_of(spans) == ((0, 2 * BAR, state_of(Chord(0))), (2 * BAR, 3 * BAR, state_of(Chord(7))))


@given(st.integers(-5, 6))
@settings(max_examples=12, deadline=None)
def test_a_song_in_another_key_goes_to_the_same_chords_there(shift: int) -> None:
    net, before = progression_net(), spans_of("C Am F")
    moved = [ChordSpan(s.from_tick, s.to_tick, Chord((s.chord.root + shift) % 12, s.chord.quality)) for s in before]
    own = net.next_chords(ground(Key(0)), before, 3 * BAR, 4 * BAR, 5)
    there = net.next_chords(ground(Key(shift % 12), shift), moved, 3 * BAR, 4 * BAR, 5)
    assert [Chord((chord.root + shift) % 12, chord.quality) for chord, _ in own] == [chord for chord, _ in there]
    np.testing.assert_allclose([share for _, share in own], [share for _, share in there], atol=1e-4)


def test_suggestions_lead_on_and_are_ordered() -> None:
    after = progression_net().next_chords(ground(Key(0)), spans_of("C F G7"), 3 * BAR, 4 * BAR)
    shares = [share for _, share in after]
    assert after[0][0].root in (0, 9)  # home, or a deceptive cadence
    assert shares == sorted(shares, reverse=True)
    assert parse_chord("G7") not in [chord for chord, _ in after]


def test_a_turn_that_came_before_comes_again() -> None:
    turn = "C Am Dm G C Em F Bb C Em F"
    silent = Ground(MelodyAround(Notes.of(), 480), TimeMap(), Key(0))
    (best, share), *_ = progression_net().next_chords(silent, spans_of(turn), 11 * BAR, 12 * BAR)
    (_, plain), *_ = progression_net().next_chords(silent, spans_of("C Em F"), 3 * BAR, 4 * BAR)
    assert (best, share > plain) == (parse_chord("Bb"), True)


def test_chords_that_are_chosen_come_again_only_where_the_melody_does() -> None:
    before = placed_of(spans_of("C G Am Em F C"))
    alike, _ = features(ground(Key(0), goes_with_melody=True), before, 6 * BAR, 7 * BAR)
    assert alike[LOOK_BACK_ROW].sum() == 1
    other = Notes.of([*MELODY.where(MELODY.start_tick < 6 * BAR), Note(6 * BAR, 61, BAR)])
    elsewhere = Ground(MelodyAround(other, 480), TimeMap(), Key(0), goes_with_melody=True)
    rows, facts = features(elsewhere, before, 6 * BAR, 7 * BAR)
    assert rows[LOOK_BACK_ROW:].sum() == 0
    assert (rows.shape, facts.shape) == ((ROWS, 12), (FACTS,))


def test_laps_are_counted_from_bar_lines() -> None:
    chords = placed_of([*spans_of("C G"), ChordSpan(2 * BAR, 2 * BAR + BAR // 2, Chord(5))])
    held = ChordSpan(2 * BAR + BAR // 2, 5 * BAR, Chord(0))
    assert laps_of((*chords, *placed_of([held])), TimeMap()).tolist() == [1, 2, 0]
