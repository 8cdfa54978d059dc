"""Damaged sound fonts do no harm."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab import bench
from lab.sound import font_proof
from lab.sound.font_proof import damaged, prove, tiny_font
from musicassist.sound.fluid_library import is_fluidsynth_here


@pytest.fixture
def font(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.sf2"
    path.write_bytes(tiny_font())
    return path


def needs_fluidsynth() -> None:
    if not is_fluidsynth_here():
        pytest.fail("libfluidsynth is missing; `make setup` installs it")


def test_damage_is_the_same_for_the_same_seed() -> None:
    font = tiny_font()
    copies = [damaged(font, seed) for seed in range(50)]
    assert copies == [damaged(font, seed) for seed in range(50)]
    assert len({*copies, font}) == 51


@pytest.mark.slow
def test_no_damaged_font_crashes_what_plays_it() -> None:
    needs_fluidsynth()
    fates = prove(20)
    assert fates.crashed == 0
    assert fates.refused + fates.failed_trial + fates.played == 20
    assert fates.played > 0


def test_the_bench_tells_the_fates_of_damaged_fonts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(font_proof, "prove", lambda count: font_proof.Fates(count - 3, 2, 1, 0))
    rows = bench._font_rows(9)
    assert {row["metric"]: row["value"] for row in rows} == {
        "damaged SoundFonts, refused": 6,
        "damaged SoundFonts, failed trial": 2,
        "damaged SoundFonts, played": 1,
        "damaged SoundFonts, crashed": 0,
    }
