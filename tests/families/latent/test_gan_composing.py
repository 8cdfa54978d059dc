"""The latent GAN composes with its VAE: after the seed's last bars, window after window."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from musicassist.composing.engine import Engine
from musicassist.composing.melody_task import melody_task
from musicassist.errors import CheckpointError
from musicassist.families.latent.decoding import LatentGeneratorStep
from musicassist.families.latent.net import LatentGan, VaeModel
from musicassist.families.latent.scripts import latent_config, latent_gan_config, next_windows_script
from musicassist.families.registry import FAMILIES
from musicassist.models.cards import ModelCard
from musicassist.models.checkpoints import save_checkpoint, weights_of
from musicassist.tokens.vocabulary import vocabulary_hash
from musicassist.values import plain_of
from take_laws import check, request_of, wild_request
from tiny_latent_models import TINY, install_tiny_vae, vae_step

VERBS = ("continue", "generate")


def tiny_gan() -> LatentGan:
    torch.manual_seed(5)
    model = LatentGan(latent_gan_config(latent=TINY.latent, width=16)).eval()
    torch.nn.init.normal_(model.generator.move.weight, std=0.5)
    return model


def install(folder: Path, *, with_vae: bool = True) -> Engine:
    model = tiny_gan()
    card = ModelCard("tiny", "hybrid", VERBS, 0, 0, vocabulary_hash(), plain_of(model.config))
    save_checkpoint(model, card, folder / "tiny.safetensors")
    if with_vae:
        install_tiny_vae(folder, name="vae")
    return Engine(folder, FAMILIES)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return install(tmp_path_factory.mktemp("checkpoints"))


@pytest.mark.parametrize("number", range(12))
def test_any_request_is_met(engine: Engine, number: int) -> None:
    request = wild_request(number)
    for take in engine.generate(request):
        check(take, request)


def test_equal_seeds_make_equal_notes_and_others_do_not(engine: Engine) -> None:
    one, again, other = (engine.generate(request_of(seed=seed)) for seed in (1, 1, 2))
    assert [take.notes for take in one] == [take.notes for take in again]
    assert [take.notes for take in one] != [take.notes for take in other]


def points(*, seed_pitch: int = 0, bars: int = 6, kind: str = "continue") -> np.ndarray:
    """(windows, Z) of one stream after a phrase whose first note is raised."""
    request = request_of(bars=bars, kind=kind)
    notes = request.song.tracks[0].notes
    pitch = notes.pitch.copy()
    pitch[0] += seed_pitch
    request = request_of(
        type(notes).from_columns(notes.start_tick, pitch, notes.duration_ticks, notes.velocity), bars=bars, kind=kind
    )
    gan = tiny_gan()
    step = LatentGeneratorStep(gan.config, weights_of(gan))
    script = next_windows_script(step, vae_step(), melody_task(request), request)
    return script.draw([np.random.default_rng(0)])[0]


def test_every_window_stands_after_the_one_before_it() -> None:
    plain, raised = points(), points(seed_pitch=2)
    assert len(plain) >= 3
    assert all(not np.allclose(one, other) for one, other in zip(plain, raised, strict=True))


def test_what_comes_from_nothing_stands_after_nothing() -> None:
    assert np.array_equal(points(kind="generate"), points(kind="generate", seed_pitch=2))


def test_without_its_vae_it_is_not_loaded(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no model named vae"):
        install(tmp_path, with_vae=False).load("tiny")


def test_with_a_vae_of_another_size_it_says_so(tmp_path: Path) -> None:
    engine = install(tmp_path, with_vae=False)
    other = VaeModel(latent_config(latent=TINY.latent + 16, part=16, hidden=24, head_hidden=24))
    install_tiny_vae(tmp_path, other, "vae")
    with pytest.raises(CheckpointError, match="Install both"):
        engine.generate(request_of())
