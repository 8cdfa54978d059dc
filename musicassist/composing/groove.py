"""How a phrase is played beside how it is meant, so that new notes are played like it: its swing, how loud it became.

A place in the beat counts where the phrase misses it again and again by about as much; a hand that is only uneven has
no groove.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from musicassist.score.meant_times import MeantTimes
from musicassist.score.song import Note
from musicassist.score.timing import TimeMap
from musicassist.tokens.vocabulary import STEPS_PER_BEAT

BARS = 8  # LIMIT: what lies further back is another feel
MIN_NOTES = 6  # LIMIT: fewer at one place of the beat say nothing of it
MIN_ERRORS = 3.0  # standard errors that a lateness has to stand out from none
MIN_BEAT_SHARE = 1 / 40  # LIMIT: less of a beat is heard by nobody
LAST_NOTES = 6  # how loud a phrase has become is told by these


@dataclass(frozen=True)
class Groove:
    """What is added to new notes.

    Attributes:
        late_ticks: How much later than meant a note is played, by its place in the beat, 0 to ``beat_steps`` - 1;
            earlier where it is negative. Places without a habit are missing.
        louder: How much louder the last notes are than all of them.
        step_ticks: How long a step is.
        beat_steps: How many a beat has.
    """

    late_ticks: Mapping[int, int] = field(default_factory=dict)
    louder: int = 0
    step_ticks: float = 1.0
    beat_steps: int = STEPS_PER_BEAT

    @staticmethod
    def of(meant: MeantTimes, time_map: TimeMap, before_tick: int, beat_steps: int = STEPS_PER_BEAT) -> Groove:
        """What the notes of a track before a place show."""
        before = meant.start_tick[meant.start_tick < before_tick]
        if not len(before):
            return Groove()
        first_bar = max(0, time_map.bar_at(int(before.max())) - BARS)
        rows = meant.starting_between(time_map.bar_start_tick(first_bar), before_tick)
        start, beat = meant.start_tick[rows], time_map.ticks_per_beat
        offset = (start - time_map.bar_spans(start)[0]) % beat
        places = np.rint(offset * beat_steps / beat).astype(int) % beat_steps
        late = meant.played.start_tick[rows] - start
        habits = {place: _habit(late[places == place], beat) for place in np.unique(places).tolist()}
        velocity = meant.played.velocity[rows]
        louder = round(float(velocity[-LAST_NOTES:].mean() - velocity.mean()))
        late_ticks = {place: ticks for place, ticks in habits.items() if ticks}
        return Groove(late_ticks, louder, beat / beat_steps, beat_steps)

    def straight(self) -> Groove:
        """The same without its swing: as loud as it has become, and on time."""
        return replace(self, late_ticks={})

    def played(self, note: Note, place: int, from_tick: int, to_tick: int) -> Note:
        """A note as it is played, within its span; what ends with the span still does.

        Args:
            note: As it is meant.
            place: In its beat, in steps.
            from_tick: Where its span begins.
            to_tick: Where it ends.
        """
        steps = round(note.duration_ticks / self.step_ticks) if self.late_ticks else 0
        end = note.end_tick
        if end < to_tick:
            end = min(end + self._late(place + steps), to_tick)
        start = max(from_tick, min(note.start_tick + self._late(place), end - 1))
        velocity = max(1, min(127, note.velocity + self.louder))
        return replace(note, start_tick=start, duration_ticks=end - start, velocity=velocity)

    def _late(self, place: int) -> int:
        return self.late_ticks.get(place % self.beat_steps, 0)


NO_GROOVE = Groove()


def _habit(late_ticks: np.ndarray, beat_ticks: int) -> int:
    """By how much notes at one place are late as a rule; 0 where there is none."""
    if len(late_ticks) < MIN_NOTES:
        return 0
    middle = float(np.median(late_ticks))
    error = float(late_ticks.std()) / np.sqrt(len(late_ticks))
    is_habit = abs(middle) >= max(MIN_ERRORS * error, MIN_BEAT_SHARE * beat_ticks)
    return round(middle) if is_habit else 0
