"""Loops that audio files name: other readers find them, the sound stays as it was, and old marks are replaced."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from musicassist.errors import SoundError
from musicassist.sound.loop_marks import LoopMarks, loop_of, page_sum, with_loop
from musicassist.sound.render import write_audio

RATE = 44_100


def noise(frames: int, seed: int = 1) -> NDArray[np.int16]:
    return np.random.default_rng(seed).integers(-3000, 3000, (frames, 2)).astype(np.int16)


def written(path: Path, frames: int, loop: LoopMarks | None) -> bytes:
    assert write_audio(path, [noise(frames)], RATE, loop=loop) == frames
    return path.read_bytes()


def sound_of(data: bytes) -> NDArray[np.int16]:
    samples: NDArray[np.int16] = soundfile.read(io.BytesIO(data), dtype="int16")[0]
    return samples


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg"])
@pytest.mark.parametrize("frames", [997, 100_001])
def test_a_file_with_a_loop_sounds_as_without_and_names_it(suffix: str, frames: int, tmp_path: Path) -> None:
    plain = written(tmp_path / f"plain{suffix}", frames, None)
    looped = written(tmp_path / f"loop{suffix}", frames, LoopMarks(7, frames - 9))
    assert loop_of(plain) is None
    assert loop_of(looped) == LoopMarks(7, frames - 9)
    assert len(sound_of(looped)) == frames
    if suffix != ".ogg":  # a serial number drawn anew gives other bytes, not other sound
        assert np.array_equal(sound_of(plain), sound_of(looped))
        assert np.array_equal(sound_of(looped), noise(frames))


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg"])
def test_marks_by_hand_leave_every_sample_alone(suffix: str, tmp_path: Path) -> None:
    plain = written(tmp_path / f"plain{suffix}", 50_000, None)
    marked = with_loop(plain, LoopMarks(0, 50_000), RATE)
    assert np.array_equal(sound_of(plain), sound_of(marked))


@pytest.mark.parametrize("suffix", [".flac", ".ogg"])
def test_tags_that_a_file_has_are_replaced_and_others_kept(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"song{suffix}"
    with soundfile.SoundFile(path, "w", RATE, 2, format=suffix[1:].upper()) as audio:
        audio.title = "Main theme \N{EN DASH} Bär"
        audio.write(noise(9000))
    once = with_loop(path.read_bytes(), LoopMarks(1, 2), RATE)
    twice = with_loop(once, LoopMarks(10, 8000), RATE)
    assert loop_of(twice) == LoopMarks(10, 8000)
    assert twice.count(b"LOOPSTART=") == twice.count(b"LOOPLENGTH=") == 1
    path.write_bytes(twice)
    with soundfile.SoundFile(path) as audio:
        assert audio.title == "Main theme \N{EN DASH} Bär"


def test_libsndfile_reads_the_chunk_of_a_wav(tmp_path: Path) -> None:
    written(tmp_path / "loop.wav", 3000, LoopMarks(5, 2000))
    log = soundfile.info(str(tmp_path / "loop.wav"), verbose=True).extra_info
    words = " ".join(log.split())
    assert "smpl : 60" in words
    assert "Loop Count : 1" in words
    assert "Start : 5 End : 2004" in words


def test_the_size_of_a_wav_counts_the_chunk(tmp_path: Path) -> None:
    data = written(tmp_path / "loop.wav", 1000, LoopMarks(0, 1000))
    assert struct.unpack_from("<I", data, 4)[0] == len(data) - 8


@pytest.mark.parametrize("words", [4, 70_000])
def test_comments_of_any_length_fit_the_pages_that_are_there(words: int, tmp_path: Path) -> None:
    path = tmp_path / "long.ogg"
    with soundfile.SoundFile(path, "w", RATE, 2, format="OGG") as audio:
        audio.comment = "x" * words
        audio.write(noise(5000))
    data = with_loop(path.read_bytes(), LoopMarks(0, 5000), RATE)
    assert loop_of(data) == LoopMarks(0, 5000)
    assert np.array_equal(sound_of(data), sound_of(path.read_bytes()))
    at = 0
    while at < len(data):  # every page, ours and theirs, has the sum that its bytes give
        count = data[at + 26]
        end = at + 27 + count + sum(data[at + 27 : at + 27 + count])
        page = bytearray(data[at:end])
        page[22:26] = bytes(4)
        assert page_sum(page) == struct.unpack_from("<I", data, at + 22)[0]
        at = end


def test_what_is_no_audio_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no WAV"):
        with_loop(b"MThd" + bytes(40), LoopMarks(0, 1), RATE)
    with pytest.raises(SoundError, match=r"\.ogg"):
        write_audio(tmp_path / "song.mp3", [], RATE)
