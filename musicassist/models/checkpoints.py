"""Tensors and a page of JSON in one safetensors file, written so that a crash or a full disk leaves the old file."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from musicassist.disk import replace_whole
from musicassist.errors import QT_TRANSLATE_NOOP, CheckpointError
from musicassist.models.cards import ModelCard, read_card
from musicassist.models.weights import Weights, check_header, damaged
from musicassist.values import plain_of

MAX_PARAMETERS = 100_000_000  # LIMIT: more is no model of ours


def write_state(path: Path, tensors: dict[str, Tensor], page: dict[str, object]) -> None:
    """Writes tensors and a page of JSON.

    Raises:
        CheckpointError: The file cannot be written; the old one is untouched.
    """
    data = save({name: t.contiguous() for name, t in tensors.items()}, metadata={"page": json.dumps(page)})
    write_whole(path, data)


def write_whole(path: Path, data: bytes) -> None:
    """Writes a file beside the old one, then puts it in its place.

    Raises:
        CheckpointError: The file cannot be written; the old one is untouched.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_whole(path, data)
    except OSError as error:
        raise CheckpointError(
            QT_TRANSLATE_NOOP(
                "Errors", "{file} could not be written ({reason}). The file that was there is unchanged."
            ),
            file=path,
            reason=error.strerror or error,
        ) from error


def read_state(path: Path) -> tuple[dict[str, Tensor], dict[str, object]]:
    """The tensors and the page of a file. Nothing in it can run code.

    Raises:
        CheckpointError: The file is missing, damaged, too large, or no safetensors file.
    """
    check_header(path)
    try:
        with safe_open(path, framework="pt") as handle:
            names = list(handle.keys())
            page = json.loads((handle.metadata() or {}).get("page", "{}"))
            tensors = {name: handle.get_tensor(name) for name in names}
        finite = all(bool(torch.isfinite(t).all()) for t in tensors.values() if t.is_floating_point())
    except (SafetensorError, OSError, ValueError, RuntimeError, RecursionError) as error:
        raise damaged(path) from error
    if not isinstance(page, dict):
        raise damaged(path)
    if not finite:
        raise CheckpointError(
            QT_TRANSLATE_NOOP("Errors", "The model file {file} holds numbers that are not finite. Install it again."),
            file=path,
        )
    return tensors, page


def weights_of(model: nn.Module) -> Weights:
    """The numbers of a net as what composes would read them from its checkpoint."""
    state = model.state_dict()
    return Weights(state, lambda name: state[name].detach().cpu().numpy())


def parameter_count(model: nn.Module) -> int:
    """Numbers that were learned; a model that counts says by itself how many."""
    own = getattr(model, "parameter_count", None)
    return own if isinstance(own, int) else sum(parameter.numel() for parameter in model.parameters())


def save_checkpoint(model: nn.Module, card: ModelCard, path: Path) -> ModelCard:
    """Writes ``path`` (``.safetensors``) and the card beside it (``.json``); gives the card with its true size.

    Raises:
        CheckpointError: They cannot be written.
    """
    tensors = {name: _of_type(tensor, torch.float16) for name, tensor in model.state_dict().items()}
    write_state(path, tensors, {"vocabulary": card.vocabulary})
    card = replace(card, bytes=path.stat().st_size, parameters=parameter_count(model))
    write_whole(path.with_suffix(".json"), (json.dumps(plain_of(card), indent=1) + "\n").encode())
    return card


def _of_type(tensor: Tensor, kind: torch.dtype) -> Tensor:
    """The tensor in another floating type; whole numbers stay as they are."""
    return tensor.to(kind) if tensor.is_floating_point() else tensor


def rounded_as_stored(model: nn.Module) -> nn.Module:
    """The model with the weights that its checkpoint will hold, so that what is measured is what is shipped."""
    state = model.state_dict()
    model.load_state_dict({name: _of_type(_of_type(t, torch.float16), t.dtype) for name, t in state.items()})
    return model


class _Unwritten(TorchFunctionMode):
    """Leaves new weights unwritten: they come from the file, and random ones on "meta" would load half of torch."""

    _WRITES = frozenset({"uniform_", "normal_", "zeros_", "zero_", "fill_"})

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        given = kwargs or {}
        if func.__name__ in self._WRITES:
            return args[0] if args else given["tensor"]
        return func(*args, **given)


def load_checkpoint(path: Path, net: Callable[[ModelCard], nn.Module], *, vocabulary: str) -> tuple[Any, ModelCard]:
    """The model in ``path`` with the card beside it, in fp32 and ready to use.

    Args:
        path: A ``.safetensors`` file.
        net: The net that a card describes, see ``composing.family.Families.net``.
        vocabulary: The hash that its card must bear.

    Raises:
        CheckpointError: Missing, damaged, hostile, of another vocabulary or shape; the sentence says which.
    """
    card = read_card(path.with_suffix(".json"))
    if card.vocabulary != vocabulary:
        raise CheckpointError(
            QT_TRANSLATE_NOOP(
                "Errors", "The model {file} was made for another version of musicassist. Install or train a new one."
            ),
            file=path,
        )
    tensors, _ = read_state(path)
    try:
        with torch.device("meta"), _Unwritten():
            model = net(card)
        if parameter_count(model) > MAX_PARAMETERS:
            raise ValueError("too many parameters")
        own = model.state_dict()
        if any(t.is_floating_point() != own[name].is_floating_point() for name, t in tensors.items()):
            raise ValueError("numbers of another kind")
        model.load_state_dict({name: _of_type(t, torch.float32) for name, t in tensors.items()}, assign=True)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RuntimeError) as error:
        raise CheckpointError(
            QT_TRANSLATE_NOOP("Errors", "The model file {file} does not fit its card. Install it again."), file=path
        ) from error
    return model.eval(), card
