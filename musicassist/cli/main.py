"""Which words there are, and what happens when one is given."""

from __future__ import annotations

import argparse
import contextlib
import difflib
import importlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, ModuleType
from typing import NoReturn

from musicassist.disk import is_there
from musicassist.errors import MusicAssistError, UsageError
from musicassist.terminal import say

SUCCESS = 0
USER_ERROR = 2
INTERRUPTED = 130  # what a shell calls a program that Ctrl+C ended
SONG_SUFFIXES = (".mid", ".midi", ".smf", ".kar", ".rmi", ".musicassist")


@dataclass(frozen=True)
class Verb:
    """A word of the command line.

    Attributes:
        summary: What it does, for the list of ``--help``.
        module: Where it lives. It has ``add_arguments(parser)`` and ``run(args) -> int``, and is imported only when
            the word is given, so that each word costs only its own imports. The parser and the arguments hold the word
            as ``word``, for a module of several.
        without_lab: What lives there instead where there is no laboratory; empty where nothing does.
    """

    summary: str
    module: str
    without_lab: str = ""


VERBS = {
    "continue": Verb("continue a phrase", "musicassist.cli.composing"),
    "infill": Verb("fill some bars so that they fit what stands around them", "musicassist.cli.composing"),
    "vary": Verb("make variations of a phrase", "musicassist.cli.composing"),
    "interpolate": Verb("make phrases on the way from one to another", "musicassist.cli.composing"),
    "generate": Verb("make a phrase from nothing", "musicassist.cli.composing"),
    "harmonize": Verb("find chords for a melody, and accompany it", "musicassist.cli.harmonizing"),
    "fit": Verb("fit bars and tempo to the times of a picture", "musicassist.cli.fitting"),
    "extract": Verb("write a track, or bars of it, as a song of its own", "musicassist.cli.exchanging"),
    "join": Verb("add the tracks of another song, in this song's tempo", "musicassist.cli.exchanging"),
    "render": Verb("write audio, exactly what playback sounds", "musicassist.cli.exporting"),
    "info": Verb("say what is in a file", "musicassist.cli.information"),
    "again": Verb("compose bars that a take was kept in exactly so once more", "musicassist.cli.provenance"),
    "credits": Verb("write who composed what in a project, and whose music they learned", "musicassist.cli.provenance"),
    "originality": Verb("say what a melody has in common with the training music", "musicassist.cli.originality"),
    "why": Verb("say what makes the bars of a melody strong", "musicassist.cli.lessons"),
    "models": Verb("list the installed models", "musicassist.cli.information"),
    "ports": Verb("list MIDI ports and audio drivers", "musicassist.cli.doctor"),
    "doctor": Verb("say what works here, and how to mend what does not", "musicassist.cli.doctor"),
    "train": Verb("train a model on folders of MIDI", "musicassist.training.command"),
    "evaluate": Verb(
        "measure models on music they have not seen", "lab.evaluation.command", "musicassist.evaluation.command"
    ),
    "bench": Verb("measure speed on this machine", "lab.bench"),
    "screenshot": Verb("draw the window with a file into a picture", "musicassist.cli.exporting"),
}


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are user's errors: one line, no usage text."""

    def __init__(self, **options: object) -> None:
        super().__init__(allow_abbrev=False, conflict_handler="resolve", **options)  # type: ignore[arg-type]

    def error(self, message: str) -> NoReturn:
        """Raises UsageError with the complaint and where to read more."""
        raise UsageError("{complaint}. See '{command} --help'.", complaint=message.rstrip("."), command=self.prog)


def is_command(words: Sequence[str]) -> bool:
    """Whether the words are for the command line; otherwise (nothing, or a file) they open the window."""
    if not words:
        return False
    first = words[0]
    is_song = Path(first).suffix.lower() in SONG_SUFFIXES or is_there(first)
    return first in VERBS or first.startswith("-") or not is_song


def run(words: Sequence[str]) -> int:
    """Does what the words say and returns the exit code: 0, or 2 after one line on stderr for a user's error."""
    for stream in (sys.stdout, sys.stderr):
        # A track name may hold what the terminal cannot show. Streams that tests put in have no reconfigure.
        reconfigure: Callable[..., None] | None = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    try:
        with _ending_on_sigterm():
            return _run_verb(words)
    except MusicAssistError as error:
        say(f"musicassist: {' '.join(str(error).split())}", on_stderr=True)
        return USER_ERROR
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has heard enough (`musicassist info x.mid | head -1`).
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return SUCCESS


@contextlib.contextmanager
def _ending_on_sigterm() -> Iterator[None]:
    """Lets SIGTERM end us as Ctrl+C does, so that a file that was begun is taken away."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(_number: int, _frame: FrameType | None) -> NoReturn:
        raise SystemExit(128 + signal.SIGTERM)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before or signal.SIG_DFL)


def _module_of(name: str) -> ModuleType:
    """Where a word lives.

    Raises:
        UsageError: It needs the laboratory, which only a checkout has beside the package.
    """
    verb = VERBS[name]
    try:
        return importlib.import_module(verb.module)
    except ModuleNotFoundError as error:
        if error.name != "lab":
            raise
    if not verb.without_lab:
        raise UsageError(
            "The command {name} needs the laboratory, which a checkout of musicassist has. Clone the repository, "
            "install it with 'pip install -e .' and try again there.",
            name=name,
        )
    return importlib.import_module(verb.without_lab)


def _run_verb(words: Sequence[str]) -> int:
    if not words or words[0] in ("-h", "--help", "help"):
        print(_overview())
        return SUCCESS
    if words[0] == "--version":
        print(f"musicassist {_version()}")
        return SUCCESS
    name = words[0]
    if name not in VERBS:
        near = difflib.get_close_matches(name, VERBS, n=1)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        raise UsageError("There is no command {name!r}.{hint} See 'musicassist --help'.", name=name, hint=hint)
    module = _module_of(name)
    summary = VERBS[name].summary
    parser = Parser(prog=f"musicassist {name}", description=f"{summary[0].upper()}{summary[1:]}.")
    parser.set_defaults(word=name)
    parser.add_argument("--json", action="store_true", help="print one JSON document on stdout")
    module.add_arguments(parser)
    try:
        args = parser.parse_args(words[1:])
    except SystemExit:  # --help has been printed
        return SUCCESS
    return int(module.run(args))


def _overview() -> str:
    width = max(map(len, VERBS))
    lines = "\n".join(f"  {name:<{width}}  {verb.summary}" for name, verb in VERBS.items())
    return f"""\
usage: musicassist [FILE.mid]            open the window
       musicassist COMMAND [OPTIONS]     work without a window

{lines}

'musicassist COMMAND --help' tells the options of a command."""


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version  # brings the whole of ``email``

    try:
        return version("musicassist")
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "(from source)"
