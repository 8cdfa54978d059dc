"""What is measured of chords beside a melody."""

from __future__ import annotations

from harmony.test_progressions import BAR, spans_of
from lab.evaluation.harmonised import Sums
from musicassist.score.song import Note, Notes
from musicassist.score.theory import Key


def test_a_stretch_is_told_by_its_shares() -> None:
    sums = Sums()
    melody = Notes.of([Note(0, 64, 960), Note(960, 65, 480), Note(1500, 61, 240), Note(BAR, 68, 1440)])
    sums.add(spans_of("C E7"), melody, Key(0), 480, 2)
    assert sums.words() == (
        "1.00 chords a bar, 83% chord tones on beats, 12.5% outside the key, 50% of the time four tones"
    )
