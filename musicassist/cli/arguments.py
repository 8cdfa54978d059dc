"""What the words of the command line take: numbers within limits, fields of a wish, tracks and bars of a song."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from musicassist.composing.option import Option
from musicassist.composing.request import options
from musicassist.composing.span import default_track_index
from musicassist.disk import check_place
from musicassist.document.opening import read_file
from musicassist.document.project_file import is_project
from musicassist.errors import UsageError
from musicassist.score.meant_times import meant_end_line_tick, meant_notes
from musicassist.score.song import Song, Track
from musicassist.terminal import say

_MAX_PICKUP_BEATS = 64  # LIMIT: as long as a bar can be
PART_PROGRAMS = {  # of General MIDI, for tracks that are added by the name of their part
    "melody": 73, "second voice": 71, "chords": 0, "bass": 32, "left hand": 0, "right hand": 0, "soprano": 52,
    "alto": 52, "tenor": 52,
}  # fmt: skip
MAX_BAR = 100_000  # LIMIT: more is a slip of the finger

T = TypeVar("T")


def whole_number(lowest: float, highest: float) -> Callable[[str], int]:
    """An argparse type: a whole number in lowest..highest."""

    def parse(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number") from None
        if not lowest <= number <= highest:
            raise argparse.ArgumentTypeError(f"{text} is not between {lowest} and {highest}")
        return number

    return parse


def number(lowest: float, highest: float, *, is_lowest_meant: bool = False) -> Callable[[str], float]:
    """An argparse type: a number above ``lowest`` (or just that, where it is meant) and up to ``highest``."""

    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is no number") from None
        if is_lowest_meant and value == lowest:
            return value
        if not lowest < value <= highest:
            least = f"at least {lowest:g}" if is_lowest_meant else f"above {lowest:g}"
            raise argparse.ArgumentTypeError(f"{text} is not {least} and at most {highest:g}")
        return value

    return parse


def in_words(parse: Callable[[str], T]) -> Callable[[str], T]:
    """The parser with its own words for what is wrong, which argparse would otherwise replace."""

    def parse_or_say(text: str) -> T:
        try:
            return parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return parse_or_say


def add_option(parser: argparse.ArgumentParser, name: str, option: Option, default: object) -> None:
    """The option of a field; what it says becomes ``args.NAME``."""
    said: dict[str, Any] = {"dest": name, "default": default, "help": option.help}
    if default is False:
        parser.add_argument(option.flag, action="store_true", **said)
        return
    if option.choices:
        said["choices"] = option.choices
    elif option.parse is not None:
        said["type"] = in_words(option.parse)
    elif option.limits is not None:
        is_whole = isinstance(option.limits[0], int)
        exact = {} if is_whole else {"is_lowest_meant": option.is_least_meant}
        said["type"] = (whole_number if is_whole else number)(*option.limits, **exact)
    parser.add_argument(option.flag, metavar=option.metavar, **said)


def values_of(args: argparse.Namespace) -> dict[str, Any]:
    """By field, what the options say; those that the word does not have are left out."""
    values: dict[str, Any] = {}
    for name, (option, _) in options().items():
        value = getattr(args, name, None)
        if option.fills and isinstance(value, tuple):
            values |= zip(option.fills, value, strict=True)
        elif hasattr(args, name):
            values[name] = value
    return values


def add_track_option(parser: argparse.ArgumentParser, name: str = "--track", *, of: str = "track") -> None:
    """Which track is worked on."""
    parser.add_argument(
        name,
        metavar="NAME",
        help=f"name or number (from 1) of the {of}; default: the melody, by its name or else by its notes",
    )


def add_tracks_options(parser: argparse.ArgumentParser) -> None:
    """Which tracks are written together."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "--all-tracks", action="store_true", help="write every track that plays there, as one arrangement"
    )
    group.add_argument(
        "--tracks",
        metavar="NAMES",
        help="write these tracks together, as 'Melody,Bass'; one that is not there yet gets its part by its name "
        "(Melody, Second voice, Chords, Bass, Left hand, Right hand, Soprano, Alto, Tenor)",
    )


def tracks_of(song: Song, words: str, *, may_add: bool) -> tuple[Song, tuple[int, ...]]:
    """The tracks that a list of names means, those with notes first; with the song, which may have got empty ones.

    Args:
        song: The song.
        words: Names or numbers with commas between them.
        may_add: Whether a name of a part that the song has not is an empty track at its end.

    Raises:
        UsageError: There is no such track, or none is named.
    """
    found: list[int] = []
    for name in filter(None, (word.strip() for word in words.split(","))):
        try:
            index = track_named(song, name)
        except UsageError:
            if not may_add or name.casefold() not in PART_PROGRAMS:
                raise
            from musicassist.document.instruments import on_free_wire
            from musicassist.document.song_edits import add_track

            index, track = len(song.tracks), Track(name, program=PART_PROGRAMS[name.casefold()])
            song = add_track(song, on_free_wire(song, track))
        found.append(index)
    if not found:
        raise UsageError("No track is named. Say which ones, as 'Melody,Bass'.")
    return song, tuple(sorted(dict.fromkeys(found), key=lambda index: not len(song.tracks[index].notes)))


def add_bar_options(parser: argparse.ArgumentParser, *, required: bool, of: str = "phrase") -> None:
    """From which bar to which; both are part of what is meant. ``of`` says whose they are where none are said."""
    bar = whole_number(0, MAX_BAR)
    first, last = "first bar, counted from 1 (a pickup is 0)", "last bar, itself included"
    if not required:
        first, last = f"{first} (default: the {of}'s)", f"{last} (default: the {of}'s)"
    parser.add_argument("--from-bar", type=bar, required=required, metavar="A", help=first)
    parser.add_argument("--to-bar", type=bar, required=required, metavar="B", help=last)
    add_pickup_option(parser)


