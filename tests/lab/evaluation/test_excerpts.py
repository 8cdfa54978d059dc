"""What the scoreboard compares: true, made, repeated and borrowed continuations."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from excerpt_builders import BAR_TICKS, SEED, beats, excerpt_of, phrase_of, walks
from lab.evaluation.excerpts import borrowed_excerpts, made_excerpts, repeated_excerpts
from musicassist.composing.engine import Engine
from musicassist.families.registry import FAMILIES
from musicassist.score.theory import Key
from tiny_models import install_tiny_model


def test_an_excerpt_knows_its_bars_and_the_key_of_its_seed() -> None:
    excerpt = excerpt_of([(60, 62), (), (64,), (65, 67, 69)])
    assert len(excerpt.bars) == 12
    assert excerpt.bars[8:] == (
        ((0, 60, 12), (12, 62, 12)),
        (),
        ((0, 64, 12),),
        ((0, 65, 12), (12, 67, 12), (24, 69, 12)),
    )
    assert excerpt.bar_steps == 48
    assert excerpt.key == Key(0, "major")


def test_repeated_bars_are_the_seeds_last_four() -> None:
    (repeated,) = repeated_excerpts([phrase_of([(60,)] * 4)])
    assert repeated.notes == beats(SEED[4:], from_bar=8)


def test_what_is_borrowed_stands_in_the_seeds_key_and_near_its_last_note() -> None:
    in_c = phrase_of([(60,)] * 4, source="made/c.mid")  # its seed ends on 60
    in_d = phrase_of([(74, 76)] * 4, seed=[[pitch + 2 for pitch in bar] for bar in SEED], source="made/d.mid")
    in_three = phrase_of([(60,)] * 4, source="made/waltz.mid", meter=(3, 4))
    in_c_again = phrase_of([(61,)] * 4, source="made/d.mid")
    borrowed = borrowed_excerpts([in_c, in_d, in_three, in_c_again], seed=1)
    assert [own.phrase.source for own in borrowed] == ["made/c.mid", "made/d.mid", "made/d.mid"]  # no other waltz
    assert borrowed[0].notes in (beats([(60, 62)] * 4, from_bar=8), beats([(61,)] * 4, from_bar=8))
    assert borrowed[1].notes == beats([(62,)] * 4, from_bar=8)


def test_takes_fill_the_same_bars_as_the_truth_and_come_again(tmp_path: Path) -> None:
    install_tiny_model(tmp_path)
    phrases = [*walks(2), phrase_of([(60,)] * 4, seed=[*SEED[:6], (), ()])]  # the last one's seed ends with two rests
    made, speed = made_excerpts(Engine(tmp_path, FAMILIES), "tiny", phrases, seed=5)
    again, _ = made_excerpts(Engine(tmp_path, FAMILIES), "tiny", phrases, seed=5)
    assert [own.notes for own in made] == [own.notes for own in again]
    for own in made:
        assert own.notes.start_tick.min() >= 8 * BAR_TICKS
        assert 11 * BAR_TICKS < own.notes.end_tick.max() <= 12 * BAR_TICKS  # a take may end with a rest
    assert made[2].lead_in.start_tick.min() >= 6 * BAR_TICKS
    assert made[2].lead_in.start_tick.max() < 8 * BAR_TICKS
    assert len(made[2].seed) == 24 + len(made[2].lead_in)
    longer, _ = made_excerpts(Engine(tmp_path, FAMILIES), "tiny", phrases, seed=5, extra_bars=2)
    assert max(own.notes.end_tick.max() for own in longer) <= 12 * BAR_TICKS
    assert [own.notes for own in longer] != [own.notes for own in made]
    assert len(speed.first_note_seconds) == 3
    assert (
        0
        < np.median(speed.first_note_seconds)
        < sum(len(own.notes) + len(own.lead_in) for own in made) / speed.notes_per_second
    )
