"""Windows of pieces: each note once, never across pieces, and padding that nothing learns from."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora import pack_of, tune
from melodies import even_melody
from musicassist.learning.batches import Batch, Dropout, gather, hide, note_losses, training_batches
from musicassist.learning.pack import Pack
from musicassist.tokens.columns import Columns
from musicassist.tokens.vocabulary import (
    CANDIDATES,
    DURATION_COLUMNS,
    GAP_COLUMNS,
    NONE_CLASS,
    PITCH_COLUMNS,
    PROFILE_SIZE,
    STATE_COLUMNS,
    UNKNOWN_TONIC,
)
from tiny_models import tiny_model

NOTHING = Dropout(0.0, 0.0, 0.0, 0.0, 0.0)
PLACES = {
    part: [name for name, _ in names]
    for part, names in {
        "state": STATE_COLUMNS,
        "gap": GAP_COLUMNS,
        "pitch": PITCH_COLUMNS,
        "duration": DURATION_COLUMNS,
    }.items()
}


def two_windows() -> Batch:
    pack = pack_of([tune(1), tune(2)])
    return gather(pack.columns, np.array([0, 39]), np.array([39, 12]))


def numbered_pack(lengths: list[int]) -> Pack:
    """Lines whose target pitch class is the line's number, and whose velocity columns count its rows."""
    parts = []
    for number, length in enumerate(lengths):
        part = Columns.empty(length)
        part.target[:, 1] = number
        part.target[:, 0] = np.arange(length) % 256
        parts.append(part)
    return Pack(
        Columns.joined(parts),
        np.cumsum([0, *lengths]),
        tuple(str(i) for i in range(len(lengths))),
        tuple("" for _ in lengths),
        np.ones(len(lengths), dtype=bool),
    )


def test_windows_are_padded_to_the_longest() -> None:
    batch = two_windows()
    assert batch.mask.sum(1).tolist() == [39, 12]
    assert batch.state.shape == (2, 39, len(STATE_COLUMNS))
    assert batch.head_numbers.shape == (2, 39, PROFILE_SIZE + 13)
    assert float(batch.numbers.min()) >= 0
    assert float(batch.numbers.max()) <= 1


@torch.no_grad()
def test_padding_is_never_trained_on() -> None:
    model, batch = tiny_model(), two_windows()
    before = note_losses(model, batch)
    padded = ~batch.mask
    batch.target[padded] = 3
    batch.state[padded], batch.numbers[padded] = 1, 0.5
    batch.head_numbers[padded] = 0.5
    for part in batch.columns:
        part[padded] = 0
    after = note_losses(model, batch)
    for one, other in zip(before, after, strict=True):
        assert torch.equal(one, other)
        assert (one[padded] == 0).all()
        assert torch.isfinite(one).all()


def test_padding_has_no_gradient() -> None:
    model, batch = tiny_model(), two_windows()

    def gradients() -> list[torch.Tensor]:
        model.zero_grad()
        torch.stack([loss.sum() for loss in note_losses(model, batch)]).sum().backward()
        return [parameter.grad.clone() for parameter in model.parameters() if parameter.grad is not None]

    before = gradients()
    batch.target[~batch.mask] = 3
    assert all(torch.equal(one, other) for one, other in zip(before, gradients(), strict=True))


@settings(max_examples=40)
@given(st.lists(st.integers(1, 300), min_size=1, max_size=8), st.integers(0, 5), st.integers(0, 3))
def test_an_epoch_reads_every_note_once_and_no_window_crosses_pieces(lengths: list[int], seed: int, epoch: int) -> None:
    pack = numbered_pack(lengths)
    seen: list[list[int]] = [[] for _ in lengths]
    batches = training_batches(
        pack, notes=32, batch_notes=256, other_share=0.0, dropout=NOTHING, seed=seed, epoch=epoch
    )
    for batch in batches:
        assert batch.mask.shape[1] <= 36
        assert batch.mask.numel() <= 256 or len(batch.mask) == 1
        for target, mask in zip(batch.target, batch.mask, strict=True):
            own = target[mask]
            assert len(own[:, 1].unique()) == 1
            assert (own[1:, 0] - own[:-1, 0]).remainder(256).eq(1).all()
            seen[int(own[0, 1])] += own[:, 0].tolist()
    assert [sorted(rows) for rows in seen] == [sorted(i % 256 for i in range(length)) for length in lengths]


