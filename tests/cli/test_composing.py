"""The composing words, with an engine that plays the scale: what they write, and what they say about it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass, field, make_dataclass, replace
from pathlib import Path

import pytest

from builders import phrase
from musicassist.cli import composing
from musicassist.composing.option import Option
from musicassist.composing.request import Constraints, GenerationRequest, Take, Wish, options
from musicassist.composing.span import span_of
from musicassist.midi import read_song, save_song
from musicassist.resources import checkpoints_folder
from musicassist.score.midi_bytes import DRUM_CHANNEL
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.score.theory import Chord, Key

BEAT = 480


def scale_notes(first_beat: int, count: int, pitch: int = 60) -> Notes:
    return Notes.of(Note((first_beat + n) * BEAT, pitch + 2 * n, BEAT) for n in range(count))


@dataclass
class ScaleEngine:
    """Answers each request with one whole note a bar, and remembers what it was asked."""

    requests: list[GenerationRequest] = field(default_factory=list)
    named: list[str | None] = field(default_factory=list)
    model: str | None = None

    def __call__(self, request: GenerationRequest, model: str | None) -> tuple[Take, ...]:
        self.requests.append(request)
        self.named.append(model)
        from_tick, to_tick = 0, request.bars * 4 * BEAT
        if request.kind == "continue":
            span = span_of(request)
            from_tick, to_tick = span.from_tick, span.to_tick
        return tuple(
            Take(
                notes=Notes.of(Note(tick, 60 + number, BEAT) for tick in range(from_tick, to_tick, 4 * BEAT)),
                from_tick=from_tick,
                to_tick=to_tick,
                model=self.model or request.model,
                seed=request.seed,
                number=number,
                in_scale_share=1.0,
                originality=1.0,
                constraints=request.constraints,
            )
            for number in range(1, request.takes + 1)
        )


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> ScaleEngine:
    engine = ScaleEngine()
    monkeypatch.setattr("musicassist.cli.composing.make_takes", engine)
    return engine


@pytest.fixture
def story(tmp_path: Path) -> Path:
    """Four beats of melody, with drums and a bass that is longer."""
    song = Song(
        tracks=(
            Track("Drums", scale_notes(0, 12, 36), channel=DRUM_CHANNEL),
            Track("Bass", scale_notes(0, 6, 30), channel=1, program=33),
            Track("Tune", scale_notes(0, 4), program=73),
            Track("Empty"),
        )
    )
    save_song(song, tmp_path / "story.mid")
    return tmp_path / "story.mid"


def test_continue_writes_the_phrase_with_what_follows(
    run_cli: Callable, engine: ScaleEngine, story: Path, tmp_path: Path
) -> None:
    before = read_song(story).song
    answer = run_cli("continue", story, "-o", tmp_path / "more.mid", "--track", "tune", "--bars", 2, "--json")
    assert answer.code == 0
    song = read_song(tmp_path / "more.mid").song
    assert song.tracks[2].notes == before.tracks[2].notes.plus(
        Notes.of([Note(4 * BEAT, 61, BEAT), Note(8 * BEAT, 61, BEAT)])
    )
    assert [song.tracks[i] for i in (0, 1)] == [before.tracks[i] for i in (0, 1)]
    assert json.loads(answer.out) == {
        "model": "lstm-form",
        "seed": engine.requests[0].seed,
        "track": "Tune",
        "track_number": 3,
        "takes": [{"file": str(tmp_path / "more.mid"), "notes": 2, "from_beat": 4.0, "to_beat": 12.0}],
    }


def test_without_a_track_it_is_the_melody(run_cli: Callable, engine: ScaleEngine, story: Path, tmp_path: Path) -> None:
    assert run_cli("continue", story, "-o", tmp_path / "more.mid").code == 0
    assert engine.requests[0].track_index == 2


def test_several_takes_are_numbered_and_the_plain_name_is_not_written(
    run_cli: Callable, engine: ScaleEngine, story: Path, tmp_path: Path
) -> None:
    answer = run_cli("continue", story, "-o", tmp_path / "out.mid", "--takes", 3, "--json")
    files = [str(tmp_path / f"out-{number}.mid") for number in (1, 2, 3)]
    assert [take["file"] for take in json.loads(answer.out)["takes"]] == files
    assert sorted(str(path) for path in tmp_path.glob("out*.mid")) == files
    assert engine.requests[0].takes == 3


def test_the_options_become_the_request(run_cli: Callable, engine: ScaleEngine, story: Path, tmp_path: Path) -> None:
    run_cli(
        *("continue", story, "-o", tmp_path / "out.mid", "--seed", 7, "--temperature", 0.8, "--top-p", 0.9),
        *("--scale", "Bb:minor", "--chords", "C Am7", "--range", "C4:C6", "--density", 2, "--polyphony", 1),
        *("--style", "folk", "--only-new", "--scale-strength", "tend", "--largest-leap", 5, "--rhythm", "straight"),
        *("--closeness", -0.5, "--surprise", 1, "--model", "lstm", "--ending", "loop"),
    )
    request = engine.requests[0]
    assert (request.kind, request.seed, request.temperature, request.top_p) == ("continue", 7, 0.8, 0.9)
    assert (request.style, request.model, request.ending) == ("folk", "lstm", "loop")
    constraints = request.constraints
    assert (request.closeness, request.surprise) == (-0.5, 1.0)
    assert (constraints.scale_strength, constraints.largest_leap, constraints.rhythm) == ("tend", 5, "straight")
    assert constraints.key == Key(10, "minor")
    assert constraints.chords == (Chord(0), Chord(9, "m7"))
    assert (constraints.lowest_pitch, constraints.highest_pitch) == (60, 84)
    assert (constraints.density, constraints.polyphony, constraints.only_new) == (2.0, 1, True)


def test_a_new_field_of_the_wish_is_an_option_that_reaches_the_request(
    run_cli: Callable, engine: ScaleEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is written in one place: here a toy, for all composing words and for one."""
    swing = field(default=0.0, metadata={"option": Option("--swing", "how late", "X", (0.0, 1), is_least_meant=True)})
    coda = field(default=0, metadata={"option": Option("--coda", "bars at the end", "N", (0, 8), words=("generate",))})
    toy = make_dataclass(
        "Toy", [("swing", float, swing), ("coda", int, coda)], bases=(Wish,), frozen=True, kw_only=True
    )
    monkeypatch.setattr("musicassist.composing.request.Wish", toy)
    request = make_dataclass("ToyRequest", [], bases=(GenerationRequest, toy), frozen=True)
    monkeypatch.setattr("musicassist.composing.request.GenerationRequest", request)
    monkeypatch.setitem(composing.WORDS, "generate", replace(composing.WORDS["generate"], options=("takes", "coda")))
    assert run_cli("generate", "-o", tmp_path / "out.mid", "--swing", 0.25, "--coda", 2).code == 0
    assert run_cli("generate", "-o", tmp_path / "out.mid", "--swing", 2).code == 2
    assert [(asked.swing, asked.coda) for asked in engine.requests] == [(0.25, 2)]  # type: ignore[attr-defined]


