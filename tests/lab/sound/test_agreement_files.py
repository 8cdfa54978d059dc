"""The files with which playing and rendering are compared."""

from __future__ import annotations

from lab.sound.agreement_files import tracks_alone, written_file
from smf import meta, notes, smf


def test_the_same_seed_writes_the_same_file_and_a_file_is_taken_apart_by_its_tracks() -> None:
    assert written_file(3) == written_file(3) != written_file(4)
    file = smf([(0, meta(3, b"head"))], notes(0, (60,)), notes(1, (62,)))
    assert tracks_alone(file) == [smf([(0, meta(3, b"head"))], rows) for rows in (notes(0, (60,)), notes(1, (62,)))]
    for broken in (b"", b"MThd", b"RIFF" + file, file[:20]):
        assert tracks_alone(broken) in ([], [broken])
