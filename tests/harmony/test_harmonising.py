"""Progressions for a melody."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from harmony.test_progressions import spans_of
from musicassist.harmony.harmonising import (
    MIN_DIFFERENCE,
    OUTSIDE_SHARES,
    STYLES,
    Progression,
    difference,
    go_on,
    harmonise,
    outside_share,
)
from musicassist.score.song import KeyChange, Note, Notes, Song, Track
from musicassist.score.theory import Key, parse_chord
from musicassist.score.timing import MeterChange

BAR = 1920
# "Twinkle, twinkle" and its middle, in C.
TUNE = "C4 C4 G4 G4 A4 A4 G4- F4 F4 E4 E4 D4 D4 C4- G4 G4 F4 F4 E4 E4 D4- G4 G4 F4 F4 E4 E4 D4-"
STEPS = {"C": 60, "D": 62, "E": 64, "F": 65, "G": 67, "A": 69}


def tune(words: str = TUNE, beat: int = 480) -> Notes:
    notes, tick = [], 0
    for word in words.split():
        ticks = beat * (2 if word.endswith("-") else 1)
        notes.append(Note(tick, STEPS[word[0]], ticks))
        tick += ticks
    return Notes.of(notes)


MELODY = tune(f"{TUNE} {' '.join(TUNE.split()[:14])}")
SONG = Song((Track("Melody", MELODY),), key_changes=(KeyChange.of(0, Key(0)),))


def progressions(song: Song = SONG, bars: int = 12, **asked: object) -> tuple[Progression, ...]:
    return harmonise(song, song.tracks[0].notes, 0, bars * BAR, **asked)  # type: ignore[arg-type]


@pytest.mark.parametrize("style", STYLES)
def test_a_style_keeps_its_share_of_tones_outside_the_key(style: str) -> None:
    lowest, highest = OUTSIDE_SHARES[style]
    for one in progressions(style=style, count=3, seed=5):
        assert outside_share(one.spans, Key(0)) == pytest.approx(one.outside_share)
        assert lowest - 1e-9 <= one.outside_share <= highest + 1e-9


def test_rich_has_sevenths_and_plain_none_but_the_dominants() -> None:
    plain, rich = (progressions(style=style, count=2)[0].spans for style in ("plain", "rich"))
    assert {str(s.chord) for s in plain if len(s.chord.pitch_classes) > 3} <= {"G7"}
    four = sum(s.to_tick - s.from_tick for s in rich if len(s.chord.pitch_classes) > 3)
    assert four >= 0.4 * 12 * BAR


def test_several_differ_in_a_quarter_of_the_time_and_come_in_the_order_of_their_cost() -> None:
    found = progressions(count=4, seed=2)
    assert len(found) == 4
    pairs = [(a, b) for i, a in enumerate(found) for b in found[:i]]
    assert min(difference(a.spans, b.spans, SONG.time_map) for a, b in pairs) >= MIN_DIFFERENCE
    assert [one.cost for one in found] == sorted(one.cost for one in found)


def test_they_begin_and_end_at_home_without_gaps_and_not_beyond_the_melody() -> None:
    short = Song((Track("Melody", MELODY.where(MELODY.start_tick < 12 * BAR - 960)),), key_changes=SONG.key_changes)
    for song, end in ((SONG, 12 * BAR), (short, 12 * BAR - 960)):
        for one in progressions(song, 16, count=3):
            edges = [(span.from_tick, span.to_tick) for span in one.spans]
            assert (edges[0][0], edges[-1][1]) == (0, end)
            assert all(before[1] == after[0] for before, after in pairwise(edges))
    assert {str(one.spans[-1].chord) for one in progressions(count=4)} == {"C"}  # it closes on C
    assert {one.spans[0].chord.root for one in progressions(count=4)} <= {0, 9}


def test_the_same_seed_gives_the_same_and_another_seed_others() -> None:
    assert progressions(count=2, seed=7) == progressions(count=2, seed=7)
    assert len({progressions(count=1, seed=seed)[0].spans for seed in range(6)}) > 1


def test_chords_go_with_the_tones_of_the_melody() -> None:
    one = progressions(count=1)[0]
    on_beat = [(n, next(s.chord for s in one.spans if s.from_tick <= n.start_tick < s.to_tick)) for n in MELODY]
    assert sum(n.pitch % 12 in chord.pitch_classes for n, chord in on_beat) >= 0.8 * len(on_beat)


def test_chosen_bars_alone_are_redrawn_between_what_stays() -> None:
    before, behind = spans_of("C F C F"), [replace(s, from_tick=s.from_tick + 6 * BAR) for s in spans_of("Dm G7 C")]
    behind = [replace(s, to_tick=s.from_tick + BAR) for s in behind]
    found = harmonise(SONG, MELODY, 4 * BAR, 6 * BAR, count=2, seed=1, before=before, behind=behind)
    assert all((one.spans[0].from_tick, one.spans[-1].to_tick) == (4 * BAR, 6 * BAR) for one in found)
    assert all(one.spans[0].chord != parse_chord("F") for one in found)


def test_a_pickup_has_no_chord_of_its_own() -> None:
    late = Notes.of([Note(1440, 67, 480), *(replace(n, start_tick=n.start_tick + BAR) for n in tune())])
    song = Song((Track("Melody", late),), key_changes=SONG.key_changes)
    assert progressions(song, 9, count=1)[0].spans[0].from_tick == BAR


def test_where_nothing_sounds_there_is_nothing_to_harmonise() -> None:
    assert harmonise(SONG, Notes.of(), 0, BAR) == ()
    assert harmonise(SONG, MELODY, 20 * BAR, 24 * BAR) == ()


def test_chords_begin_on_bar_lines_outside_common_time() -> None:
    song = replace(SONG, meter_changes=(MeterChange(0, 3, 4),))
    starts = [s.from_tick for s in harmonise(song, MELODY, 0, 12 * BAR, count=1)[0].spans]
    assert all(tick % 1440 == 0 for tick in starts)


def test_chords_go_on_into_bars_that_have_no_melody_yet() -> None:
    turn = spans_of("C Am F G C Am F G")
    found = go_on(SONG, turn, 8 * BAR, 12 * BAR, seed=1)
    assert (found[0].from_tick, found[-1].to_tick) == (8 * BAR, 12 * BAR)
    assert found == go_on(SONG, turn, 8 * BAR, 12 * BAR, seed=1)
    roots = [next(s.chord.root for s in found if s.from_tick <= bar * BAR < s.to_tick) for bar in range(8, 12)]
    assert sum(root == wanted for root, wanted in zip(roots, (0, 9, 5, 7), strict=True)) >= 3


def test_a_closed_end_is_led_to_by_the_dominant() -> None:
    ends = [one.spans[-2].chord.root for seed in range(3) for one in progressions(count=2, seed=seed)]
    assert sum(root == 7 for root in ends) >= 5


@pytest.mark.parametrize(("style", "shift"), [("plain", 3), ("rich", -4), ("chromatic", 6)])
def test_a_song_in_another_key_gets_the_same_chords_there(style: str, shift: int) -> None:
    moved = Notes(MELODY.start_tick, MELODY.pitch + shift, MELODY.duration_ticks, MELODY.velocity)
    song = Song((Track("Melody", moved),), key_changes=(KeyChange.of(0, Key(shift % 12)),))
    for own, there in zip(progressions(style=style, count=2), progressions(song, style=style, count=2), strict=True):
        turned = [(s.from_tick, (s.chord.root + shift) % 12, s.chord.quality) for s in own.spans]
        assert [(s.from_tick, s.chord.root, s.chord.quality) for s in there.spans] == turned
