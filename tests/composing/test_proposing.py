"""Chords for new bars where those of the song end."""

from __future__ import annotations

from dataclasses import replace

from harmony.test_detection import BAR, block
from musicassist.composing.melody_task import melody_task
from musicassist.composing.proposing import proposed_chords
from musicassist.composing.request import Constraints, GenerationRequest
from musicassist.score.chord_track import ChordMark, with_written_chords
from musicassist.score.song import KeyChange, Note, Notes, Song, Track
from musicassist.score.theory import Chord, Key, parse_chords

MELODY = Track("Melody", Notes.of(Note(480 * i, 72 + (0, 4, 7, 4)[i % 4], 480) for i in range(32)))
PIANO = Track("Piano", block("C Am F G C Am F G"), channel=1)
SONG = Song((MELODY, PIANO), key_changes=(KeyChange.of(0, Key(0)),))


def asked(song: Song = SONG, **wishes: object) -> GenerationRequest:
    return GenerationRequest("continue", song, **{"bars": 4, "seed": 1, **wishes})  # type: ignore[arg-type]


def proposed(request: GenerationRequest, bars: int = 4) -> list[tuple[float, float, str]]:
    spans = proposed_chords(request, 8 * BAR, (8 + bars) * BAR, is_closing=False)
    return [(s.from_tick / BAR, s.to_tick / BAR, str(s.chord)) for s in spans]


def test_the_turn_of_the_other_parts_goes_on() -> None:
    found = proposed(asked())
    assert (found[0][0], found[-1][1]) == (8, 12)
    assert [name for _, _, name in found][:2] == ["C", "Am"]
    assert proposed(asked()) == found


def test_a_song_without_chords_gets_none_and_neither_does_who_wants_or_has_others() -> None:
    assert proposed(asked(replace(SONG, tracks=(MELODY,)))) == []
    assert proposed(asked(constraints=Constraints(chord_strength="off"))) == []
    assert proposed(asked(constraints=Constraints(chords=parse_chords("C")))) == []
    on = replace(PIANO, notes=block(" ".join(["C Am F G"] * 3)))
    assert proposed(asked(replace(SONG, tracks=(MELODY, on)))) == []


def test_of_several_parts_those_that_are_written_end_where_they_are_gone_on_from() -> None:
    assert proposed(asked(all_parts=True)) == proposed(asked())
    on = replace(PIANO, notes=block(" ".join(["C Am F G"] * 3)))
    assert proposed(asked(replace(SONG, tracks=(MELODY, on)), parts=(1,), at_tick=8 * BAR))[0][0] == 8
    alone = asked(Song((PIANO,), key_changes=SONG.key_changes))  # a track with chords shows them itself
    assert proposed(alone) == proposed(asked())


def test_chords_that_ended_long_before_lead_nowhere() -> None:
    early = replace(PIANO, notes=block("C Am F"))
    assert proposed(asked(replace(SONG, tracks=(MELODY, early)))) == []


def test_where_the_other_parts_end_later_chords_begin_there() -> None:
    longer = replace(PIANO, notes=block("C Am F G C Am F G C Am"))
    assert proposed(asked(replace(SONG, tracks=(MELODY, longer))))[0][0] == 10


def test_the_last_written_chord_does_not_hold_for_ever_but_those_written_ahead_stay() -> None:
    names = ("C", "F", "G", "C")
    marks = [ChordMark(2 * i * BAR, parse_chords(name)[0]) for i, name in enumerate(names)]
    lone = Song((MELODY,), key_changes=SONG.key_changes)
    found = proposed(asked(with_written_chords(lone, marks)))
    assert (found[0][0], found[-1][1]) == (8, 12)
    ahead = [*marks, ChordMark(10 * BAR, Chord(5))]
    assert proposed(asked(with_written_chords(lone, ahead))) == []


def test_the_line_is_told_of_them_and_a_closed_take_ends_at_home() -> None:
    task = melody_task(asked(ending="closed"))
    assert task.proposed[-1].chord.root == 0
    steps = [span.from_tick // 40 for span in task.proposed]
    assert set(steps) <= set(task.passage.place.chord_starts)
    silent = melody_task(asked(replace(SONG, tracks=(MELODY,))))
    assert (silent.proposed, silent.passage.place.chord_masks) == ((), ())
