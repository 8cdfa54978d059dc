"""A take is explained by its notes: what each bar takes up, what is new, and how it lies over the chords."""

from __future__ import annotations

from builders import phrase
from musicassist.composing.explanation import Explanation, explanation_of
from musicassist.composing.plan import Relation
from musicassist.composing.request import Constraints, GenerationRequest, Take
from musicassist.score.chord_track import ChordSpan
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.score.theory import parse_chord

BAR, BEAT = 1920, 480
MOTIF = (60, 64, 62, 65)


def explained(*pitches: int, spans: tuple[ChordSpan, ...] = (), chords: tuple[ChordSpan, ...] = ()) -> Explanation:
    """Of a take of quarter notes behind two bars: a motif, and two half notes."""
    seed = phrase(*MOTIF, step_ticks=BEAT).plus(phrase(67, 60, step_ticks=2 * BEAT, from_tick=BAR))
    song = Song(tracks=(Track("Melody", seed),))
    request = GenerationRequest(kind="continue", song=song, bars=len(pitches) // 4)
    notes = phrase(*pitches, step_ticks=BEAT, from_tick=2 * BAR)
    take = Take(notes, 2 * BAR, 2 * BAR + BEAT * len(pitches), "lstm", 1, 1, 1.0, 1.0, Constraints(), chords=chords)
    return explanation_of(take, request, spans)


def said(explanation: Explanation) -> list[str]:
    return [template.format(**values) for template, values in explanation.words]


def test_each_bar_says_what_it_takes_up_of_my_own() -> None:
    found = explained(*MOTIF, 62, 65, 64, 67, 70, 61, 68, 66)
    assert [(own.bar, own.relation, own.taken_bar) for own in found.developments] == [
        (2, Relation.SAME, 0),
        (3, Relation.SEQUENCE_UP, 2),
        (4, Relation.RHYTHM, 0),
    ]
    assert said(found)[:3] == ["bar 3 is bar 1 again", "bar 4 is bar 3, higher", "bar 5 has the rhythm of bar 1"]


def test_what_is_new_is_said_in_one_sentence() -> None:
    seed = phrase(60, 62, 64, 65, step_ticks=BEAT)
    song = Song(tracks=(Track("Melody", seed),))
    request = GenerationRequest(kind="continue", song=song, bars=2)
    notes = Notes.of([Note(BAR, 72, 240), Note(BAR + 360, 74, 120), Note(2 * BAR, 60, BAR)])
    take = Take(notes, BAR, 3 * BAR, "lstm", 1, 1, 1.0, 1.0, Constraints())
    assert "new: bars 2, 3" in said(explanation_of(take, request, ()))


def test_notes_on_beats_are_counted_under_the_songs_chords_and_the_proposed_ones() -> None:
    song_chord = ChordSpan(0, 3 * BAR, parse_chord("C"))
    proposed = ChordSpan(3 * BAR, 4 * BAR, parse_chord("G"))
    found = explained(60, 64, 62, 67, 67, 71, 74, 60, spans=(song_chord,), chords=(proposed,))
    assert (found.chord_tones, found.on_beats) == (6, 8)
    assert said(found)[-1] == "6 of 8 notes on beats are chord tones"
    assert (explained(*MOTIF).chord_tones, explained(*MOTIF).on_beats) == (0, 0)
