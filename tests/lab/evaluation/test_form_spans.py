"""Holes and varied phrases, of melodies made by hand."""

from __future__ import annotations

import pytest

from lab.evaluation.form_cases import Case
from lab.evaluation.form_spans import hole_described, hole_row, leap_share, place_likeness, varied_rows

BAR, BEAT = 1920, 480


def case() -> Case:
    """Sixteen bars of quarters, of which bars 1-2 and 5-6 are the same, in B flat."""
    scale = (60, 62, 64, 65, 67, 69, 71, 72)
    tones = [(i * BEAT, scale[i % 8] + i // 16, BEAT) for i in range(64)]
    tones[16:24] = [(tick + 4 * BAR, pitch, length) for tick, pitch, length in tones[:8]]
    return Case("made/one.mid", tuple(tones), (4, 4), BAR, 0, 8 * BAR, 10)


def test_what_stood_there_is_like_another_place_and_what_ends_early_stops() -> None:
    own = case()
    assert place_likeness(own, [tone for tone in own.tones if 4 * BAR <= tone[0] < 6 * BAR]) == 1
    row = hole_row(own, own.tones)
    assert row["like another place of the tune"] == 1
    assert row["last note is a third of the bar or longer"] == 0
    assert row["interval into what follows, semitones"] == abs(own.tones[24][1] - own.tones[23][1])
    held = hole_row(own, [(4 * BAR, 90, 3 * BAR)])  # cut where what follows begins
    assert held["last note is a third of the bar or longer"] == held["leap over a fifth into what follows"] == 1
    assert held["like another place of the tune"] == 0
    assert hole_described(own, own.tones).shape == hole_described(own, []).shape


def test_last_notes_that_are_kept_and_leaps() -> None:
    own = case()  # its first four bars end on C, off the triad
    assert own.phrase[-1][1] == 72
    same, other = list(own.phrase), [*own.phrase[:-1], (15 * BEAT, 60, BEAT)]
    rows = varied_rows([own], [[same, other]], [[other]])
    assert rows["last note kept at .1"] == (1.0, 0.5)
    assert rows["last note kept at .1, phrase ends off the triad (2 takes)"] == (1.0, 0.5)
    phrase, made = rows["leaps over a fifth at .5 to .9"]
    assert made > phrase
    assert leap_share([[(0, 60, 1), (1, 67, 1), (2, 75, 1)]]) == pytest.approx(0.5)
    assert leap_share([[]]) == 0
