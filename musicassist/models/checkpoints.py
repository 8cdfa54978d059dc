"""A model as two files: weights as fp16 safetensors, and its card as JSON. Nothing in them can run code."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import torch

from musicassist.errors import CheckpointError
from musicassist.models.cards import ModelCard, read_card
from musicassist.models.recurrent import RecurrentConfig, RecurrentModel
from musicassist.models.state_file import read_state, write_state, write_whole

MOST_PARAMETERS = 100_000_000  # LIMIT: more is no model of ours


def save_checkpoint(model: RecurrentModel, card: ModelCard, path: Path) -> ModelCard:
    """Writes ``path`` (``.safetensors``) and the card beside it (``.json``); gives the card with its true size.

    Raises:
        CheckpointError: They cannot be written.
    """
    tensors = {name: tensor.half() for name, tensor in model.state_dict().items()}
    write_state(path, tensors, {"vocabulary": card.vocabulary})
    card = replace(card, bytes=path.stat().st_size, parameters=model.parameter_count)
    write_whole(path.with_suffix(".json"), (json.dumps(card.as_json(), indent=1) + "\n").encode())
    return card


def load_checkpoint(path: Path, *, vocabulary: str) -> tuple[RecurrentModel, ModelCard]:
    """The model in ``path`` with the card beside it, in fp32 and ready to use.

    Args:
        path: A ``.safetensors`` file.
        vocabulary: The hash that its card must bear.

    Raises:
        CheckpointError: Missing, damaged, hostile, of another vocabulary or shape; the sentence says which.
    """
    card = read_card(path.with_suffix(".json"))
    if card.vocabulary != vocabulary:
        raise CheckpointError(
            "The model {file} was made for another version of musicassist. Install or train a new one.", file=path
        )
    tensors, _ = read_state(path)
    try:
        config = RecurrentConfig.from_json(card.config)
        with torch.device("meta"):
            model = RecurrentModel(config)
        if model.parameter_count > MOST_PARAMETERS:
            raise ValueError("too many parameters")
        model.load_state_dict({name: tensor.float() for name, tensor in tensors.items()}, assign=True)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RuntimeError) as error:
        raise CheckpointError("The model file {file} does not fit its card. Install it again.", file=path) from error
    return model.eval(), card
