"""Tensors and a page of JSON in one safetensors file, written so that a crash or a full disk leaves the old file."""

from __future__ import annotations

import json
import os
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from musicassist.disk import open_regular, replace_whole
from musicassist.errors import CheckpointError

LARGEST_BYTES = 512 * 1024 * 1024  # LIMIT
LARGEST_HEADER_BYTES = 4 * 1024 * 1024  # LIMIT: a giant header is a known way to stall a reader
MOST_TENSORS = 2000  # LIMIT


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
            "{file} could not be written ({reason}). The file that was there is unchanged.",
            file=path,
            reason=error.strerror or error,
        ) from error


def read_state(path: Path) -> tuple[dict[str, Tensor], dict[str, object]]:
    """The tensors and the page of a file. Nothing in it can run code.

    Raises:
        CheckpointError: The file is missing, damaged, too large, or no safetensors file.
    """
    _check_header(path)
    try:
        with safe_open(path, framework="pt") as handle:
            names = list(handle.keys())
            page = json.loads((handle.metadata() or {}).get("page", "{}"))
            tensors = {name: handle.get_tensor(name) for name in names}
        finite = all(bool(torch.isfinite(t).all()) for t in tensors.values() if t.is_floating_point())
    except (SafetensorError, OSError, ValueError, RuntimeError, RecursionError) as error:
        raise _damaged(path) from error
    if not isinstance(page, dict):
        raise _damaged(path)
    if not finite:
        raise CheckpointError("The model file {file} holds numbers that are not finite. Install it again.", file=path)
    return tensors, page


def _check_header(path: Path) -> None:
    try:
        with open_regular(path) as handle:
            size = os.fstat(handle.fileno()).st_size
            header_bytes = int.from_bytes(handle.read(8), "little")
            header = handle.read(min(header_bytes, LARGEST_HEADER_BYTES))
    except FileNotFoundError as error:
        raise CheckpointError("The model file {file} is missing. Install musicassist again.", file=path) from error
    except OSError as error:
        raise _damaged(path) from error
    if size > LARGEST_BYTES:
        raise CheckpointError("The model file {file} is too large to be one of ours.", file=path)
    if header_bytes > LARGEST_HEADER_BYTES or header_bytes + 8 > size or header.count(b"data_offsets") > MOST_TENSORS:
        raise _damaged(path)


def _damaged(path: Path) -> CheckpointError:
    return CheckpointError("The model file {file} is damaged or is no model file. Install it again.", file=path)