def add_pickup_option(parser: argparse.ArgumentParser) -> None:
    """Where bar 1 begins, for files that do not say so."""
    parser.add_argument(
        "--pickup",
        type=number(0, _MAX_PICKUP_BEATS),
        metavar="BEATS",
        help="bar 1 begins so many quarter notes after the start: what stands before it is a pickup",
    )


def with_pickup(song: Song, pickup_beats: float | None) -> Song:
    """The song with its first bar line where the option says; as it is without the option.

    Raises:
        MusicAssistError: A pickup cannot be so long.
    """
    if pickup_beats is None:
        return song
    from musicassist.document.song_edits import begin_bar_one

    return begin_bar_one(song, song.time_map.beats_to_tick(pickup_beats))


def check_midi_place(path: Path) -> None:
    """Refuses a place where no MIDI file could be put in the end, before any work is done for it.

    Raises:
        UsageError: It cannot be written, or is called like a project.
    """
    if is_project(path):
        raise UsageError("{file} is a project's name, and a MIDI file is written; end it in .mid.", file=path)
    check_place(path)


def song_to_change(path: Path, outputs: Sequence[Path], pickup_beats: float | None = None) -> Song:
    """The song of a file whose changed copies go to ``outputs``. What could not be read of it is said on stderr.

    Args:
        path: The file.
        outputs: Where the copies go.
        pickup_beats: What ``--pickup`` says.

    Raises:
        MusicAssistError: A pickup cannot be so long.
        UsageError: A copy would replace the file, of which something could not be read and would be lost.
        MidiImportError: It cannot be opened.
    """
    imported = read_file(path)
    if imported.is_incomplete:
        if any(output.exists() and output.samefile(path) for output in outputs):
            raise UsageError(
                "{file} could not be read completely, so it is not replaced. Name another file to write.", file=path
            )
        for warning in imported.warnings:
            say(f"Warning: {warning}", on_stderr=True)
    return with_pickup(imported.song, pickup_beats)


def track_of(song: Song, words: str | None) -> int:
    """Index of the track that the words name, else of the one that is meant without words.

    Raises:
        UsageError: There is no such track.
        SeedError: No track has notes of a pitch.
    """
    return default_track_index(song) if words is None else track_named(song, words)


def track_named(song: Song, words: str) -> int:
    """Index of the track of that name (in any case) or of that number, counted from 1.

    Raises:
        UsageError: There is none.
    """
    names = [track.name.strip().casefold() for track in song.tracks]
    if words.strip().casefold() in names:
        return names.index(words.strip().casefold())
    if words.isdecimal() and 1 <= int(words) <= len(names):
        return int(words) - 1
    known = ", ".join(f"{number} {track.name!r}" for number, track in enumerate(song.tracks, start=1)) or "none"
    raise UsageError("There is no track {name!r}. The file has: {known}.", name=words, known=known)


def bar_span(song: Song, track_index: int | None, first_bar: int | None, last_bar: int | None) -> tuple[int, int]:
    """The ticks of some bars, from bar line to bar line.

    Args:
        song: The song.
        track_index: Its bars with notes are meant where a number is missing; None for all bars of the song.
        first_bar: Its number, or None.
        last_bar: Itself included, or None.

    Raises:
        UsageError: The song has no such bars.
    """
    bars = song.time_map
    if track_index is None:
        own_first, own_end_tick = bars.bar_number(0), meant_end_line_tick(song)
    else:
        notes = meant_notes(song.tracks[track_index].notes, bars)
        own_first = bars.bar_number(bars.bar_at(int(notes.start_tick[0]) if len(notes) else 0))
        own_end_tick = int(notes.end_tick.max()) if len(notes) else 0
    first = own_first if first_bar is None else first_bar
    last = _last_bar(song, own_end_tick) if last_bar is None else last_bar
    bar_count = _last_bar(song, meant_end_line_tick(song))
    if last > bar_count or first > bar_count:
        raise UsageError(
            "There is no bar {bar}: the song ends with bar {count}.", bar=max(first, last), count=bar_count
        )
    _check_first(song, first)
    if first > last:
        raise UsageError("Bar {first} comes after bar {last}. Turn them round.", first=first, last=last)
    return bars.bar_start_tick(bars.bar_numbered(first)), bars.bar_start_tick(bars.bar_numbered(last) + 1)


def bar_line(song: Song, bar: int) -> int:
    """The tick where the bar of a number begins; the one after the last counts.

    Raises:
        UsageError: The song has no such bar.
    """
    last = _last_bar(song, song.end_tick)
    if bar > last + 1:
        raise UsageError("There is no bar {bar}: the song ends with bar {count}.", bar=bar, count=last)
    _check_first(song, bar)
    return song.time_map.bar_start_tick(song.time_map.bar_numbered(bar))


def _check_first(song: Song, bar: int) -> None:
    if bar < song.time_map.bar_number(0):
        raise UsageError("There is no bar {bar}: the song begins with bar 1.", bar=bar)


def _last_bar(song: Song, end_tick: int) -> int:
    """Number of the bar in which the music ends."""
    return song.time_map.bar_number(song.time_map.bar_at(max(0, end_tick - 1)))


def bar_count(song: Song, span: tuple[int, int]) -> int:
    """How many bars a span has that goes from bar line to bar line."""
    return song.time_map.bar_at(span[1]) - song.time_map.bar_at(span[0])
