"""What the user chose, kept between runs: typed, and never a reason not to start."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from types import UnionType
from typing import get_args, get_origin, get_type_hints

from platformdirs import PlatformDirs

from musicassist.disk import keep_copy, read_whole, replacing, set_aside
from musicassist.errors import SaveError

RECENT_FILES_LIMIT = 10  # LIMIT: what a menu shows well
MOST_BYTES = 2**20  # LIMIT: settings are some kilobytes
LONGEST_TEXT = 20_000  # LIMIT: letters of one value; Qt's state of a window is the longest, some thousand
MOST_ITEMS = 1000  # LIMIT: of one list
# The least and the most that a number may be; what a menu offers lies within.
_RANGES: dict[str, tuple[float, float]] = {
    "gain": (0, 10),
    "polyphony": (16, 4096),
    "count_in_bars": (0, 2),
    "recording_offset_ms": (-1000, 1000),
    "keyboard_channel": (1, 16),
    "take_bars": (1, 128),
    "take_temperature": (0.05, 5),
    "take_seed": (0, 2**31 - 1),
}
_BASE64 = ("window_geometry", "window_state")
_DIRS = PlatformDirs("musicassist", appauthor=False)


@dataclass(frozen=True)
class Settings:
    """All choices, with what a new user gets. Frozen: a change is ``dataclasses.replace``.

    Attributes:
        theme: ``dark`` or ``light``.
        language: One of ``resources/translations``, as ``de``; None goes by the system.
        sound_driver: FluidSynth's name of an audio driver, or ``silent``; None tries them in order.
        soundfont: Path of an SF2 or SF3 file; None takes the best one found.
        output_port, input_port: Names of MIDI ports; None is the built-in synth, or the first keyboard.
        with_fluidsynth: Whether FluidSynth plays beside the output port.
        midi_clock: Whether an output port is sent MIDI clock.
        gain: FluidSynth's gain, 0..10.
        reverb, chorus, polyphony: How FluidSynth sounds; see ``sound.banks.Tone``.
        metronome: Whether it clicks while playing.
        count_in_bars: How many bars click before a recording, 0..2.
        replace_recording: Whether what stood in the recorded bars goes.
        recording_offset_ms: How much earlier than it came in the keyboard's playing is written.
        keyboard_channel: The only MIDI channel that is listened to, 1..16; None is all.
        keyboard_is_mpe: Whether each finger is on a channel of its own, though the keyboard did not tell so.
        velocity_curve: ``soft``, ``linear``, ``hard`` or ``fixed``.
        letter_layout: How the letter keys play: ``live`` or ``rows``, see ``ui.window_keys``.
        keyboard_bindings: Keys and knobs that do commands, as ``ui.keyboard_menu`` writes them.
        recent_files: Paths, the newest first.
        window_geometry, window_state: What Qt gave, as base64: place and size, and how wide the tracks are.
        take_bars, take_temperature, take_seed, take_model, keep_in_scale: The controls of "Continue this phrase";
            a seed of None is a new one each time.
        infill_model, vary_model, interpolate_model, generate_model: The models for the other verbs; None takes the best
            one installed.
    """

    theme: str = "dark"
    language: str | None = None
    sound_driver: str | None = None
    soundfont: str | None = None
    output_port: str | None = None
    input_port: str | None = None
    with_fluidsynth: bool = False
    midi_clock: bool = True
    gain: float = 1.0
    reverb: str = "room"
    chorus: str = "light"
    polyphony: int = 256
    metronome: bool = False
    count_in_bars: int = 0
    replace_recording: bool = False
    recording_offset_ms: int = 0
    keyboard_channel: int | None = None
    keyboard_is_mpe: bool = False
    velocity_curve: str = "linear"
    letter_layout: str = "live"
    keyboard_bindings: tuple[str, ...] = ()
    recent_files: tuple[str, ...] = ()
    window_geometry: str = ""
    window_state: str = ""
    take_bars: int = 4
    take_temperature: float = 1.0
    take_seed: int | None = None
    take_model: str = "lstm"
    infill_model: str | None = None
    vary_model: str | None = None
    interpolate_model: str | None = None
    generate_model: str | None = None
    keep_in_scale: bool = True


@dataclass(frozen=True)
class LoadedSettings:
    """The settings, and what to tell the user when the file could not be read as it is."""

    settings: Settings
    warning: str | None = None


def user_folder() -> Path:
    """Where settings and the user's own models lie (``~/.config/musicassist`` on Linux)."""
    return _DIRS.user_config_path


