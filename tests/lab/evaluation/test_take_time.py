"""Takes are timed in whatever room a checkout keeps its engine."""

from __future__ import annotations

from lab.evaluation.take_time import BARS, TAKES, make_engine, phrase_song, request_class


def test_the_engine_and_its_request_are_found_and_compose() -> None:
    engine = make_engine()
    takes = engine.generate(request_class()("continue", phrase_song(), bars=BARS, takes=TAKES, seed=1, model="markov"))
    assert len(takes) == TAKES
