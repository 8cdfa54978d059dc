"""The count of what becomes of notes in mixes finds each fault that is planted, and none in a mix."""

from __future__ import annotations

from dataclasses import replace

from builders import phrase
from lab.comping import faults
from musicassist.composing.request import Constraints, Part, Take
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.session.comping import Comp, Mix, mix_of

BAR = 1920
SPAN = (BAR, 5 * BAR)
SONG = Song(tracks=(Track(), Track("Bass")))
COMP = Comp.of(*SPAN, 1).swiped(2 * BAR, 3 * BAR, 2)


def take(number: int, pitch: int) -> Take:
    own, bass = (phrase(*[pitch - down] * 16, step_ticks=480, from_tick=BAR) for down in (0, 24))
    return Take(own, *SPAN, "lstm", 7, number, 1.0, 1.0, Constraints(), parts=(Part(1, bass),))


TAKES = take(1, 60), take(2, 64)


def counted(mix: Mix) -> dict[str, int]:
    return {name: count for name, count in faults(COMP, mix, TAKES).items() if count}


def with_notes(mix: Mix, notes: list[Note], *, is_part: bool) -> Mix:
    own = Notes.of(notes)
    part = (replace(mix.take.parts[0], notes=own),)
    return replace(mix, take=replace(mix.take, parts=part) if is_part else replace(mix.take, notes=own))


def test_each_planted_fault_is_found_and_none_in_a_mix() -> None:
    mix = mix_of(COMP, {own.number: own for own in TAKES}, SONG)
    assert counted(mix) == {}
    for is_part in (False, True):
        rows = list(mix.take.parts[0].notes if is_part else mix.take.notes)
        short, at = replace(rows[5], duration_ticks=100), rows[5]
        assert counted(with_notes(mix, [*rows[:5], *rows[6:]], is_part=is_part)) == {"notes lost": 1}
        found = counted(with_notes(mix, [*rows[:5], short, *rows[6:]], is_part=is_part))
        assert found == {"notes lost": 1, "notes cut": 1}
        assert counted(with_notes(mix, [*rows, at], is_part=is_part))["notes doubled"] == 1
