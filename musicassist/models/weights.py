"""The numbers of a checkpoint as NumPy arrays, and products and curves that decoding needs beside NumPy's own.

Composing runs on these, so that nobody waits for torch, which takes seconds to import and most of the memory. What a
hostile or damaged file does is refused in a sentence.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from musicassist.disk import open_regular
from musicassist.errors import QT_TRANSLATE_NOOP, CheckpointError

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
MAX_BYTES = 512 * 1024 * 1024  # LIMIT
MAX_HEADER_BYTES = 4 * 1024 * 1024  # LIMIT: a giant header is a known way to stall a reader
MAX_TENSORS = 2000  # LIMIT
_STRIP = 64  # columns
# Of a polynomial whose hyperbolic tangent follows the normal distribution's integral; fitted: GELU is right to 1e-6.
_GELU = np.array(
    [
        0.7978842682517815,
        0.036334149519008464,
        -3.302700519254147e-05,
        -5.5273290573524644e-05,
        3.97405662917768e-06,
        -1.3378225405220287e-07,
        1.813904283761471e-09,
    ],
    dtype=np.float32,
)
_GELU_REACH = np.float32(5.2**2)  # beyond it, the tangent is one anyway


class Weights:
    """The arrays of one file, asked for by name with the shape that they must have.

    Each question raises ``ValueError`` where the array is missing, of another shape or kind, or not finite.

    Args:
        names: Of all of them.
        array: Gives one; it is read, and so costs memory, when it is asked for.
    """

    def __init__(self, names: Iterable[str], array: Callable[[str], NDArray[Any]]) -> None:
        self._names = frozenset(names)
        self._array = array
        self._read: set[str] = set()

    def floats(self, name: str, *shape: int) -> Floats:
        """An array of plain numbers in single precision."""
        array = self._checked(name, shape)
        if array.dtype.kind != "f":
            raise ValueError(f"{name} holds numbers of another kind")
        array = array.astype(np.float32)
        if not np.isfinite(array).all():
            raise NotFiniteError(name)
        return array

    def whole(self, name: str, *shape: int) -> NDArray[np.integer]:
        """An array of whole numbers, in its own type."""
        array = self._checked(name, shape)
        if array.dtype.kind not in "iu":
            raise ValueError(f"{name} holds numbers of another kind")
        return array

    def _checked(self, name: str, shape: tuple[int, ...]) -> NDArray[Any]:
        if name not in self._names:
            raise ValueError(f"{name} is missing")
        array = self._array(name)
        if array.shape != shape:
            raise ValueError(f"{name} has another shape")
        self._read.add(name)
        return array

    def check_all_read(self, *, but: str = " ") -> None:
        """Raises ``ValueError`` where something was never asked for, but for names that begin with ``but``."""
        unread = sorted(name for name in self._names - self._read if not name.startswith(but))
        if unread:
            raise ValueError(f"{unread[0]} belongs to no part of the net")


class NotFiniteError(ValueError):
    """A net with such a number would compose nothing but noise."""


class Product:
    """The product of a few rows with a matrix, plus a bias, laid out for decoding.

    The matrix lies in strips: OpenBLAS multiplies small matrices where they are, but copies a large one at every call,
    which takes two to four times as long as the product itself.

    Args:
        matrix: (outputs, inputs), as torch stores it; several share their inputs and stand side by side.
        bias: (outputs,), or None.
    """

    def __init__(self, matrix: Floats, bias: Floats | None = None) -> None:
        self.outputs, inputs = matrix.shape
        strips = -(-self.outputs // _STRIP)
        laid_out = np.zeros((strips * _STRIP, inputs), dtype=np.float32)
        laid_out[: self.outputs] = matrix
        self._strips = np.ascontiguousarray(laid_out.reshape(strips, _STRIP, inputs).transpose(0, 2, 1))
        self._bias = bias

    def __call__(self, read: Floats) -> Floats:
        """(B, inputs) to (B, outputs)."""
        made = np.empty((len(read), len(self._strips), _STRIP), dtype=np.float32)
        np.matmul(read, self._strips, out=made.transpose(1, 0, 2))
        product = made.reshape(len(read), len(self._strips) * _STRIP)[:, : self.outputs]
        if self._bias is not None:
            product += self._bias
        return product

    @staticmethod
    def of(weights: Weights, name: str, inputs: int, outputs: int) -> Product:
        """A linear layer of a checkpoint, with its bias."""
        return Product(weights.floats(f"{name}.weight", outputs, inputs), weights.floats(f"{name}.bias", outputs))


def gelu(features: Floats) -> Floats:
    """The exact GELU, ``x`` times the normal distribution's integral; NumPy has no error function."""
    square = np.minimum(features * features, _GELU_REACH)
    curve = square * _GELU[-1]
    for factor in _GELU[-2:0:-1]:
        curve += factor
        curve *= square
    curve += _GELU[0]
    curve *= features
    np.tanh(curve, out=curve)
    curve += 1
    curve *= features
    curve *= np.float32(0.5)
    return curve


def sigmoid(features: Floats) -> Floats:
    """The logistic curve, by the hyperbolic tangent, which NumPy makes fastest."""
    curve = np.tanh(features * np.float32(0.5))
    curve += 1
    curve *= np.float32(0.5)
    return curve


def leaky(features: Floats, slope: float) -> Floats:
    """The rectifier that lets a share of what is below zero through."""
    return np.asarray(np.maximum(features, features * np.float32(slope)))


def softmax(scores: NDArray[Any]) -> NDArray[Any]:
    """Shares along the last axis."""
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    weights /= weights.sum(-1, keepdims=True)
    return np.asarray(weights)


def log_softmax(scores: Floats) -> Floats:
    """Logarithms of the shares along the last axis."""
    apart = scores - scores.max(-1, keepdims=True)
    return np.asarray(apart - np.log(np.exp(apart).sum(-1, keepdims=True)))


def embedded(tables: Sequence[Floats], classes: Ints) -> Floats:
    """(..., C) classes to the rows of a table for each column, side by side."""
    return np.concatenate([table[classes[..., column]] for column, table in enumerate(tables)], -1)


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
            QT_TRANSLATE_NOOP("Errors", "The model file {file} holds numbers that are not finite. Install it again."),
            file=path,
        ) from error
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RuntimeError, SafetensorError) as error:
        raise CheckpointError(
            QT_TRANSLATE_NOOP("Errors", "The model file {file} does not fit its card. Install it again."), file=path
        ) from error


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
        raise CheckpointError(
            QT_TRANSLATE_NOOP("Errors", "The model file {file} is missing. Install musicassist again."), file=path
        ) from error
    except OSError as error:
        raise damaged(path) from error
    if size > MAX_BYTES:
        raise CheckpointError(
            QT_TRANSLATE_NOOP("Errors", "The model file {file} is too large to be one of ours."), file=path
        )
    if header_bytes > MAX_HEADER_BYTES or header_bytes + 8 > size or header.count(b"data_offsets") > MAX_TENSORS:
        raise damaged(path)


def damaged(path: Path) -> CheckpointError:
    """What to say of a file that cannot be read."""
    return CheckpointError(
        QT_TRANSLATE_NOOP("Errors", "The model file {file} is damaged or is no model file. Install it again."),
        file=path,
    )
