"""What the model of progressions is taught."""

from __future__ import annotations

import numpy as np
import torch

from harmony.test_progressions import BAR, ground, spans_of
from lab.training.progressions import MELODY_ROWS, Net, less_known, train
from musicassist.harmony.progressions import FACTS, LOOK_BACK_ROW, ROWS, STATES, features, placed_of, progression_net
from musicassist.models.weights import open_weights
from musicassist.resources import checkpoints_folder
from musicassist.score.theory import Key


def test_numpy_scores_as_torch_does() -> None:
    net = Net().eval()
    with open_weights(checkpoints_folder() / "progressions.safetensors") as weights:
        state = {
            f"{layer}.{part}": torch.tensor(weights.floats(name, *net.state_dict()[f"{layer}.{part}"].shape))
            for layer in ("inner", "middle", "outer")
            for part, name in (("weight", layer), ("bias", f"{layer}_bias"))
        }
    net.load_state_dict(state)
    placed = placed_of(spans_of("C Am F G7 C Em F"))
    read = [features(ground(Key(0)), placed[:i], i * BAR, (i + 1) * BAR) for i in range(7)]
    rows, facts = (np.stack([one[part] for one in read]) for part in (0, 1))
    with torch.no_grad():
        wanted = torch.log_softmax(net(torch.tensor(rows), torch.tensor(facts)), -1).numpy()
    np.testing.assert_allclose(progression_net().scores(rows, facts), wanted, atol=1e-3)


def test_a_net_learns_what_always_follows() -> None:
    torch.manual_seed(0)
    rows, facts = torch.zeros(64, ROWS, 12), torch.zeros(64, FACTS)
    root = torch.arange(64) % 12
    rows[torch.arange(64), MELODY_ROWS, root] = 1
    states = (root + 5) % 12 * (STATES // 12)
    assert train(Net(), (rows, facts, states), rounds=40, batch_size=16) < 1.0


def test_of_some_chords_less_is_told_and_nothing_else_changes() -> None:
    torch.manual_seed(0)
    rows, facts = torch.ones(400, ROWS, 12), torch.ones(400, FACTS)
    fewer, told = less_known(rows, facts)
    unheard = (fewer[:, :MELODY_ROWS] == 0).all(-1).all(-1)
    forgotten = (fewer[:, LOOK_BACK_ROW:] == 0).all(-1).all(-1)
    assert 0.08 < float(unheard.float().mean()) < 0.25
    assert 0.25 < float(forgotten.float().mean()) < 0.45
    assert ((told == 0).any(1) == forgotten).all()
    assert (fewer[:, MELODY_ROWS:LOOK_BACK_ROW] == 1).all()
    assert (rows == 1).all()
