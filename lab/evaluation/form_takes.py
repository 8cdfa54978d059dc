"""Whether takes do as their plan says: ``python -m lab.evaluation.form_takes MUSIC FILE --bars 8``.

Valid melodies of which more is written than is asked: their first eight whole bars are gone on from, four takes open
and four closed, each by a drawn plan, with the harmony told and untold. Beside it what the melody itself does there.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import numpy as np
from safetensors import safe_open

from lab.form.lines import Line, read_lines
from musicassist.composing.endings import closed_end
from musicassist.composing.melody_takes import Sampler, compose
from musicassist.composing.plan import Ending, Plan, Relation, first_whole_bar, plan_of
from musicassist.composing.plan_model import PlanModel, PlanRequest, plan_model
from musicassist.composing.predictor import Passage
from musicassist.composing.seed_reading import never
from musicassist.composing.take_plan import TakePlan
from musicassist.families.recurrent.decoding import RecurrentStep
from musicassist.families.recurrent.form_context import NO_HARMONY, Form
from musicassist.families.recurrent.form_predictor import FormPredictor
from musicassist.families.recurrent.form_reading import FormReader
from musicassist.families.recurrent.form_vocabulary import WISHES, form_config
from musicassist.models.weights import Weights
from musicassist.tokens.codec import Melody, Surroundings
from musicassist.tokens.demands import ANY_END, Demands
from musicassist.tokens.vocabulary import STEPS_PER_BEAT, UNKNOWN_TONIC

_SEED_BARS = 8
_TAKES = 4
_BEYOND_RANGE = 7  # semitones
Row = tuple[int, int, int, int]
Bars = list[tuple[tuple[int, int], ...]]  # place and pitch of the notes of each bar
Figure = tuple[str, float]


@dataclass(frozen=True)
class Excerpt:
    """Eight bars of a melody, and those that follow."""

    line: Line
    seed: Melody
    origin_bar: int
    bars: int

    @property
    def from_bar(self) -> int:
        """The first bar that follows."""
        return self.origin_bar + _SEED_BARS

    @property
    def steps(self) -> tuple[int, int]:
        """Of the bars that follow."""
        bars = self.line.place.bars
        return bars.bar_start_tick(self.from_bar), bars.bar_start_tick(self.from_bar + self.bars)

    @staticmethod
    def of(line: Line, bars: int) -> Excerpt:
        """The first eight whole bars of a line."""
        origin = max(line.form.plan.first_bar, first_whole_bar(line.melody, line.place))
        from_step = line.place.bars.bar_start_tick(origin + _SEED_BARS)
        seed = line.melody.rows(0, int(np.searchsorted(line.melody.onset_step, from_step)))
        cut = replace(seed, duration_steps=np.minimum(seed.duration_steps, from_step - seed.onset_step))
        return Excerpt(line, cut, origin, bars)

    def in_bars(self, rows: Sequence[Row]) -> Bars:
        """The notes of each bar from the first of the seed on."""
        found: list[list[tuple[int, int]]] = [[] for _ in range(_SEED_BARS + self.bars)]
        for onset, pitch, _, _ in rows:
            bar, at = self.line.place.bars.bar_and_offset_ticks(onset)
            if 0 <= bar - self.origin_bar < len(found):
                found[bar - self.origin_bar].append((at, pitch))
        return [tuple(bar) for bar in found]


def takes_of(
    net: RecurrentStep, excerpt: Excerpt, seed_plan: Plan, plans: Sequence[TakePlan], wish: str, *, is_told: bool
) -> list[tuple[Row, ...]]:
    """One take for each plan, within a fifth of the seed's range; a closed one ends on the tonic's triad."""
    line, (from_step, to_step) = excerpt.line, excerpt.steps
    allowed = np.zeros(128, dtype=bool)
    low, high = int(excerpt.seed.pitch.min()), int(excerpt.seed.pitch.max())
    allowed[max(0, low - _BEYOND_RANGE) : high + _BEYOND_RANGE + 1] = True
    is_home = wish == "closed" and line.place.tonic != UNKNOWN_TONIC
    triad = frozenset((line.place.tonic + tone) % 12 for tone in (0, 3, 4, 7)) if is_home else frozenset[int]()
    harmony = line.form.harmony if is_told else NO_HARMONY
    forms = [
        Form(harmony, seed_plan.followed_by(plan.bars, excerpt.from_bar), (to_step,), (WISHES.index(wish),))
        for plan in plans
    ]
    end = closed_end(line.place.bars, to_step, triad) if wish == "closed" else ANY_END
    demands = Demands(line.place.bars, from_step, to_step, allowed, end=end)
    passage = Passage(excerpt.seed, line.place, demands)
    predictor = FormPredictor(FormReader(net), forms)
    made = compose(predictor, passage, len(plans), Sampler(), on_note=lambda _take, _row: None, is_cancelled=never)
    return [take.rows for take in made or ()]


def figures_of_take(excerpt: Excerpt, plan: TakePlan, rows: Sequence[Row]) -> Iterator[Figure]:
    """What the bars of a take do, beside what their plan says."""
    bars = excerpt.in_bars([*excerpt.seed, *rows])
    whole = Melody(*(np.array(column, dtype=np.int64) for column in zip(*excerpt.seed, *rows, strict=True)))
    done = plan_of(whole, excerpt.line.place)
    for place, own in enumerate(plan.bars, _SEED_BARS):
        if own.back_bars:
            same, taken = bars[place], bars[place - own.back_bars]
            has_rhythm = [at for at, _ in same] == [at for at, _ in taken]
            yield f"plan kept: {own.relation.name}", same == taken if own.relation == Relation.SAME else has_rhythm
        is_ending = own.ending > Ending.NONE
        ends = done.at(excerpt.origin_bar + place).ending > Ending.NONE
        yield f"plan kept: {'phrase ends' if is_ending else 'no phrase ends'}", ends == is_ending
    yield from plain_figures(excerpt, rows)


def plain_figures(excerpt: Excerpt, rows: Sequence[Row]) -> Iterator[Figure]:
    """What can be said of real bars as well."""
    bars = excerpt.in_bars([*excerpt.seed, *rows])
    for own in bars[_SEED_BARS:]:
        yield "bars equal to a bar of the seed", bool(own) and own in bars[:_SEED_BARS]
    first = [(at, own) for own in rows if 0 <= (at := excerpt.line.place.bars.bar_at(own[0]) - excerpt.from_bar) < 4]
    bar_steps = (excerpt.steps[1] - excerpt.steps[0]) / excerpt.bars
    fourth = [own for at, own in first if at == 3]
    if excerpt.bars > 4:
        yield "comma at bar 4", not fourth or 3 * fourth[-1][2] >= bar_steps


def chord_tones(excerpt: Excerpt, rows: Sequence[Row]) -> Iterator[float]:
    """For each note on a beat whether it is a tone of what sounds there."""
    for onset, pitch, _, _ in rows:
        mask, _ = excerpt.line.form.harmony.at(onset)
        if mask and onset % STEPS_PER_BEAT == 0:
            yield mask >> pitch % 12 & 1


def all_figures(net: RecurrentStep, model: PlanModel, excerpts: Sequence[Excerpt]) -> Iterator[Figure]:
    """Every figure of every take, by its name."""
    for number, excerpt in enumerate(excerpts):
        from_step, to_step = excerpt.steps
        after = excerpt.line.melody
        real = [row for row in after if from_step <= row[0] < to_step]
        yield from ((f"real: {name}", x) for name, x in plain_figures(excerpt, real))
        yield from (("real: chord tones on beats", x) for x in chord_tones(excerpt, real))
        place: Surroundings = excerpt.line.place
        seed_plan = plan_of(excerpt.seed, place)
        for wish, ending in (("open", Ending.OPEN), ("closed", Ending.CLOSED)):
            request = PlanRequest(seed_plan, excerpt.from_bar, excerpt.bars, ending, excerpt.origin_bar)
            plans = model.draw_different(request, _TAKES, np.random.default_rng(number))
            told, untold = (
                takes_of(net, excerpt, seed_plan, plans, wish, is_told=is_told) for is_told in (True, False)
            )
            for plan, rows in zip(plans, told, strict=True):
                yield from figures_of_take(excerpt, plan, rows)
                yield f"{wish}: last note is the tonic", rows[-1][1] % 12 == place.tonic
            for name, takes in (("told", told), ("not told", untold)):
                yield from ((f"chord tones on beats, {name}", x) for rows in takes for x in chord_tones(excerpt, rows))
            onsets = [{(onset, length) for onset, _, length, _ in rows} for rows in told]
            yield from (
                ("pairs of takes: onsets with one length", len(a & b) / min(len(a), len(b)))
                for a, b in combinations(onsets, 2)
            )


def main() -> None:
    """Composes, measures, prints."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("music", type=Path)
    words.add_argument("file", type=Path)
    words.add_argument("--bars", type=int, default=8)
    words.add_argument("--melodies", type=int, default=48)
    given = words.parse_args()
    with safe_open(given.file, framework="np") as file:
        net = RecurrentStep(form_config(), Weights(file.keys(), file.get_tensor))
    model = plan_model()
    lines = [
        line
        for line in read_lines(given.music, ("valid",), frozenset(), seed=1)
        if len(line.form.plan.bars) > _SEED_BARS + given.bars + 1 and len(line.place.bars.meter_changes) == 1
    ]
    chosen = lines[:: max(1, len(lines) // given.melodies)][: given.melodies]
    figures: dict[str, list[float]] = defaultdict(list)
    for name, value in all_figures(net, model, [Excerpt.of(line, given.bars) for line in chosen]):
        figures[name].append(float(value))
    for name, values in sorted(figures.items()):
        print(f"{name:48s} {np.mean(values):.3f}  of {len(values)}")


if __name__ == "__main__":
    main()
