"""What stays of a span, and how a take is led through it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from musicassist.composing.outline import Given, Guide, Outline, Room, Row
from musicassist.score.song import Note, Notes
from musicassist.score.timing import TimeMap
from musicassist.tokens.codec import Surroundings
from musicassist.tokens.context import MelodyContext
from musicassist.tokens.demands import Demands
from musicassist.tokens.grammar import Grammar
from musicassist.tokens.vocabulary import STEPS_PER_BEAT

TICKS = 40  # of a step
GIVEN = Given(48, 12, Note(1925, 60, 470, 70))
ROOM = Room(60, 84, 2400, 3350)
OUTLINE = Outline((GIVEN, ROOM), Notes.of([Note(1920, 40, 1920, 50)]), (48,), ((48, 96, 40),))


def composed(row: Row) -> Note:
    return Note(row[0] * TICKS, row[1], row[2] * TICKS, row[3])


def test_a_given_note_stays_where_it_is_played_and_a_new_one_in_its_room() -> None:
    assert OUTLINE.note((48, 62, 12, 80), composed) == Note(1925, 62, 470, 80)
    assert OUTLINE.note((60, 64, 6, 80), composed) == Note(2400, 64, 240, 80)
    assert OUTLINE.note((78, 64, 6, 80), composed) == Note(3120, 64, 230, 80)  # to the end of the room, as it is played
    assert OUTLINE.note((83, 64, 12, 80), composed).end_tick == 3350


def test_what_stands_beside_gets_louder_with_the_note_that_leads_it() -> None:
    notes = OUTLINE.notes([Note(1925, 60, 470, 90)], [(48, 60, 12, 90)])
    assert list(notes) == [Note(1920, 40, 1920, 70), Note(1925, 60, 470, 90)]


def test_pitches_that_sound_beside_are_not_free() -> None:
    assert not OUTLINE.silent_pitches(60)[40] and OUTLINE.silent_pitches(96)[40] and OUTLINE.silent_pitches(60)[41]
    assert OUTLINE.silent_until(12, 40) == 48 and OUTLINE.silent_until(48, 40) is None


@given(st.lists(st.integers(1, 30), min_size=1, max_size=8), st.randoms(use_true_random=False), st.integers(0, 200))
def test_given_pitches_find_room_whatever_is_chosen_and_end_exactly(
    lengths: list[int], random: object, gap: int
) -> None:
    """As many notes as there were fill the room to its last step, one after the other."""
    from_step, to_step = 48 + gap, 48 + gap + sum(lengths)
    notes = tuple(Note(0, 60 + n, 1) for n in range(len(lengths)))
    room = Room(from_step, to_step, 0, 1, notes, max(lengths))
    bars = TimeMap(STEPS_PER_BEAT)
    context = MelodyContext(Surroundings(bars))
    context.append(36, 60, 12, 80)
    demands = Demands(bars, from_step, bars.bar_line_at_or_after(to_step), np.ones(128, dtype=np.bool_))
    guide = Guide(Outline((room,), Notes.of()), context, grammar := Grammar(demands, context))
    made = []
    while guide.piece is not None:
        mask = guide.gaps()
        chosen = None if mask is None else context.onset[-1] + random.choice(np.flatnonzero(mask).tolist())  # type: ignore[attr-defined]
        onset = guide.arrive(chosen)
        assert onset is not None
        pitch = guide.pitch()
        assert pitch is not None
        allowed = guide.durations(onset, pitch)
        long = allowed if isinstance(allowed, int) else random.choice(np.flatnonzero(allowed).tolist())  # type: ignore[attr-defined]
        context.append(onset, pitch, min(long, 96), 80)
        grammar.chose()
        guide.chose()
        made.append((onset, pitch, long))
    assert [pitch for _, pitch, _ in made] == [note.pitch for note in notes]
    assert from_step <= made[0][0] and made[-1][0] + made[-1][2] == to_step
    assert all(a + n <= b for (a, _, n), (b, _, _) in pairwise(made))
