"""The numbers of a checkpoint are what they must be, and the curves are torch's."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from musicassist.models import weights as curves
from musicassist.models.weights import Product, Weights

ARRAYS = {"matrix": np.eye(3, 2, dtype=np.float16), "counts": np.arange(4)}


@pytest.fixture
def weights() -> Weights:
    return Weights(ARRAYS, ARRAYS.__getitem__)


def test_numbers_come_in_single_precision_and_counts_as_they_are(weights: Weights) -> None:
    assert weights.floats("matrix", 3, 2).dtype == np.float32
    assert weights.whole("counts", 4).tolist() == [0, 1, 2, 3]
    weights.check_all_read()


def test_what_does_not_fit_is_refused(weights: Weights) -> None:
    for ask in (
        lambda: weights.floats("nothing", 1),
        lambda: weights.floats("matrix", 2, 3),
        lambda: weights.floats("counts", 4),
        lambda: weights.whole("matrix", 3, 2),
        Weights(ARRAYS, ARRAYS.__getitem__).check_all_read,
    ):
        with pytest.raises(ValueError, match=r"nothing|matrix|counts"):
            ask()
    weights.whole("counts", 4)
    weights.check_all_read(but="mat")


@pytest.mark.parametrize("rows", [1, 3, 8, 40])
@pytest.mark.parametrize(("inputs", "outputs"), [(5, 3), (64, 64), (130, 200)])
def test_a_product_is_one_whatever_its_size(rows: int, inputs: int, outputs: int) -> None:
    random = np.random.default_rng(rows)
    read, matrix, bias = (
        random.standard_normal(shape, dtype=np.float32) for shape in ((rows, inputs), (outputs, inputs), (outputs,))
    )
    with np.errstate(invalid="ignore"):  # a vector unit may compute with what lies behind so few numbers, and say so
        expected = read @ matrix.T + bias
    np.testing.assert_allclose(Product(matrix, bias)(read), expected, atol=1e-4)


def test_the_curves_are_torchs() -> None:
    x = np.linspace(-12, 12, 4001, dtype=np.float32)[None]
    read, functional = torch.from_numpy(x), torch.nn.functional
    for own, other in (
        (curves.gelu(x), functional.gelu(read)),
        (curves.sigmoid(x), read.sigmoid()),
        (curves.leaky(x, 0.2), functional.leaky_relu(read, 0.2)),
        (curves.softmax(x), read.softmax(-1)),
        (curves.log_softmax(x), read.log_softmax(-1)),
    ):
        np.testing.assert_allclose(own, other.numpy(), atol=2e-6)
