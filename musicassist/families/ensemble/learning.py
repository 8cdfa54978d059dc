"""How the net of all parts learns: in the laboratory, from songs of many parts; here is what is made of its card."""

from __future__ import annotations

from collections.abc import Mapping

from musicassist.families.ensemble.columns import config_of
from musicassist.families.ensemble.net import EnsembleNet
from musicassist.learning.recipe import Learning


def _net(page: Mapping[str, object]) -> EnsembleNet:
    return EnsembleNet(config_of(page))


# ``lab.training.ensemble`` trains it: the corpus of this program holds melodies alone
LEARNING = Learning(net=_net, recipes=())
