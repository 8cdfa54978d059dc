"""Chord symbols."""

from __future__ import annotations

import pychord
import pytest
from pychord.constants.qualities import DEFAULT_QUALITIES

from musicassist.score.theory import CHORD_QUALITIES, Chord, chord_steps, parse_chord, parse_pitch_class

ROOTS = ("C", "F#", "Bb", "Ab", "E")


@pytest.mark.parametrize("quality", CHORD_QUALITIES)
def test_chord_symbols_read_back(quality: str) -> None:
    for root in range(12):
        for bass in (None, 0, 10):
            chord = Chord(root, quality, bass)
            assert parse_chord(str(chord)) == chord


def test_chords_hold_their_tones() -> None:
    assert parse_chord("F#m7").pitch_classes == {6, 9, 1, 4}
    assert parse_chord("G/B").pitch_classes == {7, 11, 2}
    assert parse_chord("Bb").root == parse_pitch_class("A#")


@pytest.mark.parametrize("text", ["", "H", "Cfoo", "C/H", "c"])
def test_what_is_no_chord_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="chord"):
        parse_chord(text)


@pytest.mark.parametrize("suffix", [suffix for suffix, _ in DEFAULT_QUALITIES])
@pytest.mark.parametrize("root", ROOTS)
def test_every_chord_word_that_pychord_knows_has_the_same_tones(root: str, suffix: str) -> None:
    tones = {parse_pitch_class(name) for name in pychord.Chord(root + suffix).components()}
    assert parse_chord(root + suffix).pitch_classes == tones


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("C- Cmi Cmin CMI Cminor C\u2212", "C Eb G"),
        ("C-7 Cmi7 Cmin7 Cminor7 CMI7", "C Eb G Bb"),
        ("C6/9 C69 C6(9) C6add9 C(6/9)", "C D E G A"),
        ("C° Co Cdim Cº Cmb5 Cm-5", "C Eb Gb"),
        ("C°7 Co7 Cdim7", "C Eb Gb A"),
        ("Cø CØ Cø7 Cm7b5 C-7b5 Cm7(♭5) Cmi7-5", "C Eb Gb Bb"),
        ("CΔ CΔ7 C∆ C△7 CM7 Cmaj7 CMaj7 CMA7 Cma7 Cmj7 C7M Cj7", "C E G B"),
        ("Cm(maj7) CmM7 Cmmaj7 CminMaj7 C-Δ7 C-Δ CmΔ Cmi(ma7) C-maj7", "C Eb G B"),
        ("CM C Cmaj Cmajor CMaj", "C E G"),
        ("C5", "C G"),
        ("Cadd9 C(add9) C2 Cadd2 C/9", "C D E G"),
        ("Cm(add9) Cmadd9 C-add9", "C D Eb G"),
        ("Csus4 Csus", "C F G"),
        ("C7sus4 C7sus", "C F G Bb"),
        ("Cmaj9 CM9 CΔ9", "C D E G B"),
        ("C+ Caug C+5 C(#5) C(♯5)", "C E G#"),
        ("C+7 C7+ C7#5 Caug7 C7+5", "C E G# Bb"),
        ("C7(b9,#11)", "C Db E F# G Bb"),
        ("C7alt", "C Db Eb E Gb Ab Bb"),
        ("C6/9/E", "C D E G A"),
        ("Em7/D E-7/D", "E G B D"),
    ],
)
def test_the_same_chord_in_the_words_of_many_countries(words: str, names: str) -> None:
    tones = {parse_pitch_class(name) for name in names.split()}
    assert {word: parse_chord(word).pitch_classes for word in words.split()} == dict.fromkeys(words.split(), tones)


@pytest.mark.parametrize("word", ["N.C.", "NC", "n.c."])
def test_no_chord_asks_nothing_of_the_notes_under_it(word: str) -> None:
    chord = parse_chord(word)
    assert not chord.pitch_classes
    assert str(chord) == "N.C."
    assert chord_steps(chord.quality) == ()


@pytest.mark.parametrize("text", ["C77", "C7x", "Cm7m", "-7", "Csus4q", "C13b"])
def test_nonsense_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match="are those such as"):
        parse_chord(text)


def test_roots_and_basses_may_have_printed_accidentals() -> None:
    assert parse_chord("B♭Δ/F♯") == Chord(10, "maj7", 6)
