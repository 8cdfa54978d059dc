"""SoundFonts: only whole SF2 and SF3 files reach the C library."""

from __future__ import annotations

from pathlib import Path

import pytest

from musicassist.errors import SoundError
from musicassist.sound import soundfonts
from musicassist.sound.soundfont_file import bundled_soundfont, check_soundfont, is_general_midi
from musicassist.sound.soundfonts import find_soundfont


@pytest.fixture
def font_bytes() -> bytes:
    path = bundled_soundfont()
    assert path is not None
    return path.read_bytes()


def written(folder: Path, data: bytes) -> Path:
    path = folder / "font.sf2"
    path.write_bytes(data)
    return path


def test_the_bundled_font_is_found_and_whole() -> None:
    path = bundled_soundfont()
    assert path is not None
    check_soundfont(path)


def test_a_dls_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(SoundError, match="DLS"):
        check_soundfont(written(tmp_path, b"RIFF\x04\0\0\0DLS "))


@pytest.mark.parametrize("data", [b"", b"hello", b"RIFF", b"RIFF\x04\0\0\0WAVE"])
def test_what_is_no_soundfont_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(SoundError, match="no SoundFont"):
        check_soundfont(written(tmp_path, data))


@pytest.mark.parametrize("kept_share", [0.0001, 0.5, 0.95, 0.9999])
def test_a_font_that_is_cut_short_is_refused(tmp_path: Path, font_bytes: bytes, kept_share: float) -> None:
    with pytest.raises(SoundError, match="cut short"):
        check_soundfont(written(tmp_path, font_bytes[: int(len(font_bytes) * kept_share)]))


def test_a_font_that_is_missing_is_told_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(SoundError, match=r"gone\.sf2"):
        find_soundfont(tmp_path / "gone.sf2")


def test_a_better_font_of_the_system_is_preferred(
    tmp_path: Path, font_bytes: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(soundfonts, "soundfont_folders", lambda: (tmp_path,))
    assert find_soundfont() == bundled_soundfont()
    better = tmp_path / "FluidR3_GM.sf2"
    better.write_bytes(font_bytes)
    assert find_soundfont() == better


def test_an_unknown_font_counts_if_it_is_general_midi_and_larger_than_ours(
    tmp_path: Path, font_bytes: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(soundfonts, "soundfont_folders", lambda: (tmp_path,))
    monkeypatch.setattr(soundfonts, "try_soundfont", lambda _path: None)
    written(tmp_path, font_bytes)
    assert find_soundfont() == bundled_soundfont()  # as large as ours: no better
    monkeypatch.setattr(soundfonts, "_MIN_BYTES", len(font_bytes))
    assert find_soundfont() == tmp_path / "font.sf2"
    (tmp_path / "huge piano.sf2").write_bytes(font_bytes.replace(b"phdr", b"phdx") + bytes(100))
    (tmp_path / "larger.sf3").write_bytes(font_bytes + bytes(1))
    assert find_soundfont() == tmp_path / "larger.sf3"
    (tmp_path / "FluidR3_GM.sf2").write_bytes(font_bytes)
    assert find_soundfont() == tmp_path / "FluidR3_GM.sf2"


def test_a_broken_font_of_the_system_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soundfonts, "soundfont_folders", lambda: (tmp_path,))
    (tmp_path / "FluidR3_GM.sf2").write_bytes(b"RIFF")
    assert find_soundfont() == bundled_soundfont()


def test_a_font_that_ends_in_the_list_of_its_presets_has_none(tmp_path: Path, font_bytes: bytes) -> None:
    cut = written(tmp_path, font_bytes[: font_bytes.index(b"pdtaphdr") + 6])
    assert not is_general_midi(cut)


def test_a_folder_that_may_not_be_looked_into_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def is_file(path: Path) -> bool:
        if path.is_relative_to(tmp_path):
            raise PermissionError(13, "Permission denied")
        return True

    (tmp_path / "piano.sf2").touch()
    monkeypatch.setattr(soundfonts, "soundfont_folders", lambda: (tmp_path,))
    monkeypatch.setattr(Path, "is_file", is_file)
    assert list(soundfonts.soundfonts()) == [bundled_soundfont()]


def test_no_font_anywhere_is_told_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soundfonts, "soundfonts", lambda: iter(()))
    with pytest.raises(SoundError, match="install a package"):
        find_soundfont()