def state_folder() -> Path:
    """Where recovery files and logs lie (``~/.local/state/musicassist`` on Linux)."""
    return _DIRS.user_state_path


def settings_file() -> Path:
    """The file that holds the settings."""
    return user_folder() / "settings.json"


def load_settings(path: Path | None = None) -> LoadedSettings:
    """The settings of ``path`` (default: the user's own). Never raises: damage is said and replaced by defaults.

    A file that is damaged is kept beside under another name, so that writing the settings loses nothing of it.
    """
    path = path or settings_file()
    try:
        stored = json.loads(read_whole(path, MOST_BYTES).decode("utf-8"), parse_int=_whole_number)
        if not isinstance(stored, dict):
            raise ValueError("no settings")
    except FileNotFoundError:
        return LoadedSettings(Settings())
    except (OSError, ValueError, RecursionError):
        kept = _kept(path, set_aside)
        return LoadedSettings(Settings(), f"The settings in {path} could not be read; the defaults are used.{kept}")
    return _settings_of(stored, path)


def _whole_number(digits: str) -> float:
    """Of a number that is longer than any of ours, Python may refuse the whole file."""
    return int(digits) if len(digits) < 20 else math.nan


def _kept(path: Path, keep: Callable[[Path], Path | None]) -> str:
    """Keeps the damaged file; where, in words that follow others."""
    with contextlib.suppress(OSError):
        kept = keep(path)
        return f" What was there is in {kept.name}." if kept is not None else ""
    return ""


def _settings_of(stored: dict[str, object], path: Path) -> LoadedSettings:
    kinds = get_type_hints(Settings)
    values: dict[str, object] = {}
    refused: list[str] = []
    for name in (field.name for field in fields(Settings)):
        if name not in stored:
            continue
        value = stored[name]
        if isinstance(value, list):
            value = tuple(value)
        if _fits(value, kinds[name]) and _is_possible(name, value):
            values[name] = value
        else:
            refused.append(name)
    if not refused:
        return LoadedSettings(replace(Settings(), **values))  # type: ignore[arg-type]
    warning = f"In {path} the value of {', '.join(refused)} is damaged; the default is used.{_kept(path, keep_copy)}"
    return LoadedSettings(replace(Settings(), **values), warning)  # type: ignore[arg-type]


def _fits(value: object, kind: object) -> bool:
    """Whether a value read from JSON has the type that the field asks for."""
    if isinstance(kind, UnionType):
        return any(_fits(value, option) for option in get_args(kind))
    if get_origin(kind) is tuple:
        return isinstance(value, tuple) and all(_fits(item, get_args(kind)[0]) for item in value)
    if kind is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, kind)  # type: ignore[arg-type]


def _is_possible(name: str, value: object) -> bool:
    """Whether a value of the right type is one that the rest of the program can live with."""
    if isinstance(value, str):
        return _is_text(value) and (name not in _BASE64 or value.isascii())
    if isinstance(value, tuple):
        return len(value) <= MOST_ITEMS and all(map(_is_text, value))
    least, most = _RANGES.get(name, (-math.inf, math.inf))
    return not isinstance(value, (int, float)) or least <= value <= most


def _is_text(value: str) -> bool:
    """Whether the system can be handed it as a name; Python writes foreign bytes of paths as surrogates."""
    try:
        value.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return "\0" not in value and len(value) <= LONGEST_TEXT


def save_settings(settings: Settings, path: Path | None = None) -> None:
    """Writes them beside the old file first and then puts them in its place; only their owner can read them.

    Raises:
        SaveError: They could not be written; the old file is as it was.
    """
    path = path or settings_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path, is_private=True) as file:
            file.write(json.dumps(asdict(settings), indent=2).encode())
    except OSError as error:
        raise SaveError(
            "The settings could not be saved in {file}: {reason}.", file=path, reason=error.strerror or error
        ) from error


def with_recent_file(settings: Settings, path: Path) -> Settings:
    """The settings with ``path`` as the newest of the recent files."""
    newest = str(path.absolute())
    others = tuple(name for name in settings.recent_files if name != newest)
    return replace(settings, recent_files=(newest, *others)[:RECENT_FILES_LIMIT])
