"""What of the notes of a span stays while others are composed, and how a take is led through it.

The line of a track is cut into pieces in order of time: notes that are given, wholly or in part, and rooms that new
notes are composed for. What stands beside the line stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from musicassist.score.song import Note, Notes
from musicassist.tokens.context import MelodyContext
from musicassist.tokens.demands import FIFTH, Mask
from musicassist.tokens.grammar import MIN_REST_STEPS, Grammar
from musicassist.tokens.vocabulary import DURATION_CLASSES, GAP_CLASSES

Row = tuple[int, int, int, int]  # onset step, pitch, duration in steps, velocity
_FEW = 2  # LIMIT: of so few pitches that are composed anew, each is another one than before
_ALL = np.arange(128)


@dataclass(frozen=True)
class Given:
    """A note of the line of which something is known.

    Attributes:
        onset_step, duration_steps: Where it is on the grid, cut at the next onset.
        played: The note as it is.
        has_pitch, has_velocity: Whether that is kept.
    """

    onset_step: int
    duration_steps: int
    played: Note
    has_pitch: bool = True
    has_velocity: bool = True

    @property
    def row(self) -> Row:
        """As it is, on the grid."""
        return self.onset_step, self.played.pitch, self.duration_steps, self.played.velocity


@dataclass(frozen=True)
class Room:
    """A place for new notes.

    Attributes:
        from_step, to_step: Where they may sound.
        from_tick, to_tick: The same in the song, as it is played.
        notes: Those whose pitches and velocities they have, in order; empty where they are free.
        longest_steps: No more from one onset to the next, of given pitches.
        may_be_empty: Whether it needs no note.
        is_last: Whether the span ends with it, so that it ends as takes do.
    """

    from_step: int
    to_step: int
    from_tick: int
    to_tick: int
    notes: tuple[Note, ...] = ()
    longest_steps: int = 0
    may_be_empty: bool = False
    is_last: bool = False

    @property
    def least_steps(self) -> int:
        """The shortest of as many notes as are given."""
        return MIN_REST_STEPS if self.to_step - self.from_step >= MIN_REST_STEPS * len(self.notes) else 1


Piece = Given | Room


@dataclass(frozen=True, eq=False)
class Outline:
    """All that stays in a span.

    Attributes:
        pieces: The line, in order of time.
        beside: The other notes of the span that stay, as they are.
        led_by: For each of those the onset step of the note of the line whose change of loudness it shares, or -1.
        sounding: First and last step and pitch of what sounds beside the line.
        first: Pitch and velocity of the first note that stands there now.
    """

    pieces: tuple[Piece, ...]
    beside: Notes
    led_by: tuple[int, ...] = ()
    sounding: tuple[tuple[int, int, int], ...] = ()
    first: tuple[int, int] = (60, 88)

    @property
    def ends_as_it_is(self) -> bool:
        """Whether the pitch of the last note stays."""
        last = self.pieces[-1]
        return last.has_pitch if isinstance(last, Given) else bool(last.notes)

    @property
    def composed_pitches(self) -> int:
        """Of how many notes that stand where they are the pitch is composed."""
        return sum(isinstance(piece, Given) and not piece.has_pitch for piece in self.pieces)

    def silent_pitches(self, step: int) -> Mask:
        """(128,), those that do not sound beside the line at a step."""
        silent = np.ones(128, dtype=np.bool_)
        silent[[pitch for start, end, pitch in self.sounding if start <= step < end]] = False
        return silent

    def silent_until(self, step: int, pitch: int) -> int | None:
        """Where a pitch begins to sound beside the line after a step."""
        return min((start for start, _, own in self.sounding if own == pitch and start > step), default=None)

    def note(self, row: Row, compose: Callable[[Row], Note]) -> Note:
        """A note of a take as it is played; ``compose`` says that of a new one."""
        for piece in self.pieces:
            if isinstance(piece, Given) and piece.onset_step == row[0]:
                return replace(piece.played, pitch=row[1], velocity=row[3])
            if isinstance(piece, Room) and piece.from_step <= row[0] < piece.to_step:
                made = _within(compose(row), piece, is_to_end=row[0] + row[2] >= piece.to_step)
                return replace(made, velocity=row[3]) if piece.notes else made
        return compose(row)

    def notes(self, line: Iterable[Note], rows: Iterable[Row]) -> Notes:
        """A whole take: its line and what stands beside it."""
        notes, now = Notes.of(line), {row[0]: row[3] for row in rows}
        if not len(self.beside):
            return notes
        were = {piece.onset_step: piece.played.velocity for piece in self.pieces if isinstance(piece, Given)}
        louder = [now[step] - were[step] if step in now and step in were else 0 for step in self.led_by]
        velocity = np.clip(self.beside.velocity + np.array(louder, dtype=np.int64), 1, 127)
        return notes.plus(replace(self.beside, velocity=velocity))


def _within(note: Note, room: Room, *, is_to_end: bool) -> Note:
    start = max(room.from_tick, min(note.start_tick, room.to_tick - 1))
    end = room.to_tick if is_to_end else min(max(note.end_tick, start + 1), room.to_tick)
    return replace(note, start_tick=start, duration_ticks=end - start)


class Guide:
    """Leads one take through an outline; follows its context and grammar. Nothing that it allows is empty.

    Args:
        outline: What stays.
        context: The take's past.
        grammar: Its rules, which count as far as they leave something.
    """

    def __init__(self, outline: Outline, context: MelodyContext, grammar: Grammar) -> None:
        self._outline = outline
        self._context = context
        self._grammar = grammar
        self._at = 0
        self._count = 0  # of the notes in the room that it has reached

    @property
    def piece(self) -> Piece | None:
        """What comes next; None where all is done."""
        return self._outline.pieces[self._at] if self._at < len(self._outline.pieces) else None

    @property
    def ends_freely(self) -> bool:
        """Whether the rest is as of every take."""
        return isinstance(self.piece, Room) and self.piece.is_last

    def gaps(self) -> Mask | None:
        """(97,), the gaps to the next onset; None where it is given, or further away than a gap."""
        room = self.piece
        if not isinstance(room, Room):
            return None
        last = self._context.onset[-1]
        onsets = last + np.arange(GAP_CLASSES)
        possible = (onsets >= max(room.from_step, self._grammar.end_step, last + 1)) & (onsets < room.to_step)
        if room.notes:
            left = len(room.notes) - self._count
            latest = possible & (onsets <= room.to_step - room.least_steps * left)
            mask = _rather(latest, possible & (onsets <= room.to_step - left))
            mask = _rather(mask & (onsets >= room.to_step - room.longest_steps * left), mask)
            return self._grammar.on_usual_places(mask, onsets) if mask.any() else None
        own = _rather(self._grammar.gaps() & possible, self._grammar.on_usual_places(possible, onsets))
        if (room.may_be_empty or self._count) and self._may_leave(room, has_more=bool(own.any())):
            own = own | (onsets >= room.to_step)
        return own if own.any() else None

    def _may_leave(self, room: Room, *, has_more: bool) -> bool:
        rest_steps = room.to_step - max(room.from_step, self._grammar.end_step)
        longest = self._grammar.demands.longest_rest_steps
        return not has_more or longest is None or rest_steps <= longest

    def arrive(self, onset_step: int | None) -> int | None:
        """Where the next note really starts, None where there is none.

        Args:
            onset_step: Which of the allowed onsets was chosen; None where none was allowed.
        """
        room = self.piece
        if not isinstance(room, Room):
            return room.onset_step if room is not None else None
        earliest = max(room.from_step, self._grammar.end_step)
        if room.notes:
            return earliest if onset_step is None else onset_step
        is_far = room.from_step >= self._context.onset[-1] + GAP_CLASSES
        if onset_step is None and not self._count and (is_far or not room.may_be_empty):
            onset_step = earliest
        if onset_step is None or onset_step >= room.to_step:
            self._go_on()
            return self.arrive(None)
        return onset_step

    def pitch(self) -> int | None:
        """That of the next note, where it is given."""
        piece = self.piece
        if isinstance(piece, Room):
            return piece.notes[self._count].pitch if piece.notes else None
        return piece.played.pitch if piece is not None and piece.has_pitch else None

    def pitches(self, onset_step: int) -> Mask:
        """(128,), the pitches that a note may have that is not given."""
        allowed, piece = self._grammar.pitches(onset_step - self._context.onset[-1]), self.piece
        allowed = _rather(allowed & self._outline.silent_pitches(onset_step), allowed)
        allowed = _rather(allowed & ~self._owing(), allowed)
        if isinstance(piece, Given):
            allowed = _rather(allowed & self._in_reach(), allowed)
            if self._outline.composed_pitches <= _FEW:
                allowed = _rather(allowed & (piece.played.pitch != _ALL), allowed)
        return allowed

    def _owing(self) -> Mask:
        """(128,), pitches that have to lead up where those that they lead to may not follow."""
        leading, owing = self._grammar.demands.leading, np.zeros(128, dtype=np.bool_)
        free, stays = 0, None  # how many notes come before the next pitch that stays
        for piece in self._outline.pieces[self._at + 1 :] if isinstance(self.piece, Given) else ():
            stays = piece.played.pitch if isinstance(piece, Given) and piece.has_pitch else None
            if isinstance(piece, Room) or piece.has_pitch:
                break
            free += 1
        for pitch in leading:
            goals = [leading[pitch]]
            while goals[-1] in leading:
                goals.append(leading[goals[-1]])
            owing[pitch] = len(goals) > free and not (len(goals) == free + 1 and goals[-1] == stays)
        return owing

    def _in_reach(self) -> Mask:
        """(128,), from which pitches the next one that stays is reached by the leaps that are allowed."""
        leap = self._grammar.demands.largest_leap
        for steps, piece in enumerate(self._outline.pieces[self._at + 1 :], 1):
            if isinstance(piece, Room):
                break
            if piece.has_pitch:
                return np.asarray(np.abs(_ALL - piece.played.pitch) <= steps * min(leap or FIFTH, FIFTH))
        return np.ones(128, dtype=np.bool_)

    def durations(self, onset_step: int, pitch: int) -> int | Mask:
        """The length of the next note, or (97,) those that are allowed."""
        piece = self.piece
        if not isinstance(piece, Room):
            return piece.duration_steps if piece is not None else 1
        ends = onset_step + np.arange(DURATION_CLASSES)
        possible = (ends > onset_step) & (ends <= piece.to_step)
        if piece.notes:
            left = len(piece.notes) - self._count - 1
            if not left:
                return piece.to_step - onset_step
            mask = _rather(possible & (ends <= piece.to_step - piece.least_steps * left), possible)
            mask = _rather(mask & (ends <= onset_step + piece.longest_steps), mask)
            mask = _rather(mask & (ends <= piece.to_step - left), mask)
            return _rather(mask & self._grammar.durations(onset_step - self._context.onset[-1], pitch), mask)
        own = self._grammar.durations(onset_step - self._context.onset[-1], pitch)
        mask = _rather(own & possible, possible)
        until = self._outline.silent_until(onset_step, pitch)
        return mask if until is None else _rather(mask & (ends <= until), mask)

    @property
    def is_of_loudness(self) -> bool:
        """Whether of the next note nothing but how loud it is is composed."""
        piece = self.piece
        return isinstance(piece, Given) and piece.has_pitch and not piece.has_velocity

    def velocity(self) -> int | None:
        """That of the next note, where it is given."""
        piece = self.piece
        if isinstance(piece, Room):
            return piece.notes[self._count].velocity if piece.notes else None
        return piece.played.velocity if piece is not None and piece.has_velocity else None

    def chose(self) -> None:
        """The context and the grammar have the next note."""
        room = self.piece
        self._count += 1
        is_full = isinstance(room, Room) and bool(room.notes) and self._count == len(room.notes)
        is_through = isinstance(room, Room) and not room.is_last and self._grammar.end_step >= room.to_step
        if not isinstance(room, Room) or is_full or (is_through and not room.notes):
            self._go_on()

    def _go_on(self) -> None:
        self._at, self._count = self._at + 1, 0


def _rather(mask: Mask, otherwise: Mask) -> Mask:
    return mask if mask.any() else otherwise
