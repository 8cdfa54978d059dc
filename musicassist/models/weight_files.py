"""Checkpoints opened for composing: what a hostile or damaged file does is refused in a sentence."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from safetensors import SafetensorError, safe_open

from musicassist.disk import open_regular
from musicassist.errors import CheckpointError
from musicassist.models.weights import NotFiniteError, Weights

MAX_BYTES = 512 * 1024 * 1024  # LIMIT
MAX_HEADER_BYTES = 4 * 1024 * 1024  # LIMIT: a giant header is a known way to stall a reader
MAX_TENSORS = 2000  # LIMIT


@contextmanager
def open_weights(path: Path) -> Iterator[Weights]:
    """The numbers of a checkpoint for as long as they are read. Nothing in the file can run code.

    Raises:
        CheckpointError: The file is missing, damaged, too large or no safetensors file, or what is asked of it in the
            block does not fit.
    """
    check_header(path)
    with ExitStack() as stack:
        try:
            file = stack.enter_context(safe_open(path, framework="np"))
            if not isinstance(json.loads((file.metadata() or {}).get("page", "{}")), dict):
                raise ValueError("its page is none")
        except (SafetensorError, OSError, ValueError, RuntimeError, RecursionError) as error:
            raise damaged(path) from error
        with _told_of(path):
            yield Weights(file.keys(), file.get_tensor)


@contextmanager
def _told_of(path: Path) -> Iterator[None]:
    """Says of which file it was that something did not fit."""
    try:
        yield
    except NotFiniteError as error:
        raise CheckpointError(
            "The model file {file} holds numbers that are not finite. Install it again.", file=path
        ) from error
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RuntimeError, SafetensorError) as error:
        raise CheckpointError("The model file {file} does not fit its card. Install it again.", file=path) from error


def check_header(path: Path) -> None:
    """Looks at the first bytes of a checkpoint before a library does.

    Raises:
        CheckpointError: The file is missing, too large, or its header says what no checkpoint of ours does.
    """
    try:
        with open_regular(path) as handle:
            size = os.fstat(handle.fileno()).st_size
            header_bytes = int.from_bytes(handle.read(8), "little")
            header = handle.read(min(header_bytes, MAX_HEADER_BYTES))
    except FileNotFoundError as error:
        raise CheckpointError("The model file {file} is missing. Install musicassist again.", file=path) from error
    except OSError as error:
        raise damaged(path) from error
    if size > MAX_BYTES:
        raise CheckpointError("The model file {file} is too large to be one of ours.", file=path)
    if header_bytes > MAX_HEADER_BYTES or header_bytes + 8 > size or header.count(b"data_offsets") > MAX_TENSORS:
        raise damaged(path)


def damaged(path: Path) -> CheckpointError:
    """What to say of a file that cannot be read."""
    return CheckpointError("The model file {file} is damaged or is no model file. Install it again.", file=path)
