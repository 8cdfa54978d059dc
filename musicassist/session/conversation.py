"""Call and response as a state machine: keys and the clock go in, what the assistant is to do comes out. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from musicassist.score.song import Note, Notes
from musicassist.score.timing import TimeMap

MAX_BARS = 8
MIN_REST_BEATS = 1.5  # a call is over after this rest, or after half a bar where that is longer
ASK_SECONDS = 0.05  # composing begins so soon after the last key went up, in case that it was the last
NOTICE_SECONDS = 0.4  # LIMIT: an answer, if only one by rule, is at the sound engine so long before its bar line
REACH_SECONDS = 0.06  # LIMIT: what is sent later than this before a bar line may not sound on it
HURRY_SECONDS = 0.2  # before the bar line: the model is late, so a faster one is asked


@dataclass(frozen=True)
class KeyDown:
    """A key went down at a tick."""

    tick: int
    pitch: int
    velocity: int


@dataclass(frozen=True)
class KeyUp:
    """A key went up."""

    tick: int
    pitch: int


@dataclass(frozen=True)
class Pedal:
    """The sustain pedal went down or up; both while no key is held ends the call."""

    tick: int
    is_down: bool


@dataclass(frozen=True)
class KeysLost:
    """Nobody will tell that the keys that are down go up; they count as up from a tick on."""

    tick: int


@dataclass(frozen=True, eq=False)
class Plan:
    """An answer that is wanted.

    Attributes:
        call: What was played.
        from_tick, to_tick: The bar lines between which the answer stands.
    """

    call: Notes
    from_tick: int
    to_tick: int


@dataclass(frozen=True, eq=False)
class Composed:
    """The notes for a plan, as a model made them."""

    plan: Plan
    notes: Notes


@dataclass(frozen=True, eq=False)
class Compose:
    """Let the model compose for this plan; what was asked before is not wanted any more."""

    plan: Plan


@dataclass(frozen=True, eq=False)
class Hurry:
    """The model is late: let a faster one compose for this plan."""

    plan: Plan


@dataclass(frozen=True, eq=False)
class Sound:
    """Let the answer of this plan sound in its place; without notes by rule, until a model has made some."""

    plan: Plan
    notes: Notes | None


@dataclass(frozen=True, eq=False)
class Cut:
    """The answer of this plan, which sounds, ends with its ``to_tick``: somebody plays into it."""

    plan: Plan


@dataclass(frozen=True)
class Withdraw:
    """The answer that was to sound must not: the call goes on."""


@dataclass(frozen=True, eq=False)
class Finished:
    """An exchange is over: the call, and the answer as far as it sounded, up to ``until_tick``."""

    plan: Plan
    until_tick: int


Message = KeyDown | KeyUp | Pedal | KeysLost | Composed
Action = Compose | Hurry | Sound | Cut | Withdraw | Finished


class Conversation:
    """Listens, and answers on the next bar line after a call, always.

    A call ends with a rest, or with the pedal. The answer is asked for before the rest is long enough, and some answer
    is handed on well before the bar line, which a better one replaces as long as there is time; if a key goes down
    before that, it is taken back. While the assistant answers it
    listens: whoever plays into the answer has it end with that bar.

    Attributes:
        time_map: Bars and tempo of the song.
    """

    def __init__(self, time_map: TimeMap) -> None:
        self.time_map = time_map
        self._done: list[Note] = []
        self._held: dict[int, KeyDown] = {}
        self._pedal_tick: int | None = None  # where the pedal went down in silence
        self._end_tick: int | None = None  # where a pedal ended the call
        self._plan: Plan | None = None
        self._composed: Notes | None = None
        self._is_hurried = False
        self._is_sounding = False  # an answer of the plan is handed on
        self._now_tick = 0.0
        self._answer: Plan | None = None  # the one that sounds

    @property
    def is_calling(self) -> bool:
        """Whether somebody plays a call."""
        return bool(self._done or self._held)

    @property
    def is_answering(self) -> bool:
        """Whether an answer sounds."""
        return self._answer is not None

    def receive(self, message: Message) -> tuple[Action, ...]:
        """Takes in what was played or composed."""
        match message:
            case KeyDown():
                return self._key_down(message)
            case KeyUp(tick, pitch):
                self._key_up(tick, pitch)
            case Pedal(tick, is_down):
                return self._pedal(tick, is_down=is_down)
            case KeysLost(tick):
                for pitch in tuple(self._held):
                    self._key_up(tick, pitch)
            case Composed(plan, notes):
                return self._compose(plan, notes)
        return ()

    def pass_to(self, tick: float) -> tuple[Action, ...]:
        """The clock has come to a tick; call it for each frame."""
        self._now_tick = tick
        actions: list[Action] = []
        if self._answer is not None and tick >= self._answer.to_tick:
            actions.append(Finished(self._answer, self._answer.to_tick))
            self._answer = None
        if self._done and not self._held:
            actions += self._approach(tick)
        return tuple(actions)

    def stop(self, tick: float) -> tuple[Action, ...]:
        """Playing was stopped: what sounded so far is the exchange."""
        actions: list[Action] = []
        if self._answer is not None:
            actions.append(Finished(self._answer, min(self._answer.to_tick, round(tick))))
        actions += self._withdraw()
        call = self._call(round(tick))
        if len(call):
            actions.append(Finished(Plan(call, round(tick), round(tick)), round(tick)))
        self._answer = None
        self._forget_call()
        return tuple(actions)

    # --- playing ----------------------------------------------------------------------------------------------------

    def _key_down(self, key: KeyDown) -> tuple[Action, ...]:
        actions = self._withdraw()
        actions += self._cut_answer(key.tick)
        self._key_up(key.tick, key.pitch)
        self._held[key.pitch] = key
        self._forget_plan()
        return tuple(actions)

    def _cut_answer(self, tick: int) -> list[Action]:
        """The answer ends with the bar in which somebody plays into it."""
        answer = self._answer
        if answer is None:
            return []
        bar_end = self.time_map.bar_start_tick(self.time_map.bar_at(max(tick, answer.from_tick)) + 1)
        if bar_end >= answer.to_tick:
            return []
        self._answer = replace(answer, to_tick=bar_end)
        return [Cut(self._answer)]

    def _key_up(self, tick: int, pitch: int) -> None:
        key = self._held.pop(pitch, None)
        if key is not None:
            self._done.append(Note(key.tick, pitch, max(1, tick - key.tick), key.velocity))

    def _pedal(self, tick: int, *, is_down: bool) -> tuple[Action, ...]:
        if is_down:
            self._pedal_tick = tick if self._done and not self._held else None
            return ()
        if self._pedal_tick is None or self._held:
            return ()
        actions = self._withdraw()
        in_reach_tick = self.time_map.tick_after(tick, REACH_SECONDS)
        self._forget_plan()
        self._end_tick = round(in_reach_tick)
        return tuple(actions)

    def _withdraw(self) -> list[Action]:
        """Takes back an answer that was handed on."""
        return [Withdraw()] if self._is_sounding else []

    def _call(self, tick: int) -> Notes:
        held = [Note(key.tick, pitch, max(1, tick - key.tick), key.velocity) for pitch, key in self._held.items()]
        return Notes.of([*self._done, *held])

    def _forget_plan(self) -> None:
        self._plan, self._composed, self._is_hurried, self._is_sounding = None, None, False, False
        self._pedal_tick = self._end_tick = None

    def _forget_call(self) -> None:
        self._done, self._held = [], {}
        self._forget_plan()

    # --- answering --------------------------------------------------------------------------------------------------

    def _compose(self, plan: Plan, notes: Notes) -> tuple[Action, ...]:
        if plan is not self._plan:
            return ()
        self._composed = notes
        is_in_time = self.time_map.seconds_between(self._now_tick, plan.from_tick) >= REACH_SECONDS
        return (Sound(plan, notes),) if self._is_sounding and is_in_time else ()

    def _approach(self, tick: float) -> list[Action]:
        """What is due on the way to the bar line of the answer."""
        actions: list[Action] = []
        released_tick = max(note.end_tick for note in self._done)
        if self._plan is None:
            if self.time_map.seconds_between(released_tick, tick) < ASK_SECONDS and self._end_tick is None:
                return []
            self._plan, self._composed, self._is_hurried = self._planned(released_tick), None, False
            actions.append(Compose(self._plan))
        plan = self._plan
        left_seconds = self.time_map.seconds_between(tick, plan.from_tick)
        if left_seconds <= HURRY_SECONDS and self._composed is None and not self._is_hurried:
            self._is_hurried = True
            actions.append(Hurry(plan))
        if left_seconds <= NOTICE_SECONDS and not self._is_sounding:
            self._is_sounding = True
            actions.append(Sound(plan, self._composed))
        if left_seconds <= 0:
            self._answer = plan
            self._forget_call()
        return actions

    def _planned(self, released_tick: int) -> Plan:
        end_tick = self._end_tick if self._end_tick is not None else released_tick + self._rest_ticks(released_tick)
        bars = self.time_map
        from_tick = bars.bar_line_at_or_after(end_tick)
        call = self._call(end_tick)
        last_bar = bars.bar_at(from_tick) + bars_of_call(bars, call)
        return Plan(call, from_tick, bars.bar_start_tick(last_bar))

    def _rest_ticks(self, tick: int) -> int:
        """How long a rest ends a call: a beat and a half, or half a bar."""
        bars = self.time_map
        half_bar_ticks = bars.bar_ticks_at(tick) // 2
        return max(round(MIN_REST_BEATS * bars.beat_ticks_at(tick)), half_bar_ticks)


def bars_of_call(time_map: TimeMap, call: Notes) -> int:
    """How many bars a call has, 1 to 8: from its first note, an upbeat too, to the start of its last one.

    Starts count to the nearest sixteenth, so that a first note that is played late makes the call no shorter, and one
    late in the last bar no longer.
    """
    first, last = int(call.start_tick[0]), int(call.start_tick[-1])
    sixteenth_ticks = time_map.ticks_per_beat / 4
    bar_ticks = time_map.bar_ticks_at(first)
    length_ticks = round((last - first) / sixteenth_ticks) * sixteenth_ticks
    return max(1, min(MAX_BARS, int(length_ticks // bar_ticks) + 1))
