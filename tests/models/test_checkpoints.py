"""A model on disk: it comes back as it was, and nothing hostile comes in."""

from __future__ import annotations

import json
import os
import pickle
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from card_edits import edit_card
from musicassist.errors import CheckpointError
from musicassist.families.registry import FAMILIES
from musicassist.models.cards import read_card
from musicassist.models.checkpoints import load_checkpoint, parameter_count, read_state, save_checkpoint, write_state
from musicassist.tokens.vocabulary import vocabulary_hash
from musicassist.values import plain_of
from tiny_models import card_of, install_tiny_model, install_tiny_transformer, tiny_model, tiny_transformer

PATIENCE_SECONDS = 2.0  # of processor time, so that a busy machine is no failure


def load(path: Path) -> torch.nn.Module:
    return load_checkpoint(path, FAMILIES.net, vocabulary=vocabulary_hash())[0]


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
@torch.inference_mode()
def test_a_model_comes_back_with_equal_logits(tmp_path: Path, cell: str) -> None:
    model = tiny_model(cell=cell)
    path = tmp_path / "tiny.safetensors"
    card = save_checkpoint(model, card_of(model), path)
    again, read = load_checkpoint(path, FAMILIES.net, vocabulary=vocabulary_hash())
    assert read == read_card(path.with_suffix(".json"))
    assert (card.bytes, card.parameters) == (path.stat().st_size, parameter_count(model))
    config = model.config
    random = torch.Generator().manual_seed(1)

    def classes(columns: tuple[str, ...]) -> torch.Tensor:
        return torch.stack([torch.randint(config.tables[c], (1, 9), generator=random) for c in columns], -1)

    state, columns = classes(config.state_columns), [classes(head.columns) for head in config.heads]
    numbers, head_numbers = torch.rand(1, 9, config.numbers), torch.rand(1, 9, config.head_numbers)
    for one, other in zip(
        model(state, columns, numbers, head_numbers), again(state, columns, numbers, head_numbers), strict=True
    ):
        possible = torch.isfinite(one)
        assert torch.equal(possible, torch.isfinite(other))
        assert torch.allclose(one[possible], other[possible], atol=5e-3)
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor.half().float(), again.state_dict()[name])


