"""How chords that are heard are judged."""

from __future__ import annotations

from harmony.test_detection import BAR, block
from lab.evaluation.chord_detection import heard_by_us, quality_class, right_share
from lab.training.chord_detector import labels_of
from musicassist.score.chord_track import ChordSpan
from musicassist.score.song import Song, Track
from musicassist.score.theory import parse_chord


def test_a_class_is_the_triad() -> None:
    classes = {q: quality_class(q) for q in ("", "7", "maj7", "m", "m7", "dim", "m7b5", "dim7", "aug", "sus2", "sus4")}
    assert list(classes.values()) == ["", "", "", "m", "m", "dim", "dim", "dim", "aug", "sus", "sus"]


def test_right_is_counted_by_time() -> None:
    labels = labels_of(Song((Track("CHORDS", block("C Am")),)))
    heard = [ChordSpan(0, BAR // 2, parse_chord("C7")), ChordSpan(BAR, 2 * BAR, parse_chord("A"))]
    assert right_share(labels, heard, 120) == (BAR // 2, 2 * BAR)
    assert right_share(labels, heard, 120, is_exact=True) == (0, 2 * BAR)


def test_a_lead_sheets_own_chords_are_heard() -> None:
    notes = block("C Am F G7 Dm7 C")
    song = Song((Track("CHORDS", notes),))
    right, total = right_share(labels_of(song), heard_by_us([notes], song), 120)
    assert right == total == 6 * BAR