def test_a_model_file_of_ones_own_is_taken_from_its_folder(
    run_cli: Callable, engine: ScaleEngine, story: Path, tmp_path: Path
) -> None:
    (tmp_path / "mine.safetensors").touch()
    run_cli("continue", story, "-o", tmp_path / "out.mid", "--model", tmp_path / "mine.safetensors")
    run_cli("continue", story, "-o", tmp_path / "out.mid", "--model", "lstm")
    assert [request.model for request in engine.requests] == ["mine", "lstm"]
    assert [composing.models_folder(model) for model in engine.named] == [tmp_path, checkpoints_folder()]


def test_without_a_scale_none_is_set(run_cli: Callable, engine: ScaleEngine, story: Path, tmp_path: Path) -> None:
    run_cli("continue", story, "-o", tmp_path / "out.mid")
    assert engine.requests[0].constraints == Constraints()


def test_each_run_has_a_new_random_number_and_names_it(
    run_cli: Callable, engine: ScaleEngine, story: Path, tmp_path: Path
) -> None:
    answers = [run_cli("continue", story, "-o", tmp_path / "out.mid") for _ in range(3)]
    seeds = [request.seed for request in engine.requests]
    assert len(set(seeds)) == 3
    for answer, seed in zip(answers, seeds, strict=True):
        assert f"seed {seed}" in answer.out


def test_another_model_in_its_place_is_said(
    run_cli: Callable, engine: ScaleEngine, story: Path, tmp_path: Path
) -> None:
    engine.model = "markov"
    assert "markov was taken instead" in run_cli("continue", story, "-o", tmp_path / "out.mid").out
    answer = json.loads(run_cli("continue", story, "-o", tmp_path / "out.mid", "--json").out)
    assert (answer["model"], answer["instead_of"]) == ("markov", "lstm-form")


def test_generate_starts_from_nothing(run_cli: Callable, engine: ScaleEngine, tmp_path: Path) -> None:
    answer = run_cli("generate", "-o", tmp_path / "new.mid", "--bars", 8, "--scale", "G:major", "--json")
    assert answer.code == 0
    assert engine.requests[0].kind == "generate"
    take = json.loads(answer.out)["takes"][0]
    assert (take["notes"], take["from_beat"], take["to_beat"]) == (8, 0.0, 32.0)
    song = read_song(tmp_path / "new.mid").song
    assert song.note_count == 8
    assert (song.key_changes[0].tonic, song.key_changes[0].scale) == (7, "major")


