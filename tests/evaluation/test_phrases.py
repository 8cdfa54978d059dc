"""Phrases are cut from pieces fairly: old ones from the start, windows from all over, none sharing a bar."""

from __future__ import annotations

from collections import Counter
from itertools import chain

from corpora import tune
from melodies import bars_of
from musicassist.evaluation.phrases import phrases_of, windows_of
from musicassist.learning.corpus import Line
from musicassist.tokens.codec import Surroundings


def _line(number: int, notes: int) -> Line:
    place = Surroundings(bars_of((0, 4, 4)))
    return Line(f"made/{number}.mid", "valid", "folk", tune(number, notes=notes), place, is_melody=True)


LINES = [_line(0, 800), _line(1, 800), _line(2, 150), _line(3, 30)]


def test_every_melody_gives_one_window_before_any_gives_two() -> None:
    assert sorted(window.source for window in windows_of(LINES, 3, seed=1)) == [f"made/{n}.mid" for n in range(3)]
    counts = Counter(window.source for window in windows_of(LINES, 5, seed=1))
    assert counts == {"made/0.mid": 2, "made/1.mid": 2, "made/2.mid": 1}


def test_windows_share_no_bar() -> None:
    windows = windows_of(LINES[:1], 100, seed=1)
    melody = tune(0, notes=800)
    assert len(windows) == (melody.onset_step[-1] // 48) // 12
    pitches = [list(w.song.tracks[0].notes.pitch) + list(w.truth.pitch) for w in windows]
    whole = melody.pitch[melody.onset_step < 48 * 12 * len(windows)].tolist()
    assert sorted(chain(*pitches)) == sorted(whole)


def test_phrases_begin_with_the_melody() -> None:
    phrases = phrases_of(LINES, 10, seed=1)
    assert sorted(phrase.source for phrase in phrases) == [f"made/{n}.mid" for n in range(3)]
    for phrase in phrases:
        own = tune(int(phrase.source[5]), notes=800)
        assert phrase.song.tracks[0].notes.pitch.tolist() == own.pitch[own.onset_step < 48 * 8].tolist()
