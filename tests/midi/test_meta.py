"""Keys of files: folded where each part has them, found by other programs, spelled as they were, lost never."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import off, on, phrase, track_body
from musicassist.document import song_edits
from musicassist.midi.reading import ImportedSong, read_song_bytes
from musicassist.midi.song_chunks import as_saved
from musicassist.midi.writing import lost_on_save, write_song
from musicassist.score.keys import key_at
from musicassist.score.song import KeyChange, Song, Track
from musicassist.score.theory import SCALES, Key, keys_on_offer, parse_key
from musicassist.score.timing import MeterChange
from mutants import midi_file

WRITTEN_KEYS = [key for scale in SCALES for key in keys_on_offer(scale)]
E_FLAT_TUNE = (63, 65, 67, 70, 68, 67, 65, 63)
C_TUNE = (64, 65, 67, 69, 71, 69, 67, 64)


def _read(data: bytes) -> ImportedSong:
    return read_song_bytes(data, "a.mid")


def signature(sharps: int, is_minor: int = 0) -> bytes:
    return bytes((0xFF, 0x59, sharps % 256, is_minor))


def part(pitches: tuple[int, ...], *keys: tuple[int, bytes]) -> bytes:
    rows = list(keys)
    for row, pitch in enumerate(pitches):
        rows += [(480 * row, on(pitch)), (480 * row + 480, off(pitch))]
    return track_body(*sorted(rows, key=lambda row: row[0]))


def opened(*bodies: bytes) -> Song:
    return _read(midi_file(*bodies)).song


def keys_of(song: Song) -> list[tuple[int, str]]:
    return [(change.tick, str(change.key)) for change in song.key_changes]


def test_equal_keys_of_many_parts_are_one() -> None:
    parts = [part(E_FLAT_TUNE, (0, signature(-3)), (1920, signature(-2)))] * 20
    song = opened(track_body(), *parts)
    assert keys_of(song) == [(0, "Eb major"), (1920, "Bb major")]
    assert as_saved(song) == song
    assert opened_again(song) == song


def opened_again(song: Song) -> Song:
    return _read(write_song(song)).song


def test_of_unlike_keys_on_a_tick_the_one_counts_that_the_notes_fit() -> None:
    flute = part(E_FLAT_TUNE + C_TUNE, (0, signature(-3)), (3840, signature(0)))
    clarinet = part(E_FLAT_TUNE + C_TUNE, (0, signature(-1)), (3840, signature(2)))
    for parts in ((flute, clarinet), (clarinet, flute), (clarinet, clarinet, flute)):
        song = opened(track_body(), *parts)
        assert keys_of(song) == [(0, "Eb major"), (3840, "C major")]
        written = [[e.data for e in track.events if e.data[:2] == b"\xff\x59"] for track in song.tracks]
        assert [signature(-1), signature(2)] in written  # what the clarinet reads stays in its part
        assert opened_again(song) == song
        assert not lost_on_save(song)


def test_a_default_key_of_the_conductor_gives_way_to_the_one_of_the_parts() -> None:
    song = opened(track_body((0, signature(0))), part(E_FLAT_TUNE, (0, signature(-3))))
    assert keys_of(song) == [(0, "Eb major")]
    assert opened_again(song) == song


def test_a_key_that_a_user_chooses_replaces_those_of_the_parts() -> None:
    flute, clarinet = part(E_FLAT_TUNE, (0, signature(-3))), part(E_FLAT_TUNE, (0, signature(-1)))
    song = song_edits.set_key(opened(track_body(), flute, clarinet), 0, parse_key("C minor"))
    assert keys_of(song) == [(0, "C minor")]
    assert opened_again(song) == song
    assert keys_of(opened_again(song_edits.set_key(song, 0, None))) == []


def test_other_notes_do_not_change_which_key_counts_after_saving() -> None:
    flute, clarinet = part(E_FLAT_TUNE, (0, signature(-3))), part(E_FLAT_TUNE, (0, signature(-1)))
    song = opened(track_body(), flute, clarinet)
    moved = replace(song, tracks=tuple(track.with_notes(phrase(*[65, 69, 72, 74, 76] * 4)) for track in song.tracks))
    assert keys_of(opened_again(moved)) == [(0, "Eb major")]
    assert opened_again(moved) == moved


@pytest.mark.parametrize("sharps", range(-7, 8))
@pytest.mark.parametrize("is_minor", [0, 1])
def test_the_spelling_of_a_file_stays(sharps: int, is_minor: int) -> None:
    song = opened(track_body((0, signature(sharps, is_minor))), part(C_TUNE))
    key = song.key_changes[0].key
    assert key.signature_fifths == sharps
    assert key.scale == ("minor" if is_minor else "major")
    data = write_song(song)
    assert data.count(b"\xff\x59\x02" + signature(sharps, is_minor)[2:]) == 2
    assert opened_again(song) == song


@pytest.mark.parametrize("key", WRITTEN_KEYS, ids=str)
def test_every_scale_that_is_on_offer_survives_saving(key: Key) -> None:
    song = Song((Track("Melody", phrase(*C_TUNE)),), key_changes=(KeyChange.of(0, key), KeyChange.of(960, Key(2))))
    again = opened_again(song)
    assert again == song
    assert str(again.key_changes[0].key) == str(key)
    assert not lost_on_save(song)


def test_a_mode_is_written_with_its_own_sharps_and_flats_for_other_programs() -> None:
    song = Song((Track("Melody", phrase(*C_TUNE)),), key_changes=(KeyChange(0, 2, "dorian"),))
    data = write_song(song)
    assert b"\xff\x59\x02\x00\x00" in data
    other = data.replace(b"\xff\x59\x02\x00\x00", b"\xff\x59\x02\x01\x00")  # another program chooses G major
    assert keys_of(_read(other).song) == [(0, "G major")]


@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from(WRITTEN_KEYS)), max_size=5, unique_by=lambda row: row[0]))
def test_keys_read_back_in_any_order_of_the_circle(rows: list[tuple[int, Key]]) -> None:
    changes = tuple(KeyChange.of(480 * at, key) for at, key in sorted(rows, key=lambda row: row[0]))
    for file_format in (0, 1):
        tracks = (Track(notes=phrase(*C_TUNE)),) if file_format == 0 else (Track("A"), Track("B", phrase(*C_TUNE)))
        song = Song(tracks, key_changes=changes, file_format=file_format)
        assert opened_again(song).key_changes == changes
        assert opened_again(opened_again(song)) == opened_again(song)


def test_one_chunk_says_each_key_once() -> None:
    song = Song((Track(notes=phrase(*C_TUNE)),), key_changes=(KeyChange(0, 2),), file_format=0)
    assert write_song(song).count(b"\xff\x59\x02\x02\x00") == 1


def test_a_bad_key_is_left_out_and_counted() -> None:
    imported = _read(midi_file(track_body((0, bytes((0xFF, 0x59, 8, 0)))), part(C_TUNE)))
    assert imported.song.key_changes == ()
    assert any("key signature" in str(warning) for warning in imported.warnings)


# what other programs make of what is saved here

CHANGING = Song(
    (Track("Words"), Track("Melody", phrase(*E_FLAT_TUNE * 2, step_ticks=480)), Track("Bass", phrase(*[39, 46] * 8))),
    480,
    meter_changes=(MeterChange(0, 4, 4),),
    key_changes=(KeyChange.of(0, parse_key("Eb minor")), KeyChange.of(3840, parse_key("A major"))),
)


@pytest.mark.skipif(shutil.which("mscore3") is None, reason="MuseScore 3 is not installed")
def test_musescore_shows_the_keys_and_their_changes(tmp_path: Path) -> None:
    (tmp_path / "in.mid").write_bytes(write_song(CHANGING))
    command = ["mscore3", "-o", str(tmp_path / "out.musicxml"), str(tmp_path / "in.mid")]
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)}
    subprocess.run(command, env=env, check=True, capture_output=True, timeout=240)
    score = (tmp_path / "out.musicxml").read_text(encoding="utf-8")
    for body in re.findall(r'<part id="P\d+">(.*?)</part>', score, re.DOTALL):
        assert re.findall(r"<fifths>(-?\d+)</fifths>", body) == ["-6", "3"]


@pytest.mark.skipif(shutil.which("midi2abc") is None, reason="midi2abc is not installed")
def test_midi2abc_writes_the_keys_and_their_changes(tmp_path: Path) -> None:
    path = tmp_path / "in.mid"
    path.write_bytes(write_song(CHANGING))
    abc = subprocess.run(["midi2abc", "-f", str(path)], check=False, capture_output=True, timeout=60).stdout
    voice = abc[abc.index(b"V:1") :]  # it names the major key of a signature, whatever the mode
    assert re.findall(rb"^K:(\S+) % (.*)", voice, re.MULTILINE) == [(b"Gb", b"6 flats"), (b"A", b"3 sharps")]


def test_what_is_shown_of_six_flats_is_six_flats() -> None:
    assert str(key_at(opened(track_body((0, signature(-6, 1))), part(C_TUNE))).key) == "Eb minor"


def test_a_c_major_that_somebody_chose_is_no_default_and_stays_so_in_the_file() -> None:
    tune = phrase(64, 66, 68, 69, 71, 69, 68, 66, 64, 63, 64, 71, 69, 68, 66, 64)
    song = Song((Track("Melody", tune),), key_changes=(KeyChange(0, 0),))
    assert str(key_at(song).key) == "E major"
    chosen = song_edits.set_key(song, 0, Key(0))
    for known in (chosen, opened_again(chosen)):
        assert key_at(known).key == Key(0)
        assert key_at(known).is_stated
    assert opened_again(chosen) == chosen