@pytest.mark.parametrize(("words", "index"), [("Tune", 2), ("BASS", 1), ("3", 2)])
def test_a_track_is_named_or_counted_from_1(
    run_cli: Callable, engine: ScaleEngine, story: Path, tmp_path: Path, words: str, index: int
) -> None:
    assert run_cli("continue", story, "-o", tmp_path / "out.mid", "--track", words).code == 0
    assert engine.requests[0].track_index == index


@pytest.mark.parametrize(
    ("track", "said"),
    [
        ("Violin", "There is no track 'Violin'"),
        ("99", "There is no track '99'"),
        ("Drums", "Drums cannot"),
        ("Empty", "no "),
    ],
)
def test_a_track_that_cannot_be_continued_is_told_in_words(
    run_cli: Callable, engine: ScaleEngine, story: Path, tmp_path: Path, track: str, said: str
) -> None:
    answer = run_cli("continue", story, "-o", tmp_path / "out.mid", "--track", track)
    assert answer.code == 2
    assert said in answer.err
    assert engine.requests == []
    assert not (tmp_path / "out.mid").exists()


def test_a_file_with_nothing_but_drums_is_told_as_such(run_cli: Callable, engine: ScaleEngine, tmp_path: Path) -> None:
    save_song(Song(tracks=(Track("Kit", scale_notes(0, 4, 36), channel=DRUM_CHANNEL),)), tmp_path / "kit.mid")
    answer = run_cli("continue", tmp_path / "kit.mid", "-o", tmp_path / "out.mid")
    assert answer.code == 2
    assert "Drums cannot" in answer.err


def test_continue_goes_on_with_the_bar_that_is_named_in_place_of_what_stands_there(
    run_cli: Callable, engine: ScaleEngine, tmp_path: Path
) -> None:
    save_song(Song(tracks=(Track("Tune", scale_notes(0, 16)),)), tmp_path / "long.mid")
    answer = run_cli(
        "continue", tmp_path / "long.mid", "-o", tmp_path / "o.mid", "--from-bar", 3, "--bars", 1, "--json"
    )
    assert json.loads(answer.out)["takes"][0] | {"file": ""} == {
        "file": "", "notes": 1, "from_beat": 8.0, "to_beat": 12.0
    }  # fmt: skip
    starts = read_song(tmp_path / "o.mid").song.tracks[0].notes.start_tick // BEAT
    assert starts.tolist() == [*range(9), *range(12, 16)]


@pytest.mark.parametrize(
    ("bar", "words"), [(6, "There is no bar 6: the song ends with bar 4."), (1, "no notes before that place")]
)
def test_a_bar_that_cannot_be_gone_on_from_is_said(
    run_cli: Callable, engine: ScaleEngine, tmp_path: Path, bar: int, words: str
) -> None:
    save_song(Song(tracks=(Track("Tune", scale_notes(0, 16)),)), tmp_path / "long.mid")
    answer = run_cli("continue", tmp_path / "long.mid", "-o", tmp_path / "o.mid", "--from-bar", bar)
    assert answer.code == 2 and words in answer.err


def test_the_bars_are_counted_from_behind_a_pickup(engine: ScaleEngine, tmp_path: Path, run_cli: Callable) -> None:
    song, out = tmp_path / "pickup.mid", tmp_path / "out.mid"
    save_song(Song((Track("Tune", Notes.of(Note(n * BEAT, 60 + n % 5, BEAT) for n in range(17))),)), song)
    answer = run_cli("continue", song, "-o", out, "--pickup", "1", "--bars", "2", "--json")
    (take,) = json.loads(answer.out)["takes"]
    assert (take["from_beat"], take["to_beat"]) == (17, 25)
    assert read_song(out).song.time_map.bar_start_tick(1) == BEAT


@pytest.mark.parametrize("word", sorted(composing.WORDS))
def test_every_word_has_the_options_that_name_it(word: str) -> None:
    """A field that says which words have it needs no second place."""
    parser = argparse.ArgumentParser()
    parser.set_defaults(word=word)
    composing.add_arguments(parser)
    text = parser.format_help()
    wanted = {option.flag for option, _ in options().values() if not option.words or word in option.words}
    assert {flag for flag in wanted if flag not in text} == set()


def test_json_explains_each_take_by_its_notes(run_cli: Callable, tmp_path: Path) -> None:
    song = Song(tracks=(Track("Melody", phrase(60, 64, 62, 65, 67, 65, 64, 62, step_ticks=480)),))
    save_song(song, tmp_path / "in.mid")
    words = ("continue", str(tmp_path / "in.mid"), "-o", str(tmp_path / "out.mid"), "--model", "markov", "--seed", "3")
    (take,) = json.loads(run_cli(*words, "--takes", "1", "--bars", "2", "--json").out)["takes"]
    assert any("bar 3" in said or "bars 3" in said for said in take["explained"])
