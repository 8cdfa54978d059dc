"""The net with a plan: begun from the net of melodies."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from form_music import PLACE, full_form, small_net, tune
from lab.form.batches import NOTHING_TOLD, gather
from lab.form.columns import rows_of
from lab.form.net import FormModel, begun_from, load_form, save_form
from musicassist.families.recurrent.form_vocabulary import form_config
from musicassist.families.recurrent.learning import melody_config
from musicassist.families.recurrent.net import RecurrentModel
from musicassist.learning.batches import HIDE_ALL_CONDITIONS, hide
from musicassist.learning.batches import gather_rows as gather_old
from musicassist.tokens.columns import columns_of


@torch.no_grad()
def test_it_begins_as_the_net_of_melodies() -> None:
    """Whatever it is told: what is new counts nothing yet."""
    torch.manual_seed(3)
    old = RecurrentModel(melody_config("lstm", 24, head_hidden=20)).eval()
    new = FormModel(form_config(24, 20)).eval()
    new.load_state_dict(begun_from(old.state_dict(), new.config))
    rows = rows_of(tune(), PLACE, full_form())
    at, mask = np.arange(len(rows))[None], np.ones((1, len(rows)), dtype=bool)
    random = np.random.default_rng(1)
    before = hide(gather_old(columns_of(tune(), PLACE), at, mask), HIDE_ALL_CONDITIONS, random)
    expected = old(before.state, before.columns, before.numbers, before.head_numbers)
    told = gather(rows, at, mask, NOTHING_TOLD, random)
    for own, logits in zip(new(told.state, told.columns, told.numbers, told.head_numbers), expected, strict=True):
        torch.testing.assert_close(own, logits, atol=1e-5, rtol=0)


@torch.no_grad()
def test_the_steps_of_the_net_are_those_of_torchs_lstm() -> None:
    net = small_net()
    state = torch.stack([torch.randint(net.config.tables[name], (2, 9)) for name in net.config.state_columns], -1)
    numbers = torch.rand(2, 9, net.config.numbers)
    outputs, _ = net.outputs(state, numbers)
    expected, _ = net.net(net.input_of(state, numbers))
    torch.testing.assert_close(outputs, expected, atol=1e-5, rtol=1e-5)


def test_weights_come_back_from_halves(tmp_path: Path) -> None:
    net = small_net()
    save_form(net.state_dict(), tmp_path / "net.safetensors")
    again = load_form(tmp_path / "net.safetensors", net.config)
    for one, other in zip(net.parameters(), again.parameters(), strict=True):
        torch.testing.assert_close(one, other, atol=1e-3, rtol=1e-3)
    assert not again.training
