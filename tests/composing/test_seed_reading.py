"""What is kept of a seed changes no take, and spares reading it anew."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from corpora import tune
from melodies import bars_of
from musicassist.composing.seed_reading import EventNet, SeedReader
from musicassist.tokens.codec import Melody, Surroundings
from tiny_models import step_of, tiny_model, transformer_step

PLACE = Surroundings(bars_of((0, 4, 4)), tonic=0, mode=1, last_bar=40)
NETS: dict[str, EventNet] = {
    "lstm": step_of(tiny_model()),
    "attention": step_of(tiny_model(attention_heads=3)),
    "transformer": transformer_step(),
}


def moved(melody: Melody, at: int) -> Melody:
    pitch = melody.pitch.copy()
    pitch[at] += 2
    return replace(melody, pitch=pitch)


@pytest.mark.parametrize("net", NETS.values(), ids=NETS)
def test_what_is_kept_changes_nothing(net: EventNet) -> None:
    long = tune(3, notes=150)
    kept = SeedReader(net)
    for seed, place in (
        (long, PLACE),
        (long, PLACE),
        (moved(long, 149), PLACE),
        (moved(long, 70), PLACE),
        (long.rows(0, 147), PLACE),
        (long, replace(PLACE, last_bar=43)),
        (long, replace(PLACE, tonic=2)),
        (long.rows(0, 1), PLACE),
    ):
        for counts_down in (True, False):
            context, past = kept.read(seed, place, counts_down=counts_down)
            other, fresh = SeedReader(net).read(seed, place, counts_down=counts_down)
            assert np.array_equal(past.output, fresh.output)
            assert (context.state_row(), context.profile(), context.gap_row()) == (
                other.state_row(),
                other.profile(),
                other.gap_row(),
            )


def test_only_what_is_new_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    net, events = step_of(tiny_model()), []
    reader, read = SeedReader(net), net.read
    monkeypatch.setattr(
        net, "read", lambda past, state, numbers: events.append(len(state)) or read(past, state, numbers)
    )
    seed = tune(3, notes=150)
    told = []
    for own in (seed, seed, moved(seed, 148), seed.rows(0, 149)):
        events.clear()
        reader.read(own, PLACE)
        told.append(sum(events))
    assert told[0] == 150
    assert told[1] == 0
    assert max(told[2:]) <= 8
