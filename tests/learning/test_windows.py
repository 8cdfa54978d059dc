"""The windows of a pack are those of its melodies."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora import pack_of, tune
from melodies import bars_of, even_melody, melody_of
from musicassist.learning.pack import Pack
from musicassist.learning.windows import Windows, windows_of
from musicassist.tokens.codec import Melody, Surroundings
from musicassist.tokens.columns import columns_of
from musicassist.tokens.vocabulary import METERS
from musicassist.tokens.windows import Span, fields_of, reference_pitch

EVERYTHING = np.array([True])


def packed(melody: Melody, *, meter: tuple[int, int] = (4, 4), tonic: int = 2, mode: int = 1) -> Pack:
    place = Surroundings(bars_of((0, *meter)), tonic=tonic, mode=mode, style=5)
    columns = columns_of(melody, place)
    return Pack(columns, np.array([0, len(columns)]), ("x",), ("folk",), np.array([True]))


def notes_of(windows: Windows) -> set[tuple[tuple[int, ...], ...]]:
    pairs = zip(windows.fields.tolist(), windows.count.tolist(), strict=True)
    return {tuple(tuple(note) for note in fields[:count]) for fields, count in pairs}


def expected(melody: Melody, bar_steps: int, tonic: int) -> set[tuple[tuple[int, ...], ...]]:
    """Two bars from every bar line on that has a note in its bar or the next, as the melody itself has them."""
    found = set()
    bars = {int(onset) // bar_steps for onset in melody.onset_step}
    for bar in bars | {bar - 1 for bar in bars - {min(bars)}}:
        span = Span(bar * bar_steps, (bar + 2) * bar_steps, 1)
        inside = (melody.onset_step >= span.from_step) & (melody.onset_step < span.to_step)
        if 0 < inside.sum() <= 32:
            reference = reference_pitch(float(melody.pitch[inside].mean()), tonic)
            found.add(tuple(tuple(note) for note in fields_of(melody, span, reference).tolist()))
    return found


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.integers(1, 60), st.integers(-5, 5), st.integers(1, 60)), min_size=2, max_size=40),
    st.sampled_from([(4, 4), (3, 4), (6, 8), (2, 4), (3, 8)]),
    st.integers(0, 11),
)
def test_windows_rebuild_the_melody(steps: list[tuple[int, int, int]], meter: tuple[int, int], tonic: int) -> None:
    onset = np.cumsum([gap for gap, _, _ in steps])
    pitch = np.clip(60 + np.cumsum([move for _, move, _ in steps]), 48, 72)
    length = np.minimum([length for _, _, length in steps], np.append(np.diff(onset), 60))
    melody = melody_of([(*row, 80) for row in zip(onset.tolist(), pitch.tolist(), length.tolist(), strict=True)])
    windows = windows_of(packed(melody, meter=meter, tonic=tonic), EVERYTHING)
    assert notes_of(windows) == expected(melody, 48 * meter[0] // meter[1], tonic)
    assert {METERS[row] for row in windows.condition[:, 0]} <= {f"{meter[0]}/{meter[1]}"}


def test_what_repeats_counts_once() -> None:
    once = windows_of(packed(even_melody(*[62, 64, 66, 67] * 4, step=12)), EVERYTHING)
    assert len(once) == len(notes_of(once)) == 2  # two full bars; the last bar by itself


def test_a_line_whose_key_is_unknown_has_no_windows() -> None:
    assert len(windows_of(packed(tune(1), tonic=12), EVERYTHING)) == 0


@pytest.mark.parametrize("meter", [(5, 4), (12, 8), (7, 8)])
def test_a_meter_that_is_unknown_or_too_long_has_none(meter: tuple[int, int]) -> None:
    assert len(windows_of(packed(tune(1), meter=meter), EVERYTHING)) == 0


def test_a_rest_too_long_to_be_known_is_bridged_by_no_window() -> None:
    melody = melody_of([(0, 62, 12, 80), (24, 64, 12, 80), (144, 66, 12, 80), (168, 67, 12, 80)])
    assert all(len(notes) == 2 for notes in notes_of(windows_of(packed(melody), EVERYTHING)))


def test_lines_and_windows_are_chosen() -> None:
    pack = pack_of([tune(1), tune(2)])
    both = windows_of(pack, np.array([True, True]))
    first = windows_of(pack, np.array([True, False]))
    assert notes_of(first) < notes_of(both)
    few = windows_of(pack, np.array([True, True]), fewest_notes=8)
    assert len(few) == (both.count >= 8).sum()


def test_windows_of_two_lines_stand_side_by_side() -> None:
    pack = pack_of([tune(1), tune(2)])
    first, second = (windows_of(pack, np.array(lines)) for lines in ([True, False], [False, True]))
    assert notes_of(first.plus(second)) == notes_of(first) | notes_of(second)
