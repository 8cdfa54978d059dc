"""Holes and varied phrases: how they join what follows, and what is left of the phrase."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lab.evaluation.form_asking import Tone
from lab.evaluation.form_cases import HOLE_AT, HOLE_BARS, Case
from lab.evaluation.form_checkouts import Takes
from lab.evaluation.form_features import FIFTH, MIN_LIKENESS, Floats, alike, bars_of, described, has_comma, passage_of

_TRIADS = ({0, 4, 7}, {0, 3, 7})
NEAR, FAR = 0.1, (0.5, 0.7, 0.9)  # amounts of a variation


def hole_row(case: Case, filled: Sequence[Tone]) -> dict[str, float]:
    """How two bars that stand in a hole fit into the tune."""
    start, stop = case.hole
    inside = _within(filled, start, stop)
    behind = next((tone for tone in case.tones if tone[0] >= stop), None)
    leap = abs(behind[1] - inside[-1][1]) if behind is not None and inside else 0
    return {
        "last note is a third of the bar or longer": float(has_comma(inside, stop - case.bar_ticks, case.bar_ticks)),
        "leap over a fifth into what follows": float(leap > FIFTH),
        "interval into what follows, semitones": float(leap),
        "like another place of the tune": float(place_likeness(case, inside) >= MIN_LIKENESS),
    }


def place_likeness(case: Case, inside: Sequence[Tone]) -> float:
    """How much two bars are like the other two of the tune that they are most like."""
    start, stop = case.hole
    own = bars_of(inside, start, HOLE_BARS, case.bar_ticks)
    around = [tone for tone in case.tones if not start <= tone[0] < stop]
    count = (case.tones[-1][0] - case.begin_tick) // case.bar_ticks + 1
    tune = bars_of(around, case.begin_tick, count, case.bar_ticks)
    places = [at for at in range(count - HOLE_BARS + 1) if at + HOLE_BARS <= HOLE_AT or at >= HOLE_AT + HOLE_BARS]
    return max((alike(own, tune[at : at + HOLE_BARS]) for at in places), default=0.0)


def hole_described(case: Case, filled: Sequence[Tone]) -> Floats:
    """(features,) of two bars in a hole, for the two-sample test."""
    start, stop = case.hole
    inside = _within(filled, start, stop)
    before = tuple(tone for tone in case.tones if tone[0] < start)
    passage = passage_of(
        before,
        inside,
        from_tick=start,
        bars=HOLE_BARS,
        bar_ticks=case.bar_ticks,
        tonic=case.tonic,
        begin_tick=case.begin_tick,
    )
    return np.concatenate([described(passage), [*hole_row(case, inside).values(), place_likeness(case, inside)]])


def _within(tones: Sequence[Tone], start: int, stop: int) -> list[Tone]:
    return [(at, pitch, min(length, stop - at)) for at, pitch, length in sorted(tones) if start <= at < stop]


def varied_rows(cases: Sequence[Case], near: Sequence[Takes], far: Sequence[Takes]) -> dict[str, tuple[float, float]]:
    """What is left of phrases, and how much their variations leap: of the phrases, and of the takes.

    Args:
        cases: The phrases.
        near: Takes of each at the smallest amount.
        far: Takes at the larger ones, for all phrases again and again.
    """
    pairs = [(case, take) for case, takes in zip(cases, near, strict=True) for take in takes]
    kept = [_keeps_last(case, take) for case, take in pairs]
    off = [_keeps_last(case, take) for case, take in pairs if not _is_at_home(case)]
    phrases = [case.phrase for case in cases]
    wild = [take for takes in far for take in takes]
    leaps = leap_share(wild)
    return {
        "last note kept at .1": (1.0, float(np.mean(kept)) if kept else 0.0),
        f"last note kept at .1, phrase ends off the triad ({len(off)} takes)": (
            1.0,
            float(np.mean(off)) if off else 0.0,
        ),
        "leaps over a fifth at .5 to .9": (leap_share(phrases), leaps),
    }


def _keeps_last(case: Case, take: Sequence[Tone]) -> bool:
    return bool(take) and sorted(take)[-1][1] == case.phrase[-1][1]


def _is_at_home(case: Case) -> bool:
    """Whether the phrase ends on a tone of its tonic's triad, major or minor as its notes are."""
    pitches = {(pitch - case.tonic) % 12 for _, pitch, _ in case.tones}
    triad = _TRIADS[1] if 3 in pitches and 4 not in pitches else _TRIADS[0]
    return (case.phrase[-1][1] - case.tonic) % 12 in triad


def leap_share(lines: Sequence[Sequence[Tone]]) -> float:
    """Of all steps from note to note, how many are wider than a fifth."""
    steps = [np.abs(np.diff([pitch for _, pitch, _ in sorted(line)])) for line in lines if len(line) > 1]
    return float((np.concatenate(steps) > FIFTH).mean()) if steps else 0.0
