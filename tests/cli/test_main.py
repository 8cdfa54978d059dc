"""The words of the command line, its exit codes, and that a user's error is one line."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from musicassist.cli.main import VERBS, is_command


def test_help_names_every_word(run_cli: Callable) -> None:
    answer = run_cli("--help")
    assert answer.code == 0
    assert answer.err == ""
    for name in VERBS:
        assert f"  {name} " in answer.out


@pytest.mark.slow
@pytest.mark.parametrize("name", VERBS)
def test_each_word_tells_its_options(run_cli: Callable, name: str) -> None:
    answer = run_cli(name, "--help")
    assert answer.code == 0
    assert f"musicassist {name}" in answer.out
    assert "--json" in answer.out


def test_the_version_is_told(run_cli: Callable) -> None:
    assert run_cli("--version").out.startswith("musicassist ")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["contniue", "x"], "Did you mean 'continue'?"),
        (["no-such-word"], "There is no command 'no-such-word'."),
        (["--frobnicate"], "There is no command '--frobnicate'."),
        (["info"], "IN"),
        (["info", "x.mid", "--bars", "4"], "--bars"),
        (["info", "there is none.mid"], "there is none.mid"),
        (["continue", "x.mid"], "-o"),
        (["continue", "x.mid", "-o", "o.mid", "--bars", "none"], "'none' is no whole number"),
        (["continue", "x.mid", "-o", "o.mid", "--bars", "0"], "0 is not between 1 and 256"),
        (["continue", "x.mid", "-o", "o.mid", "--scale", "H:major"], "'H:major' is no key"),
        (["continue", "x.mid", "-o", "o.mid", "--scale", "C:mayor"], "'mayor' is no scale"),
        (["continue", "x.mid", "-o", "o.mid", "--chords", "C Hm"], "'Hm' is no chord symbol"),
        (["continue", "x.mid", "-o", "o.mid", "--chords", " "], "there is no chord"),
        (["continue", "x.mid", "-o", "o.mid", "--range", "C4"], "write it as C4:C6"),
        (["continue", "x.mid", "-o", "o.mid", "--range", "C6:C4"], "the lower note comes last"),
        (["continue", "x.mid", "-o", "o.mid", "--temperature", "nan"], "nan is not above 0"),
        (["continue", "x.mid", "-o", "o.mid", "--top-p", "1.5"], "1.5 is not above 0 and at most 1"),
        (["continue", "x.mid", "-o", "no/such/folder/o.mid"], "does not exist"),
        (["continue", "x.mid", "-o", "."], "is a folder"),
        (["generate", "-o", "o.mid", "--style", "death metal"], "--style"),
        (["screenshot", "x.mid", "-o", "o.doc"], "no picture's name"),
        (["bench", "lunch"], "There is no part 'lunch'"),
        (["bench", "sound", "--soak", "lunch"], "must be a number of hours up to 1000, not lunch"),
        (["evaluate", "--spans", "0"], "--spans must be between 1 and "),
        (["evaluate", "--phrases", "-1"], "--phrases must be between 1 and "),
        (["evaluate", "--takes", "65"], "--takes must be between 1 and 64, not 65"),
        (["evaluate", "--measure", "spans", "--seed", "-1"], "--seed must be between 0 and "),
        (
            ["evaluate", "--benchmark", "lunch", "."],
            "There is no benchmark lunch. Known: nottingham_continuation, jsb_",
        ),
        (["evaluate", "--benchmark", "jsb_16th", "home"], "home does not hold the benchmark jsb_16th."),
        (["evaluate", "--benchmark", "jsb_nottingham_frames", "home"], "home does not hold the benchmark jsb_"),
        (["evaluate", "music", "--cache", "/dev/null/runs"], "The folder /dev/null/runs cannot be used"),
        (["train", "music", "-o", "o.safetensors", "--steps", "-5"], "--steps must be between 1 and "),
        (["train", "music", "-o", "o.safetensors", "--seed", "9" * 30], "--seed must be between 0 and "),
        (["train", "music", "-o", "o.safetensors", "--threads", "-1"], "--threads must be between 0 and "),
        (
            ["train", "music", "-o", "o.safetensors", "--run", "/dev/null/run"],
            "The folder /dev/null/run cannot be used",
        ),
        (["train", "music", "-o", "no/such/folder/o.safetensors"], "does not exist"),
        (["train", "music", "-o", "home.pt"], "must end in .safetensors"),
    ],
)
def test_a_users_error_is_one_line_and_exit_code_2(
    run_cli: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = run_cli(*words)
    assert answer.code == 2
    assert said in answer.err
    assert answer.err.count("\n") == 1
    assert "Traceback" not in answer.err
    assert answer.out == ""
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def test_a_file_or_nothing_opens_the_window_and_all_else_is_a_command(tmp_path: Path) -> None:
    song = tmp_path / "without suffix"
    song.write_bytes(b"MThd")
    assert not is_command([])
    assert not is_command([str(song)])
    assert not is_command(["there is none.mid"])
    assert is_command(["info", "x.mid"])
    assert is_command(["--help"])
    assert is_command(["infoo", "x.mid"])
    assert is_command(["x" * 5000])


def test_help_needs_no_heavy_library() -> None:
    code = (
        "import sys; from musicassist.cli.main import run; run(['--help']);"
        "print(sorted({'numpy', 'torch', 'PySide6'} & set(sys.modules)))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.endswith("[]\n")


def test_a_reader_that_has_heard_enough_is_no_error() -> None:
    code = "import sys; from musicassist.cli.main import run; sys.exit(run(['--help']))"
    command = f'{sys.executable} -u -c "{code}" | head -1; exit ${{PIPESTATUS[0]}}'
    answer = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert answer.stderr == ""
