"""Messages to the whole synth mean what the standards say."""

from __future__ import annotations

import pytest

from musicassist.score.midi_bytes import (
    CoarseTuning,
    DrumPart,
    FineTuning,
    MasterVolume,
    Meaning,
    SystemReset,
    is_whole,
    meaning_of,
)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("7e 7f 09 01", SystemReset("gm")),
        ("7e 10 09 03", SystemReset("gm2")),
        ("41 10 42 12 40 00 7f 00 41", SystemReset("gs")),
        ("41 10 42 12 00 00 7f 01 00", SystemReset("gs")),
        ("43 10 4c 00 00 7e 00", SystemReset("xg")),
        ("41 10 42 12 40 1a 15 01 10", DrumPart(10, True)),
        ("41 10 42 12 40 11 15 02 18", DrumPart(0, True)),
        ("41 10 42 12 40 10 15 00 1b", DrumPart(9, False)),
        ("43 10 4c 08 0b 07 02", DrumPart(11, True)),
        ("43 10 4c 08 09 07 00", DrumPart(9, False)),
        ("7f 7f 04 01 00 40", MasterVolume(8192)),
        ("41 10 42 12 40 00 04 7f 3d", MasterVolume(16383)),
        ("43 10 4c 00 00 04 00", MasterVolume(0)),
        ("7f 7f 04 03 00 60", FineTuning(50.0)),
        ("7f 7f 04 04 00 3d", CoarseTuning(-3)),
        ("41 10 42 12 40 00 00 00 04 02 00 3a", FineTuning(3.2)),
        ("43 10 4c 00 00 00 00 03 0e 00", FineTuning(-3.2)),
        ("43 10 4c 00 00 06 42", CoarseTuning(2)),
        ("41 10 42 12 40 00 05 3e 7d", CoarseTuning(-2)),
        ("7e 7f 08 02 00 01 3c 3c 20 00", None),
        ("43 10 4c 02 01 00 01 00", None),
        ("00 20 29 02", None),
    ],
)
def test_a_message_means_what_its_standard_says(text: str, meaning: Meaning | None) -> None:
    assert meaning_of(b"\xf0" + bytes.fromhex(text) + b"\xf7") == meaning


@pytest.mark.parametrize("data", [b"\xf0\xf7", b"\xf0\x7e\x80\xf7", b"\xf0\x7e\x01", b"\xf7\x01\xf7"])
def test_what_is_broken_is_not_whole(data: bytes) -> None:
    assert not is_whole(data)


@pytest.mark.parametrize("length", range(12))
@pytest.mark.parametrize("head", [b"\x7f\x7f\x04\x01", b"\x41\x10\x42\x12\x40\x00", b"\x43\x10\x4c\x00\x00", b"\x7e"])
def test_a_short_message_is_no_fault(head: bytes, length: int) -> None:
    meaning_of(b"\xf0" + (head + bytes(12))[:length] + b"\xf7")


def test_half_the_volume_is_a_quarter_of_the_amplitude() -> None:
    assert MasterVolume(8191).gain == pytest.approx(0.25, abs=1e-3)
