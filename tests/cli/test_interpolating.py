"""``interpolate``: the phrases in a row, each from a bar line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from builders import phrase
from musicassist.composing.request import Constraints, GenerationRequest, Take
from musicassist.midi import read_song, save_song
from musicassist.score.song import KeyChange, Note, Notes, Song, Track
from musicassist.score.timing import MeterChange, tempo_change

BEAT, WALTZ = 480, 1440
Cli = Callable[..., object]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[GenerationRequest]:
    """Requests that were made; each step is one note that fills the span, a semitone higher than the step before."""
    requests: list[GenerationRequest] = []

    def make(request: GenerationRequest, _folder: Path) -> tuple[Take, ...]:
        requests.append(request)
        start, stop = request.from_tick, request.to_tick
        return tuple(
            Take(
                Notes.of([Note(start, 60 + n, stop - start)]), start, stop, "vae", request.seed, n, 1, 1, Constraints()
            )
            for n in range(1, request.takes + 1)
        )

    monkeypatch.setattr("musicassist.cli.composing.make_takes", make)
    return requests


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """A waltz of two bars that begins in bar 3, and a tune in four."""
    waltz = Song(
        tracks=(Track("Bells", phrase(60, 64, 67, 72, from_tick=2 * WALTZ, step_ticks=BEAT), program=9),),
        tempo_changes=(tempo_change(0, 100), tempo_change(WALTZ, 160)),
        meter_changes=(MeterChange(0, 3, 4),),
        key_changes=(KeyChange(0, 7), KeyChange(WALTZ, 2), KeyChange(20 * WALTZ, 9)),
    )
    tune = Song(tracks=(Track("Bass", phrase(40)), Track("Tune", phrase(72, 71, 69, 67)), Track("Empty")))
    save_song(waltz, tmp_path / "a.mid")
    save_song(tune, tmp_path / "b.mid")
    return tmp_path / "a.mid", tmp_path / "b.mid"


def test_the_phrases_stand_in_a_row_in_one_file(
    run_cli: Cli, asked: list[GenerationRequest], files: tuple[Path, Path], tmp_path: Path
) -> None:
    out = tmp_path / "row.mid"
    answer = run_cli("interpolate", *files, "-o", out, "--steps", 3, "--model", "vae", "--seed", 4, "--json")
    assert (answer.code, answer.err) == (0, "")
    song = read_song(out).song
    (track,) = song.tracks
    assert list(track.notes) == [Note(n * 2 * WALTZ, 61 + n, 2 * WALTZ) for n in range(3)]
    assert (track.name, track.program) == ("Bells", 9)
    assert (song.time_map.tempo_bpm_at(0), str(song.time_map.meter_at(0))) == (pytest.approx(160, abs=0.01), "3/4")
    assert [(key.tick, key.tonic) for key in song.key_changes] == [(0, 2)]
    assert json.loads(answer.out) == {
        "model": "vae",
        "seed": 4,
        "track": "Bells",
        "track_number": 1,
        "takes": [{"file": str(out), "notes": 1, "from_beat": 6.0 * n, "to_beat": 6.0 * (n + 1)} for n in range(3)],
    }


def test_the_request_names_both_phrases(
    run_cli: Cli, asked: list[GenerationRequest], files: tuple[Path, Path], tmp_path: Path
) -> None:
    words = ("--model", "vae", "--other-track", "tune")
    answer = run_cli("interpolate", *files, "-o", tmp_path / "row.mid", *words)
    (request,) = asked
    assert (request.kind, request.takes, request.bars) == ("interpolate", 4, 2)
    assert (request.from_tick, request.to_tick) == (2 * WALTZ, 4 * WALTZ)
    assert request.other == read_song(files[1]).song
    assert request.other_track == 1
    assert answer.out.splitlines()[1].endswith("row.mid: 1 new note in bars 3 to 4 of track 1, Bells")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--steps", 0), "0 is not between 1 and 32"),
        (("--other-track", "Empty"), "no notes to vary"),
        (("--track", "Violin"), "There is no track 'Violin'"),
    ],
)
def test_what_makes_no_sense_is_told_in_words(
    run_cli: Cli,
    asked: list[GenerationRequest],
    files: tuple[Path, Path],
    tmp_path: Path,
    words: tuple[object, ...],
    said: str,
) -> None:
    answer = run_cli("interpolate", *files, "-o", tmp_path / "row.mid", "--model", "vae", *words)
    assert (answer.code, asked) == (2, [])
    assert said in answer.err