def test_an_epoch_is_a_function_of_seed_and_epoch() -> None:
    pack = pack_of([tune(number) for number in range(6)])

    def epoch(seed: int, number: int) -> list[torch.Tensor]:
        options = {"notes": 16, "batch_notes": 64, "other_share": 0.3, "dropout": Dropout()}
        return [batch.state for batch in training_batches(pack, **options, seed=seed, epoch=number)]  # type: ignore[arg-type]

    def equal(one: list[torch.Tensor], other: list[torch.Tensor]) -> bool:
        return len(one) == len(other) and all(map(torch.equal, one, other))

    assert equal(epoch(1, 2), epoch(1, 2))
    assert not equal(epoch(1, 2), epoch(1, 3))
    assert not equal(epoch(1, 2), epoch(2, 2))


@pytest.mark.parametrize(("share", "windows"), [(0.0, 0), (1.0, 3)])
def test_lines_that_are_no_melody_are_read_in_their_share(share: float, windows: int) -> None:
    pack = pack_of([even_melody(*range(60, 72)) for _ in range(3)], is_melody=False)
    melody = pack_of([even_melody(*range(60, 72))])
    both = replace(
        pack,
        columns=Columns.joined([pack.columns, melody.columns]),
        first_row=np.append(pack.first_row, pack.first_row[-1] + 11),
        sources=(*pack.sources, "melody"),
        styles=(*pack.styles, ""),
        is_melody=np.array([False, False, False, True]),
    )
    batches = training_batches(both, notes=32, batch_notes=999, other_share=share, dropout=NOTHING, seed=0, epoch=0)
    assert sum(len(batch.mask) for batch in batches) == windows + 1


@pytest.mark.parametrize("what", [field.name for field in fields(Dropout)])
def test_one_thing_is_hidden_and_all_else_stays(what: str) -> None:
    plain, hidden = two_windows(), two_windows()
    hide(hidden, replace(NOTHING, **{what: 1.0}), np.random.default_rng(0))

    def changed(part: str) -> set[str]:
        number = ["gap", "pitch", "duration"].index(part) if part != "state" else None
        one, other = (b.state if number is None else b.columns[number] for b in (plain, hidden))
        return {name for at, name in enumerate(PLACES[part]) if not torch.equal(one[..., at], other[..., at])}

    numbers_are_equal = torch.equal(plain.head_numbers, hidden.head_numbers)
    expected = {
        "key_share": {"tonic", "mode"},
        "style_share": {"style"},
        "ending_share": {"countdown"},
        "chords_share": set(),
        "matches_share": {"match", "agreement"},
    }[what]
    assert changed("state") == expected
    assert changed("pitch") >= ({"tonic", "mode"} if what == "key_share" else set())
    assert numbers_are_equal == (what != "chords_share")
    if what != "matches_share":
        assert not changed("gap")
        assert not changed("duration")
    assert torch.equal(plain.target, hidden.target)
    assert torch.equal(plain.numbers, hidden.numbers)


def test_what_is_hidden_reads_as_unknown() -> None:
    batch = hide(two_windows(), Dropout(1.0, 1.0, 1.0, 1.0, 1.0), np.random.default_rng(0))

    def state(name: str) -> set[int]:
        return set(batch.state[..., PLACES["state"].index(name)].flatten().tolist())

    assert [state(name) for name in ("tonic", "mode", "style", "countdown")] == [{UNKNOWN_TONIC}, {0}, {0}, {0}]
    assert [state(name) for name in ("match", "agreement")] == [{0}, {8}]
    for part in batch.columns[:3]:
        assert (part[..., :CANDIDATES] == NONE_CLASS).all()
    assert (batch.head_numbers[..., PROFILE_SIZE:] == 0).all()
    pitch = batch.columns[1]
    assert (pitch[..., PLACES["pitch"].index("match_fit")] == 3).all()
    assert (pitch[..., PLACES["pitch"].index("contour_length")] == 0).all()


def test_things_are_hidden_from_whole_windows() -> None:
    pack = pack_of([tune(number) for number in range(30)])
    batch = gather(pack.columns, pack.first_row[:-1], np.diff(pack.first_row))
    hide(batch, replace(NOTHING, style_share=0.5), np.random.default_rng(1))
    styles = batch.state[..., PLACES["state"].index("style")]
    assert (styles == styles[:, :1]).all()
    assert 0 < int((styles[:, 0] == 0).sum()) < 30
