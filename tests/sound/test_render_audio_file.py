"""Audio files: the samples that were given, in either format, or the old file and a reason in words."""

from __future__ import annotations

import os
import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from musicassist.errors import SaveError, SoundError
from musicassist.sound import render
from musicassist.sound.render import write_audio

FORMATS = (".wav", ".flac")
OLD = b"the old file"


def noise(frames: int, seed: int = 0) -> NDArray[np.int16]:
    return np.random.default_rng(seed).integers(-32768, 32768, (frames, 2)).astype(np.int16)


@contextmanager
def room_for(size_bytes: int) -> Iterator[None]:
    """A disk that takes no more bytes of a file than this."""
    kept = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, kept[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, kept)


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("sample_rate", [8_000, 22_050, 44_100, 48_000, 96_000])
def test_what_is_read_back_is_what_was_written(suffix: str, sample_rate: int, tmp_path: Path) -> None:
    path = tmp_path / f"x{suffix}"
    blocks = [noise(frames, seed=frames) for frames in (64, 44_096, 1)]
    assert write_audio(path, iter(blocks), sample_rate) == 44_161
    samples, rate = soundfile.read(path, dtype="int16")
    assert rate == sample_rate
    assert np.array_equal(samples, np.concatenate(blocks))
    assert soundfile.info(path).subtype == "PCM_16"
    assert [each.name for each in tmp_path.iterdir() if each.is_file()] == [path.name]


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("missing_bytes", [1, 3_000, 90_000])
def test_a_full_disk_is_told_and_the_old_file_stays(suffix: str, missing_bytes: int, tmp_path: Path) -> None:
    """The encoder writes its last bytes when the file is closed, and libsndfile tells nobody that they were lost."""
    path = tmp_path / f"x{suffix}"
    write_audio(path, [noise(44_100)], 44_100)
    room_bytes = path.stat().st_size - missing_bytes
    path.write_bytes(OLD)
    with room_for(room_bytes), pytest.raises(SaveError, match=rf"x{suffix} could not be written: File too large"):
        write_audio(path, [noise(44_100)], 44_100)
    assert path.read_bytes() == OLD
    assert [each.name for each in tmp_path.iterdir() if each.is_file()] == [path.name]


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_pipe_and_a_device_are_refused_and_stay_what_they_are(suffix: str, tmp_path: Path) -> None:
    pipe, device = tmp_path / f"pipe{suffix}", tmp_path / f"device{suffix}"
    os.mkfifo(pipe)
    device.symlink_to(os.devnull)
    for path in (pipe, device):
        with pytest.raises(SaveError, match="it is a device or a pipe"):
            write_audio(path, [noise(64)], 44_100)
    assert pipe.is_fifo() and device.is_symlink() and Path(os.devnull).is_char_device()


@pytest.mark.parametrize("suffix", FORMATS)
def test_an_unwritable_place_is_told(suffix: str, tmp_path: Path) -> None:
    with pytest.raises(SaveError, match="could not be written: No such file"):
        write_audio(tmp_path / "no" / "folder" / f"x{suffix}", [noise(64)], 44_100)


def test_an_unknown_format_is_refused_before_anything_is_rendered(tmp_path: Path) -> None:
    def blocks() -> Iterator[NDArray[np.int16]]:
        raise AssertionError
        yield noise(1)

    with pytest.raises(SoundError, match=r"\.flac or \.ogg"):
        write_audio(tmp_path / "x.mp3", blocks(), 44_100)


def test_a_library_that_does_not_load_is_told_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "soundfile", None)
    with pytest.raises(SoundError, match="soundfile"):
        write_audio(tmp_path / "x.wav", [noise(64)], 44_100)


def test_an_interrupt_while_the_c_library_writes_is_not_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain, came = render._Target.write, []

    def interrupted(target: render._Target, data: bytes) -> int:
        if not came:
            came.append(True)
            signal.raise_signal(signal.SIGINT)
        return plain(target, data)

    (tmp_path / "out").mkdir()
    monkeypatch.setattr(render._Target, "write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        render.write_audio(tmp_path / "out" / "a.wav", [np.zeros((44100, 2), dtype=np.int16)] * 3, 44100)
    assert list((tmp_path / "out").iterdir()) == []
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
