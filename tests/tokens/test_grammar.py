"""Whatever is drawn at random from what the grammar allows meets every demand."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from melodies import bars_of, even_melody, melodies
from musicassist.score.theory import SCALES, Chord, Key, parse_chord
from musicassist.score.timing import TimeMap
from musicassist.tokens.codec import Melody, Surroundings
from musicassist.tokens.context import MelodyContext
from musicassist.tokens.demands import FIFTH, MAX_REPEATS, Demands, End
from musicassist.tokens.grammar import MAX_COPY, Grammar
from musicassist.tokens.vocabulary import MAX_INTERVAL, STEPS_PER_BEAT

Row = tuple[int, int, int, int]
METERS = ((4, 4), (3, 4), (2, 4), (6, 8), (7, 8), (5, 4), (12, 8), (5, 16), (1, 16), (3, 2), (12, 4))
EVERY_PITCH = np.ones(128, dtype=bool)
EVERY_PITCH.setflags(write=False)


def context_of(seed: Melody, place: Surroundings) -> MelodyContext:
    context = MelodyContext(place)
    for note in seed:
        context.append(*note)
    return context


def random_take(
    demands: Demands,
    context: MelodyContext,
    random: np.random.Generator,
    *,
    begun_notes: int = 0,
    end_share: float = 0.5,
    pace: str = "any",
) -> list[Row]:
    """A take by a composer who knows nothing: each choice is any one that the grammar allows."""
    grammar = Grammar(demands, context, begun_notes=begun_notes)
    while not grammar.is_complete:
        gaps = np.flatnonzero(grammar.gaps())
        if not len(gaps) or (grammar.may_end and random.random() < end_share):
            assert grammar.may_end
            break
        gap = int(gaps[0] if pace == "fast" else random.choice(gaps))
        intervals = np.flatnonzero(grammar.intervals(gap))
        nearest = grammar.nearest_pitch(gap)
        pitch = context.pitch[-1] + int(random.choice(intervals)) - MAX_INTERVAL if len(intervals) else nearest
        durations = np.flatnonzero(grammar.durations(gap, pitch))
        assert len(durations)
        duration = durations[-1] if pace == "slow" else durations[0] if pace == "fast" else random.choice(durations)
        context.append(context.onset[-1] + gap, pitch, int(duration), 80)
        grammar.chose()
    return rows_of(context)


def rows_of(context: MelodyContext) -> list[Row]:
    return [(on, p, d, 80) for on, p, d in zip(context.onset, context.pitch, context.duration, strict=True)]


def signatures(take: list[Row], bars: TimeMap, from_step: int, to_step: int) -> list[tuple[tuple[int, int], ...]]:
    """Onsets and pitches of each bar of a span."""
    first, last = bars.bar_at(from_step), bars.bar_at(to_step - 1)
    places = [(*bars.bar_and_offset_ticks(on), p) for on, p, _, _ in take]
    return [tuple((at, p) for bar, at, p in places if bar == own) for own in range(first, last + 1)]


def leading_of(key: Key, low: int, high: int) -> dict[int, int]:
    steps = key.leading_steps
    found: dict[int, int] = {}
    for pitch in range(high, low - 1, -1):
        target = pitch + steps.get(pitch % 12, 0)
        if pitch < target <= high and (target in found or key.has_pitch(target)):
            found[pitch] = target
    return found


@st.composite
def ends(draw: st.DrawFn, bars: TimeMap, to_step: int) -> End:
    """Any end: open, closed with and without a pickup behind it, near some pitch, or in one place."""
    start = bars.bar_start_tick(bars.bar_at(to_step - 1))
    by_step = to_step - draw(st.integers(0, (to_step - start) // 2))
    pitches = np.isin(np.arange(128) % 12, draw(st.lists(st.integers(0, 11), min_size=1, max_size=4)))
    near = np.abs(np.arange(128) - draw(st.integers(0, 127))) <= draw(st.sampled_from([2, 7]))
    middle = start + (to_step - start) // 2
    places = (start, middle) if middle < by_step else (start,)
    return draw(
        st.sampled_from(
            [
                End(by_step),
                End(by_step, pitches, places, STEPS_PER_BEAT, STEPS_PER_BEAT),
                End(pitches=near),
                End(pitches=pitches, places=(draw(st.integers(start, to_step - 1)),)),
            ]
        )
    )


@st.composite
def tasks(draw: st.DrawFn) -> tuple[Demands, MelodyContext]:
    """Any seed, meter, meter change, span, range, scale and density."""
    bars = bars_of((0, *draw(st.sampled_from(METERS))))
    if draw(st.booleans()):
        line = bars.bar_start_tick(draw(st.integers(1, 30)))
        bars = replace(
            bars, meter_changes=(*bars.meter_changes, *bars_of((line, *draw(st.sampled_from(METERS)))).meter_changes)
        )
    seed = draw(melodies(most=12))
    end = int(seed.onset_step[-1] + seed.duration_steps[-1])
    to_step = bars.bar_start_tick(bars.bar_at(bars.bar_line_at_or_after(end)) + draw(st.integers(1, 8)))
    first = bars.bar_line_at_or_after(end) if draw(st.booleans()) else None
    assume(first is None or first - int(seed.onset_step[-1]) <= 96)
    low = draw(st.integers(0, 127))
    allowed = np.zeros(128, dtype=bool)
    allowed[low : low + draw(st.sampled_from([1, 2, 3, 12, 40]))] = True
    leading: dict[int, int] = {}
    if draw(st.booleans()):
        key = Key(draw(st.integers(0, 11)), draw(st.sampled_from(["minor", *SCALES])))
        inside = np.flatnonzero(allowed)
        leading = leading_of(key, int(inside[0]), int(inside[-1])) if len(inside) else {}
        allowed &= np.isin(np.arange(128) % 12, list(key.pitch_classes))
    assume(allowed.any())
    density = draw(st.none() | st.sampled_from([0.1, 0.5, 1.0, 2.0, 4.0]))
    demands = Demands(bars, end, to_step, allowed, latest_first_step=first, notes_per_beat=density, leading=leading)
    demands = replace(demands, end=draw(ends(bars, to_step)), most_leaps=draw(st.none() | st.integers(0, 2)))
    return demands, context_of(seed, Surroundings(bars))


@settings(max_examples=300)
@given(tasks(), st.integers(0, 2**32), st.sampled_from(["any", "slow", "fast"]))
def test_whatever_is_chosen_meets_every_demand(task: tuple[Demands, MelodyContext], seed: int, pace: str) -> None:
    demands, context = task
    seed_notes = len(context)
    take = random_take(demands, context, np.random.default_rng(seed), pace=pace)[seed_notes:]
    bars = demands.bars
    onsets, ends = [on for on, _, _, _ in take], [on + d for on, _, d, _ in take]
    end = demands.end
    assert ends[-1] <= (demands.to_step if end.by_step is None else end.by_step)
    assert onsets[0] >= demands.from_step
    assert demands.latest_first_step is None or onsets[0] <= demands.latest_first_step
    assert all(end <= after for end, after in zip(ends, onsets[1:], strict=False))
    pitches = [pitch for _, pitch, _, _ in take]
    assert all(demands.pitch_allowed[p] or demands.leading[p] == after for p, after in pairwise(pitches))
    assert demands.pitch_allowed[pitches[-1]]  # what leads up has led before the end
    assert onsets[-1] >= bars.bar_start_tick(bars.bar_at(demands.to_step - 1))  # the last bar has a note
    own = signatures(take, bars, demands.from_step, demands.to_step)
    if demands.pitch_allowed.sum() > 1:
        assert not any(a == b == c and a for a, b, c in zip(own, own[1:], own[2:], strict=False))
    begun = bars.bar_at(demands.from_step)
    if demands.notes_per_beat is not None:
        for bar, notes in enumerate(own, begun):
            beats = (bars.bar_start_tick(bar + 1) - bars.bar_start_tick(bar)) / STEPS_PER_BEAT
            assert len(notes) <= max(1, round(demands.notes_per_beat * beats)) + 2 * (beats > 8)
    first_bar = bars.bar_at(onsets[0])
    if bars.bar_at(demands.to_step - 1) - first_bar >= 3:
        assert len({pitch for _, pitch, _, _ in take}) >= min(3, demands.pitch_allowed.sum())


@given(st.data(), st.sampled_from(METERS[:4]), st.integers(0, 2**32), st.sampled_from(["any", "slow", "fast"]))
def test_where_nothing_stands_against_it_a_take_ends_as_asked(
    data: st.DataObject, meter: tuple[int, int], seed: int, pace: str
) -> None:
    bars = bars_of((0, *meter))
    to_step = bars.bar_start_tick(data.draw(st.integers(2, 6)))
    end = data.draw(ends(bars, to_step))
    assume(not end.places or (end.by_step or to_step) - end.places[-1] >= end.least_steps)
    demands = Demands(bars, bars.bar_start_tick(1), to_step, EVERY_PITCH, end=end, most_leaps=1)
    context = context_of(even_melody(60, 62), Surroundings(bars))
    take = random_take(demands, context, np.random.default_rng(seed), pace=pace)[2:]
    onset, pitch, duration, _ = take[-1]
    assert end.pitches is None or end.pitches[pitch] or abs(take[-2][1] - np.flatnonzero(end.pitches)).min() > FIFTH
    assert not end.places or onset in end.places
    last_bar_steps = (end.by_step or to_step) - bars.bar_start_tick(bars.bar_at(to_step - 1))
    assert duration >= min(end.least_steps, last_bar_steps // 2)
    assert sum(abs(after[1] - before[1]) > FIFTH for before, after in pairwise(take)) <= 1


@given(st.integers(0, 2**32), st.sampled_from(["any", "slow"]))
def test_no_rest_is_longer_than_asked(seed: int, pace: str) -> None:
    bars = bars_of((0, 4, 4))
    demands = Demands(bars, 48, 48 * 6, EVERY_PITCH, longest_rest_steps=24)
    take = random_take(demands, context_of(even_melody(60), Surroundings(bars)), np.random.default_rng(seed), pace=pace)
    assert all(after[0] - before[0] - before[2] <= 24 for before, after in pairwise(take[1:]))


@given(st.integers(0, 2**32), st.sampled_from(["any", "slow"]))
def test_no_note_before_the_last_bar_is_longer_than_asked_and_all_stand_on_sixteenths(seed: int, pace: str) -> None:
    bars = bars_of((0, 4, 4))
    demands = Demands(bars, 48, 48 * 6, EVERY_PITCH, longest_note_steps=24, is_in_sixteenths=True)
    take = random_take(demands, context_of(even_melody(60), Surroundings(bars)), np.random.default_rng(seed), pace=pace)
    assert all(note[2] <= 24 for note in take[1:] if note[0] < 48 * 5)
    assert all(note[0] % 3 == 0 and (note[0] + note[2]) % 3 == 0 for note in take[1:])


@given(st.integers(0, 2**32), st.sampled_from([None, 40]))
def test_a_pitch_comes_no_more_than_eight_times_running(seed: int, low: int | None) -> None:
    bars = bars_of((0, 4, 4))
    allowed = EVERY_PITCH if low is None else np.isin(np.arange(128), [low, low + 2])
    demands = Demands(bars, 48, 48 * 5, allowed)
    context = context_of(even_melody(*[42] * 8), Surroundings(bars))
    pitches = [pitch for _, pitch, _, _ in random_take(demands, context, np.random.default_rng(seed), pace="fast")]
    assert not any(len(set(pitches[row : row + MAX_REPEATS + 1])) == 1 for row in range(len(pitches) - MAX_REPEATS))


def test_a_take_that_is_to_lead_back_ends_a_step_beside_its_own_first_note() -> None:
    bars = bars_of((0, 3, 4))
    for seed in range(30):
        demands = Demands(bars, 0, bars.bar_start_tick(4), EVERY_PITCH, end=End(leads_back=True))
        context = context_of(even_melody(64, step=6), Surroundings(bars))
        take = random_take(demands, context, np.random.default_rng(seed), begun_notes=1)
        assert abs(take[-1][1] - 64) in (1, 2)


@given(tasks(), st.integers(0, 2**32))
def test_no_more_than_one_bar_stays_empty(task: tuple[Demands, MelodyContext], seed: int) -> None:
    demands, context = task
    assume(demands.latest_first_step is not None)
    take = random_take(demands, context, np.random.default_rng(seed), pace="slow")
    bars = [demands.bars.bar_at(on) for on, *_ in take if on >= demands.from_step]
    assert all(after - before <= 2 for before, after in pairwise(bars))


@given(st.integers(0, 2**32), st.sampled_from(METERS), st.sampled_from([None, 0.5, 2.0]))
def test_a_take_that_is_begun_counts_its_first_note(seed: int, meter: tuple[int, int], density: float | None) -> None:
    bars = bars_of((0, *meter))
    demands = Demands(bars, 0, bars.bar_start_tick(4), EVERY_PITCH, notes_per_beat=density)
    context = context_of(even_melody(60, step=1), Surroundings(bars))
    take = random_take(demands, context, np.random.default_rng(seed), begun_notes=1)
    own = signatures(take, bars, 0, demands.to_step)
    assert not any(a == b == c and a for a, b, c in zip(own, own[1:], own[2:], strict=False))
    if density is not None:
        most = max(1, round(density * bars.bar_start_tick(1) / STEPS_PER_BEAT))
        assert all(len(notes) <= most for notes in own)


@given(st.integers(0, 2**32))
def test_notes_on_a_beat_are_chord_tones(seed: int) -> None:
    chords = [Chord(0), Chord(7, "7"), Chord(9, "m"), Chord(5)]
    masks = tuple(sum(1 << tone for tone in chord.pitch_classes) for chord in chords)
    bars = bars_of((0, 4, 4))
    place = Surroundings(bars, chord_starts=(48, 96, 144, 192), chord_masks=masks)
    demands = Demands(bars, 48, 240, EVERY_PITCH, latest_first_step=48, in_chord="beats")
    take = random_take(demands, context_of(even_melody(60, 62, 64), place), np.random.default_rng(seed))
    for onset, pitch, _, _ in take[3:]:
        if onset % STEPS_PER_BEAT == 0:
            assert pitch % 12 in chords[onset // 48 - 1].pitch_classes


@example(1760, (3, 4), 12, "slow")  # a chord whose tones were all used leaves none for the pitch that is missing
@given(
    st.integers(0, 2**32), st.sampled_from(METERS[:7]), st.sampled_from([1, 3, 6, 12]), st.sampled_from(["any", "slow"])
)
def test_in_minor_notes_on_a_beat_are_chord_tones_and_raised_ones_lead_up(
    seed: int, meter: tuple[int, int], grid: int, pace: str
) -> None:
    key, random, bars = Key(9, "minor"), np.random.default_rng(seed), bars_of((0, *meter))
    chords = [parse_chord(name) for name in ("Am", "E7", "Dm", "G", "F", "E")]
    masks = tuple(sum(1 << tone for tone in chord.pitch_classes) for chord in chords)
    starts = tuple(bars.bar_start_tick(bar) for bar in range(1, 7))
    place = replace(Surroundings(bars), chord_starts=starts, chord_masks=masks)
    low = int(random.integers(40, 70))
    high = low + int(random.choice([12, 19, 40]))
    scale = np.isin(np.arange(128) % 12, list(key.pitch_classes))
    scale &= (np.arange(128) >= low) & (np.arange(128) <= high)
    demands = Demands(
        bars,
        starts[0],
        bars.bar_start_tick(7),
        scale,
        in_chord="beats",
        leading=leading_of(key, low, high),
        onset_grid_steps=grid,
    )
    context = context_of(even_melody(69, 71, 72, 76, step=1), place)
    take = random_take(demands, context, random, pace=pace)[4:]
    for onset, pitch, _, _ in take:
        bar, offset = bars.bar_and_offset_ticks(onset)
        assert offset % STEPS_PER_BEAT or pitch % 12 in chords[bar - 1].pitch_classes
    pitches = [pitch for _, pitch, _, _ in take]
    assert all(scale[pitch] or demands.leading[pitch] == after for pitch, after in pairwise(pitches))
    assert scale[pitches[-1]]


@given(st.integers(0, 2**32))
def test_only_new_music_never_copies_more_than_eight_notes(seed: int) -> None:
    random = np.random.default_rng(seed)
    figure = [60, 62, 64, 65, 67]
    context = context_of(even_melody(*figure * 6), Surroundings(bars_of((0, 4, 4))))
    pitches = np.isin(np.arange(128), figure)
    demands = Demands(context.place.bars, 180, 480, pitches, latest_first_step=192, only_new=True)
    grammar, runs = Grammar(demands, context), []
    while not grammar.is_complete and not grammar.may_end:
        gaps = np.flatnonzero(grammar.gaps())
        gap = 6 if 6 in gaps else int(gaps[0])  # eager to copy
        allowed = np.flatnonzero(grammar.pitches(gap))
        copy = context.pitch[-5]
        pitch = copy if copy in allowed else int(random.choice(allowed))
        context.append(context.onset[-1] + gap, pitch, 6, 80)
        grammar.chose()
        runs.append(context.match_notes)
    assert max(runs) <= MAX_COPY


def test_one_pitch_that_is_allowed_makes_no_third_equal_bar_either() -> None:
    one = np.arange(128) == 60
    bars = bars_of((0, 2, 4))
    for seed in range(40):
        context = context_of(even_melody(60, step=24), Surroundings(bars))
        demands = Demands(bars, 24, 24 * 9, one, latest_first_step=24, notes_per_beat=1.0)
        take = random_take(demands, context, np.random.default_rng(seed))[1:]
        own = signatures(take, bars, 24, demands.to_step)
        assert not any(a == b == c and a for a, b, c in zip(own, own[1:], own[2:], strict=False))


def test_notes_keep_to_a_coarse_grid() -> None:
    bars = bars_of((0, 4, 4))
    demands = Demands(bars, 12, 144, EVERY_PITCH, onset_grid_steps=12)
    for seed in range(20):
        context = context_of(even_melody(60, step=12), Surroundings(bars))
        take = random_take(demands, context, np.random.default_rng(seed))
        assert all(onset % 12 == 0 for onset, *_ in take)


@pytest.mark.parametrize("pitch", [0, 127])
def test_a_pitch_out_of_reach_is_still_found(pitch: int) -> None:
    bars = bars_of((0, 4, 4))
    context = context_of(even_melody(127 - pitch), Surroundings(bars))
    grammar = Grammar(Demands(bars, 6, 96, np.arange(128) == pitch), context)
    assert not grammar.intervals(6).any()
    assert grammar.nearest_pitch(6) == pitch


def test_both_ways_to_the_seventh_are_open_in_minor() -> None:
    place = Surroundings(bars_of((0, 4, 4)))
    scale = np.isin(np.arange(128) % 12, list(Key(9, "minor").pitch_classes))
    demands = Demands(place.bars, 48, 48 * 5, scale, leading=leading_of(Key(9, "minor"), 0, 127))
    context = context_of(even_melody(69, 71, 72, 76), place)
    grammar = Grammar(demands, context)
    assert grammar.pitches(12)[[67, 68, 66, 65]].all()
    context.append(48, 66, 12, 80)
    grammar.chose()
    assert np.flatnonzero(grammar.pitches(12)).tolist() == [68]
    assert not grammar.may_end
    context.append(60, 68, 12, 80)
    grammar.chose()
    assert np.flatnonzero(grammar.pitches(12)).tolist() == [69]
