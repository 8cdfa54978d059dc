"""Bars of a project are listed with who composed them, and composed exactly so again, or it is said why not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from musicassist.cli import main
from musicassist.composing.request import GenerationRequest
from musicassist.document.document import Document
from musicassist.document.entry import Entry
from musicassist.document.project_file import begin_project
from musicassist.families.registry import make_engine
from musicassist.midi import read_song
from musicassist.resources import checkpoints_folder, demo_song
from musicassist.session.stories import FOLDER, write_take


def keep(path: Path, *, change: tuple[str, str] | None = None) -> Document:
    """A project in which the second take of a Markov model was kept."""
    song = read_song(demo_song()).song
    request = GenerationRequest("continue", song, 0, model="markov", seed=11, takes=2, candidates=4, bars=2)
    document = Document(song)
    write_take(document, make_engine(checkpoints_folder()).generate(request)[1], request, song, 0, offered=2)
    pages = dict(document.pages)
    if change is not None:
        name = next(name for name in pages if name.startswith(FOLDER))
        page = pages[name]
        assert change[0] in page.text
        pages[name] = type(page)(page.text.replace(*change), page.notes, page.songs)
    project = begin_project(path, Entry(document.song, path, 0, pages=pages))
    project.save()
    project.close()
    return document


@pytest.fixture
def project(tmp_path: Path) -> tuple[Path, Document]:
    path = tmp_path / "song.musicassist"
    return path, keep(path)


def bar_of(document: Document) -> str:
    origin = document.track.origins[0]
    time_map = document.song.time_map
    return str(time_map.bar_number(time_map.bar_at(origin.to_tick - 1)))


def test_kept_bars_are_listed_and_composed_again(
    project: tuple[Path, Document], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path, document = project
    assert main.run(["info", str(path), "--json"]) == 0
    (region,) = json.loads(capsys.readouterr().out)["regions"]
    assert region["story"]["model"] == "markov" and region["story"]["take"] == 2 and region["story"]["edited"] == 0
    assert main.run(["info", str(path)]) == 0
    assert "composed by markov; take 2 of 2; chosen among 4; random number 11" in capsys.readouterr().out
    out = tmp_path / "again.mid"
    assert main.run(["again", str(path), "--bar", bar_of(document), "-o", str(out), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["is_same"] and answer["notes"] == region["story"]["notes"]
    assert read_song(out).song.tracks[0].notes == document.track.notes


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('"name":"markov","sha256":"', '"name":"markov","sha256":"0'), "no project"),
        (('"model":"markov","seed"', '"model":"gone","seed"'), "There is no model named gone."),
        (('"seed":11', '"seed":12'), "composes these bars otherwise"),
    ],
)
def test_what_cannot_be_composed_again_says_why(
    change: tuple[str, str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "song.musicassist"
    document = keep(path, change=change)
    if words == "no project":
        path, words = demo_song(), "no project"
    out = tmp_path / "again.mid"
    assert main.run(["again", str(path), "--bar", bar_of(document), "-o", str(out)]) == 2
    assert words in capsys.readouterr().err and not out.exists()


def test_bars_without_a_take_are_named(project: tuple[Path, Document], capsys: pytest.CaptureFixture[str]) -> None:
    path, _ = project
    assert main.run(["again", str(path), "--bar", "1", "-o", str(path.with_name("x.mid"))]) == 2
    assert "No take was kept in bar 1." in capsys.readouterr().err


def test_the_credits_are_written_as_a_page_and_as_text(
    project: tuple[Path, Document], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path, _ = project
    out = tmp_path / "credits.html"
    assert main.run(["credits", str(path), "-o", str(out), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["licences"]["markov"] and len(answer["regions"]) == 1
    assert "<svg" in out.read_text()
    assert main.run(["credits", str(path), "-o", str(tmp_path / "credits.txt")]) == 0
    assert "composed by markov" in (tmp_path / "credits.txt").read_text()
    assert main.run(["credits", str(demo_song()), "-o", str(out)]) == 2
