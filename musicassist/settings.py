"""What the user chose, kept between runs: typed, and never a reason not to start."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, get_type_hints

from msgspec import Meta
from platformdirs import PlatformDirs

from musicassist.disk import keep_copy, read_whole, replacing, set_aside
from musicassist.errors import QT_TRANSLATE_NOOP, SaveError
from musicassist.values import plain_of, value_of

RECENT_FILES_LIMIT = 10  # LIMIT: what a menu shows well
MAX_BYTES = 2**20  # LIMIT: settings are some kilobytes
# Text that the system can be handed as a name: Python writes foreign bytes of paths as surrogates, U+DC80 to U+DCFF.
# LIMIT: Qt's state of a window is the longest, some thousand letters.
Text = Annotated[str, Meta(max_length=20_000, pattern=r"\A[^\0\ud800-\udc7f\udd00-\udfff]*\Z")]
Texts = Annotated[tuple[Text, ...], Meta(max_length=1000)]  # LIMIT
Base64 = Annotated[str, Meta(max_length=20_000, pattern=r"\A[\x01-\x7f]*\Z")]
MAX_TAKE_COUNTS = 300  # LIMIT: models times ideas
_Count = Annotated[int, Meta(ge=0, le=10**9)]
_DIRS = PlatformDirs("musicassist", appauthor=False)


@dataclass(frozen=True)
class TakeCount:
    """What became of the takes of a model with an idea.

    Attributes:
        model: Its name.
        idea: One of ``take_plan.INTENTS``; empty where they had none.
        offered, heard, dismissed: How many.
        kept: The same; of a mix each take counts by its share.
        kept_notes, changed_notes: How many notes were kept, and how many of those were edited later.
    """

    model: Text
    idea: Text
    offered: _Count = 0
    heard: _Count = 0
    kept: Annotated[float, Meta(ge=0, le=1e9)] = 0.0
    dismissed: _Count = 0
    kept_notes: _Count = 0
    changed_notes: _Count = 0

    @property
    def edited_share(self) -> float:
        """How much of what was kept was edited, 0..1."""
        return self.changed_notes / self.kept_notes if self.kept_notes else 0.0


@dataclass(frozen=True)
class Settings:
    """All choices, with what a new user gets. Frozen: a change is ``dataclasses.replace``.

    What a menu offers lies within the ranges of the numbers.

    Attributes:
        theme: ``dark`` or ``light``.
        language: One of ``resources/translations``, as ``de``; None goes by the system.
        sound_driver: FluidSynth's name of an audio driver, or ``silent``; None tries them in order.
        soundfont: Path of an SF2 or SF3 file; None takes the best one found.
        output_port, input_port: Names of MIDI ports; None is the built-in synth, or the first keyboard.
        with_fluidsynth: Whether FluidSynth plays beside the output port.
        midi_clock: Whether an output port is sent MIDI clock.
        gain: FluidSynth's gain, 0..10.
        reverb, chorus, polyphony: How FluidSynth sounds; see ``sound.messages.Tone``.
        metronome: Whether it clicks while playing.
        count_in_bars: How many bars click before a recording, 0..2.
        replace_recording: Whether what stood in the recorded bars goes.
        keep_rounds: Whether each round of a loop that is recorded over is a take, too.
        recording_offset_ms: How much earlier than it came in the keyboard's playing is written.
        keyboard_channel: The only MIDI channel that is listened to, 1..16; None is all.
        keyboard_is_mpe: Whether each finger is on a channel of its own, though the keyboard did not tell so.
        velocity_curve: ``soft``, ``linear``, ``hard`` or ``fixed``.
        letter_layout: How the letter keys play: ``live`` or ``rows``, see ``ui.window_keys``.
        keyboard_bindings: Keys and knobs that do commands, as ``ui.keyboard_menu`` writes them.
        recent_files: Paths, the newest first.
        reopen_last: Whether the song that was open last is opened at the start.
        last_file: Its path; None for one without a file.
        window_geometry, window_state: What Qt gave, as base64: place and size, and how wide the tracks are.
        take_bars, take_closeness, take_surprise, take_seed, take_scale, take_chords, take_ending: The controls of
            "Continue this phrase"; a seed of None is a new one each time, ``take_scale`` and ``take_chords`` are how
            the scale and the song's chords bind, and ``take_ending`` how the takes end.
        take_lanes: Whether takes on offer lie in lanes under the notes, too.
        explain_takes: Whether the take that is heard is explained under the notes.
        show_origins: Whether the ruler marks the bars that takes were kept in.
        blind_takes: Whether models and ideas of takes are hidden until one is kept.
        rank_by_kept: Whether the takes come first that are most like those which the user keeps.
        take_counts: What became of takes so far.
        lesson_level: How lessons about a bar speak, from 0 (plain) to 2 (terms of the field).
        take_model, infill_model, vary_model, interpolate_model, generate_model: The models for each verb; None takes
            the best one installed.
    """

    theme: Text = "dark"
    language: Text | None = None
    sound_driver: Text | None = None
    soundfont: Text | None = None
    output_port: Text | None = None
    input_port: Text | None = None
    with_fluidsynth: bool = False
    midi_clock: bool = True
    gain: Annotated[float, Meta(ge=0, le=10)] = 1.0
    reverb: Text = "room"
    chorus: Text = "light"
    polyphony: Annotated[int, Meta(ge=16, le=4096)] = 256
    metronome: bool = False
    count_in_bars: Annotated[int, Meta(ge=0, le=2)] = 0
    replace_recording: bool = False
    keep_rounds: bool = True
    recording_offset_ms: Annotated[int, Meta(ge=-1000, le=1000)] = 0
    keyboard_channel: Annotated[int, Meta(ge=1, le=16)] | None = None
    keyboard_is_mpe: bool = False
    velocity_curve: Text = "linear"
    letter_layout: Text = "live"
    keyboard_bindings: Texts = ()
    recent_files: Texts = ()
    reopen_last: bool = True
    last_file: Text | None = None
    window_geometry: Base64 = ""
    window_state: Base64 = ""
    take_bars: Annotated[int, Meta(ge=1, le=128)] = 4
    take_closeness: Annotated[float, Meta(ge=-1, le=1)] = 0.0
    take_surprise: Annotated[float, Meta(ge=-1, le=1)] = 0.0
    take_seed: Annotated[int, Meta(ge=0, le=2**31 - 1)] | None = None
    take_model: Text | None = None
    infill_model: Text | None = None
    vary_model: Text | None = None
    interpolate_model: Text | None = None
    generate_model: Text | None = None
    take_scale: Text = "keep"
    take_chords: Text = "heard"
    take_lanes: bool = True
    blind_takes: bool = False
    rank_by_kept: bool = False
    take_counts: Annotated[tuple[TakeCount, ...], Meta(max_length=MAX_TAKE_COUNTS)] = ()
    lesson_level: int = 0
    explain_takes: bool = False
    show_origins: bool = False
    take_ending: Text = "auto"


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
        stored = json.loads(read_whole(path, MAX_BYTES).decode("utf-8"), parse_int=_whole_number)
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
    kinds = get_type_hints(Settings, include_extras=True)
    values: dict[str, Any] = {}
    refused: list[str] = []
    for name in (name for name in kinds if name in stored):
        try:
            values[name] = value_of(kinds[name], stored[name])
        except ValueError:
            refused.append(name)
    settings = Settings(**values)
    if not refused:
        return LoadedSettings(settings)
    warning = f"In {path} the value of {', '.join(refused)} is damaged; the default is used.{_kept(path, keep_copy)}"
    return LoadedSettings(settings, warning)


def save_settings(settings: Settings, path: Path | None = None) -> None:
    """Writes them beside the old file first and then puts them in its place; only their owner can read them.

    Raises:
        SaveError: They could not be written; the old file is as it was.
    """
    path = path or settings_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path, is_private=True) as file:
            file.write(json.dumps(plain_of(settings), indent=2).encode())
    except OSError as error:
        raise SaveError(
            QT_TRANSLATE_NOOP("Errors", "The settings could not be saved in {file}: {reason}."),
            file=path,
            reason=error.strerror or error,
        ) from error


def with_recent_file(settings: Settings, path: Path) -> Settings:
    """The settings with ``path`` as the newest of the recent files."""
    newest = str(path.absolute())
    others = tuple(name for name in settings.recent_files if name != newest)
    return replace(settings, recent_files=(newest, *others)[:RECENT_FILES_LIMIT])
