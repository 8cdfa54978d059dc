"""The index of the training music names pieces and bars, says what is usual, and refuses damaged files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from musicassist.composing.originality import Evidence
from musicassist.composing.training_music import FILE_NAME, MAX_NAMED, PieceName, TrainingMusic, training_music_in
from musicassist.errors import CheckpointError
from musicassist.resources import checkpoints_folder
from musicassist.score.song import Notes
from training_index import BAR, index_of, install_index, line_of, music_of, notes_of

LINES = [line_of(seed) for seed in range(8)]
MUSIC = music_of(*LINES)


def excerpt(line: int, first: int, notes: int) -> Notes:
    onset, pitch = (column[first : first + notes] for column in LINES[line])
    return notes_of(onset - onset[0], pitch + 4)


@pytest.mark.parametrize("line", range(8))
def test_a_planted_excerpt_is_named_with_its_bars(line: int) -> None:
    evidence = MUSIC.evidence_of(excerpt(line, 40, 16))
    run = evidence.runs[0]
    onset = LINES[line][0]
    assert (run.piece, run.composer, run.notes, evidence.longest_notes) == (f"Tune {line}", "Nobody", 16, 16)
    assert (run.from_bar, run.to_bar) == (onset[40] // BAR + 1, onset[55] // BAR + 1)
    assert evidence.pieces == 1
    assert evidence.is_above


def test_bars_that_nothing_begins_in_are_counted() -> None:
    onset = np.array([0, 480, 960, 1440, 6 * BAR, 6 * BAR + 720, 6 * BAR + 960, 6 * BAR + 1200])
    pitch = np.array([60, 64, 62, 67, 60, 65, 69, 66])
    run = music_of((onset, pitch)).evidence_of(notes_of(onset, pitch)).runs[0]
    assert (run.from_bar, run.to_bar) == (1, 7)


def test_what_is_new_shares_little() -> None:
    evidence = MUSIC.evidence_of(notes_of(*line_of(999, 40)))
    assert evidence.longest_notes <= evidence.usual_notes
    assert not evidence.is_above


def test_nothing_and_very_little_share_nothing() -> None:
    for notes in (Notes.of(), excerpt(0, 0, 4)):
        evidence = MUSIC.evidence_of(notes)
        assert (evidence.longest_notes, evidence.runs, evidence.pieces) == (0, (), 0)
        assert "no run" in evidence.in_english()


def test_a_commonplace_is_said_to_be_one() -> None:
    music = music_of(*[LINES[0]] * 7)
    evidence = music.evidence_of(excerpt(0, 0, 20))
    assert evidence.pieces == 7
    assert len(evidence.runs) == MAX_NAMED
    assert "and in 6 more" in evidence.in_english()


def test_the_words_name_the_piece_the_bars_and_what_is_usual() -> None:
    assert MUSIC.evidence_of(excerpt(3, 0, 12)).in_english() == (
        "longest run shared with the training music: 12 notes, “Tune 3” (Nobody), "
        f"bars 1-{LINES[3][0][11] // BAR + 1}; 95 % of human pieces share up to 9"
    )


def test_a_piece_that_is_never_named_has_its_number_alone() -> None:
    music = TrainingMusic(index_of(LINES[:1], names=[PieceName("", "POP909, piece 12", "")]))
    assert "12 notes, POP909, piece 12, bar" in music.evidence_of(excerpt(0, 0, 12)).in_english()


def test_songs_by_number_do_not_count_for_models_that_have_not_read_them() -> None:
    names = [PieceName("", "POP909, piece 12", ""), PieceName("made", "The Mill", "")]
    onset, pitch = LINES[0]
    lines = [(onset, pitch), (onset[:20], pitch[:20])]
    music = TrainingMusic(index_of(lines, names=names))
    evidence = music.evidence_of(excerpt(0, 0, 40))
    assert (evidence.longest_notes, evidence.runs[0].piece) == (40, "POP909, piece 12")
    evidence = music.evidence_of(excerpt(0, 0, 40), with_numbered=False)
    assert (evidence.longest_notes, [run.piece for run in evidence.runs]) == (20, ["The Mill"])
    assert music.evidence_of(excerpt(0, 60, 40), with_numbered=False).runs == ()


def test_what_is_usual_depends_on_the_length() -> None:
    lines = index_of(LINES)
    usual = np.array([(5, 7), (16, 9), (64, 11)])
    music = TrainingMusic(type(lines)(**{**vars(lines), "usual": usual}))
    assert [music.usual_notes(notes) for notes in (3, 5, 15, 16, 63, 64, 900)] == [7, 7, 7, 9, 9, 11, 11]


def test_a_file_gives_back_what_was_written(tmp_path: Path) -> None:
    install_index(tmp_path, LINES)
    music = training_music_in(tmp_path)
    assert music is not None
    for line in range(8):
        assert music.evidence_of(excerpt(line, 9, 30)) == MUSIC.evidence_of(excerpt(line, 9, 30))


def test_without_a_file_nothing_is_known(tmp_path: Path) -> None:
    assert training_music_in(tmp_path) is None


@pytest.mark.parametrize("name", ["codes", "line_notes", "line_piece", "bar_ends", "names", "usual", "sizes"])
def test_a_damaged_file_is_refused_in_words(tmp_path: Path, name: str) -> None:
    install_index(tmp_path, LINES)
    tensors = load_file(tmp_path / FILE_NAME)
    tensors[name] = tensors[name][:-1]
    save_file(tensors, tmp_path / FILE_NAME)
    with pytest.raises(CheckpointError, match=r"originality\.safetensors"):
        training_music_in(tmp_path)


def test_numbers_that_point_nowhere_are_refused(tmp_path: Path) -> None:
    install_index(tmp_path, LINES)
    tensors = load_file(tmp_path / FILE_NAME)
    tensors["line_piece"] = tensors["line_piece"] + np.uint16(100)
    save_file(tensors, tmp_path / FILE_NAME)
    with pytest.raises(CheckpointError):
        training_music_in(tmp_path)


def test_the_shipped_index_is_small_and_names_no_song_that_is_in_copyright() -> None:
    path = checkpoints_folder() / FILE_NAME
    assert path.stat().st_size <= 6_000_000
    pages = bytes(load_file(path)["names"]).decode()
    assert '["","POP909, piece 1",""]' in pages
    assert '"pop909"' not in pages
    music = training_music_in(checkpoints_folder())
    assert music is not None
    scale = notes_of(np.arange(16) * 240, 60 + np.array([0, 2, 4, 5, 7, 9, 11, 12, 11, 9, 7, 5, 4, 2, 0, 2]))
    evidence = music.evidence_of(scale)
    assert isinstance(evidence, Evidence)
    assert evidence.longest_notes >= 8  # everybody writes scales
    assert 5 <= evidence.usual_notes <= 16
