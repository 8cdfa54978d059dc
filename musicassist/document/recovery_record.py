"""The small JSON file beside recovered music; what is read here may be damaged or hostile."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NoReturn

from musicassist.errors import MidiImportError

FORMAT = 1
MOST_RECORD_BYTES = 64 * 1024  # LIMIT a record is some hundred bytes
MOST_MUSIC_BYTES = 32 * 2**20  # LIMIT as for every opened file
MOST_TRACKS = 65_535
LAST_TIME = 1e11  # LIMIT in seconds since 1970; some thousand years
_MUSIC_NAME = re.compile(r"[0-9A-Za-z-]{1,80}\.mid")
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Record:
    """What a recovery knows beside its music.

    Attributes:
        music_name: Name of the ``.mid`` in the same folder.
        sha256: Its digest, hexadecimal.
        original_path: Absolute path of the file that was edited, None if it had none.
        selected_track: Index of the track that was edited.
        saved_at_unix_seconds: When it was written.
        dismissed_at_unix_seconds: When the user did not want it; None if that was not.
    """

    music_name: str
    sha256: str
    original_path: str | None
    selected_track: int
    saved_at_unix_seconds: float
    dismissed_at_unix_seconds: float | None = None

    def to_json(self) -> bytes:
        """The bytes of the file."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1).encode()


def parse_record(path: Path) -> Record:
    """The record in a file.

    Raises:
        MidiImportError: It is damaged, hostile, gone or of another program version.
    """
    try:
        if path.is_symlink() or path.stat().st_size > MOST_RECORD_BYTES:
            raise _damaged(path)
        fields = json.loads(path.read_bytes(), parse_constant=_refuse_constant)
    except (OSError, ValueError, RecursionError) as error:
        raise _damaged(path) from error
    if not isinstance(fields, dict) or fields.pop("format", None) != FORMAT:
        raise _damaged(path)
    try:
        record = Record(**fields)
    except TypeError as error:
        raise _damaged(path) from error
    if not _is_sound(record):
        raise _damaged(path)
    return record


def _damaged(path: Path) -> MidiImportError:
    return MidiImportError("The recovery copy {file} is damaged and was passed over.", file=path.name)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of ours")


def _is_sound(record: Record) -> bool:
    """Whether each field has its type and range, whatever the file said."""
    return (
        _is_match(_MUSIC_NAME, record.music_name)
        and _is_match(_DIGEST, record.sha256)
        and (record.original_path is None or _is_path(record.original_path))
        and type(record.selected_track) is int
        and 0 <= record.selected_track <= MOST_TRACKS
        and _is_time(record.saved_at_unix_seconds)
        and (record.dismissed_at_unix_seconds is None or _is_time(record.dismissed_at_unix_seconds))
    )


def _is_match(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _is_path(value: object) -> bool:
    return isinstance(value, str) and "\0" not in value and Path(value).is_absolute()


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and type(value) is not bool and 0 <= value < LAST_TIME
