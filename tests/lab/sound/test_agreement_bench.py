"""What the comparison counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.sound.agreement_bench import measure
from musicassist.sound.fluid_library import is_fluidsynth_here
from musicassist.sound.soundfont_file import bundled_soundfont
from smf import notes, smf

TUNE = (60, 62, 64, 65, 67, 65, 64, 62)


@pytest.fixture(scope="module")
def font() -> Path:
    if not is_fluidsynth_here():
        pytest.fail("libfluidsynth is missing; `make setup` installs it")
    found = bundled_soundfont()
    assert found is not None
    return found


def test_the_bench_counts_what_it_found_and_what_agrees(tmp_path: Path, font: Path) -> None:
    (tmp_path / "real.mid").write_bytes(smf([], notes(0, TUNE)))
    rows = {row.metric.split(" (")[0]: row.value for row in measure(tmp_path, 2)}
    assert rows["files found"] == 1
    assert rows["agreement with FluidSynth's player, real, 1 files"] == 100
    assert rows["agreement with FluidSynth's player, all, 2 files"] > 95
