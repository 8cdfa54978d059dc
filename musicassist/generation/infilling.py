"""A Transformer that fills a hole: it reads what stands before and behind, then goes on from before."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from musicassist.generation.net_predictor import NetPredictor, seed_context
from musicassist.generation.predictor import Passage
from musicassist.generation.transformer_decoding import TransformerDecoder
from musicassist.tokens.context import MelodyContext
from musicassist.tokens.following import COUNTDOWN, arranged_positions, arranged_segments, following_rows


class InfillPredictor(NetPredictor):
    """See :class:`predictor.Predictor`; where nothing stands behind the passage, it continues."""

    def __init__(self, decoder: TransformerDecoder) -> None:
        super().__init__(decoder)
        self.transformer = decoder

    def begin(self, passage: Passage, randoms: Sequence[np.random.Generator]) -> list[MelodyContext]:
        """Reads what stands before, what stands behind, and the last note before again."""
        if not len(passage.following):
            return super().begin(passage, randoms)
        context, before, profiles = seed_context(passage.seed, passage.place)
        behind = following_rows(context, passage.following)
        last_row, last_profile = before[-1:].copy(), profiles[-1:]
        before[:, COUNTDOWN] = 0  # the bars are counted down in the hole only
        sizes = len(before), len(behind), 1
        unknown = np.zeros((len(behind), profiles.shape[1]), dtype=np.float32)
        self.transformer.prefill(
            torch.from_numpy(np.concatenate([before, behind, last_row])),
            torch.from_numpy(np.concatenate([profiles, unknown, last_profile])),
            len(randoms),
            torch.from_numpy(arranged_segments(*sizes)),
            torch.from_numpy(arranged_positions(*sizes)),
        )
        return [context.copy() for _ in randoms]