def test_saving_again_replaces_both_files_and_leaves_nothing_beside_them(tmp_path: Path) -> None:
    install_tiny_model(tmp_path)
    install_tiny_model(tmp_path, cell="gru")
    assert sorted(path.name for path in tmp_path.glob("tiny*")) == ["tiny.json", "tiny.safetensors"]
    assert load(tmp_path / "tiny.safetensors").config.cell == "gru"


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_that_cannot_be_written_is_told_in_words(tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    with pytest.raises(CheckpointError, match="could not be written"):
        install_tiny_model(folder)


@contextmanager
def files_no_larger_than(most_bytes: int) -> Iterator[None]:
    """As on a full disk: what is written beyond that fails with an OSError."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_on_a_full_disk_the_old_checkpoint_stays(tmp_path: Path) -> None:
    path = install_tiny_model(tmp_path)
    other = tiny_model(seed=2)
    with files_no_larger_than(path.stat().st_size // 2), pytest.raises(CheckpointError, match="unchanged"):
        save_checkpoint(other, card_of(other), path)
    assert torch.equal(load(path).net.weight_hh_l0, tiny_model().net.weight_hh_l0.half().float())
    assert sorted(p.name for p in tmp_path.glob("tiny*")) == ["tiny.json", "tiny.safetensors"]


def test_a_place_that_is_no_folder_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CheckpointError, match="could not be written"):
        install_tiny_model(tmp_path / "file")


class _Bomb:
    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return os._exit, (3,)


def missing(path: Path) -> None:
    path.unlink()


def without_card(path: Path) -> None:
    path.with_suffix(".json").unlink()


def empty(path: Path) -> None:
    path.write_bytes(b"")


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1000])


def longer(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"x" * 1000)


def pickled(path: Path) -> None:
    path.write_bytes(pickle.dumps(_Bomb()))


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def card_is_a_pipe(path: Path) -> None:
    path.with_suffix(".json").unlink()
    os.mkfifo(path.with_suffix(".json"))


def card_is_a_folder(path: Path) -> None:
    path.with_suffix(".json").unlink()
    path.with_suffix(".json").mkdir()


def card_is_a_device(path: Path) -> None:
    path.with_suffix(".json").unlink()
    path.with_suffix(".json").symlink_to("/dev/zero")


def model_is_a_device(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


def not_a_number_of_parameters(path: Path) -> None:
    edit_card(path, parameters=float("nan"))


def endless_number_of_bytes(path: Path) -> None:
    edit_card(path, bytes=10**400)


def words_for_numbers(path: Path) -> None:
    edit_card(path, parameters="many")


def lists_for_pages(path: Path) -> None:
    edit_card(path, metrics=[1], data="pop")


def giant_header(path: Path) -> None:
    with path.open("wb") as handle:
        handle.write((2**60).to_bytes(8, "little"))
        handle.write(b"{" * 1_000_000)


def deep_header(path: Path) -> None:
    header = b'{"a":' * 200_000
    path.write_bytes(len(header).to_bytes(8, "little") + header)


def giant_file(path: Path) -> None:
    with path.open("wb") as handle:
        handle.truncate(2**40)  # sparse: no disk is used


def absurd_shape(path: Path) -> None:
    header = json.dumps({"net": {"dtype": "F16", "shape": [2**40, 2**20], "data_offsets": [0, 2]}}).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + b"\0\0")


def overlapping_tensors(path: Path) -> None:
    entry = {"dtype": "F16", "shape": [1], "data_offsets": [0, 2]}
    header = json.dumps({"a": entry, "b": entry}).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + b"\0\0")


def not_a_number(path: Path) -> None:
    tensors, page = read_state(path)
    tensors["heads.0.outer.bias"][3] = float("nan")
    write_state(path, tensors, page)


def infinite(path: Path) -> None:
    tensors, page = read_state(path)
    tensors["heads.0.outer.bias"][3] = float("inf")
    write_state(path, tensors, page)


def other_tensors(path: Path) -> None:
    save_file({"weights": torch.zeros(3)}, path)


def another_vocabulary(path: Path) -> None:
    edit_card(path, vocabulary="0123456789abcdef")


def another_size(path: Path) -> None:
    edit_card(path, config={**read_card(path.with_suffix(".json")).config, "hidden": 33})


def absurd_layers(path: Path) -> None:
    edit_card(path, config={**read_card(path.with_suffix(".json")).config, "layers": 10**8})


def absurd_size(path: Path) -> None:
    edit_card(path, config={**read_card(path.with_suffix(".json")).config, "hidden": 65_536, "layers": 16})


def no_configuration(path: Path) -> None:
    edit_card(path, config={})


def card_of_lists(path: Path) -> None:
    path.with_suffix(".json").write_text("[" * 100_000)


def card_of_another_kind(path: Path) -> None:
    path.with_suffix(".json").write_text('"lstm"')


def card_of_noise(path: Path) -> None:
    path.with_suffix(".json").write_bytes(bytes(range(256)))


def giant_card(path: Path) -> None:
    with path.with_suffix(".json").open("wb") as handle:
        handle.truncate(2**40)


def unknown_family(path: Path) -> None:
    edit_card(path, family="oracle")


@pytest.mark.parametrize(
    "spoil",
    [
        missing,
        without_card,
        empty,
        truncated,
        longer,
        pickled,
        a_folder,
        a_pipe,
        giant_header,
        deep_header,
        giant_file,
        absurd_shape,
        overlapping_tensors,
        not_a_number,
        infinite,
        other_tensors,
        another_vocabulary,
        another_size,
        absurd_layers,
        absurd_size,
        no_configuration,
        card_of_lists,
        card_of_another_kind,
        card_of_noise,
        giant_card,
        unknown_family,
        card_is_a_pipe,
        card_is_a_folder,
        card_is_a_device,
        model_is_a_device,
        not_a_number_of_parameters,
        endless_number_of_bytes,
        words_for_numbers,
        lists_for_pages,
    ],
)
def test_a_hostile_or_damaged_model_is_refused_in_words_and_at_once(
    tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    path = install_tiny_model(tmp_path)
    spoil(path)
    started_seconds = time.process_time()
    with pytest.raises(CheckpointError) as caught:
        load(path)
    assert time.process_time() - started_seconds < PATIENCE_SECONDS
    assert "tiny" in str(caught.value)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float64, torch.int32, torch.float8_e5m2])
def test_numbers_of_another_kind_are_read_or_refused(tmp_path: Path, dtype: torch.dtype) -> None:
    path = install_tiny_model(tmp_path)
    tensors, _ = read_state(path)
    save_file({name: tensor.to(dtype) for name, tensor in tensors.items()}, path)
    try:
        assert all(tensor.dtype == torch.float32 for tensor in load(path).state_dict().values())
    except CheckpointError as error:
        assert "Install it again" in str(error)


def test_a_transformer_comes_back_as_it_was(tmp_path: Path) -> None:
    path, model = install_tiny_transformer(tmp_path), tiny_transformer()
    again = load(path)
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor.half().float(), again.state_dict()[name])
    edit_card(path, config={**plain_of(model.config), "width": 18})
    with pytest.raises(CheckpointError, match="does not fit its card"):
        load(path)
