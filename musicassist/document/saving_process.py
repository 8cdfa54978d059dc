"""Saves songs of very many events in a child process, so that the window gets its turn meanwhile.

Notes are columns, which a thread writes without keeping Python to itself; events are objects, of which it would make
hundreds of thousands.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from musicassist.document.save_order import Objections, Saved, SaveOrder, carry_out
from musicassist.document.song_changes import pack_changes, with_changes
from musicassist.errors import MusicAssistError, SaveError
from musicassist.midi.reading_process import child_environment
from musicassist.score.song import Song

MOST_EVENTS = 20_000  # starting a process takes as long as saving so many
_LENGTH_BYTES = 8
_NOTHING = Song()


def save_apart(order: SaveOrder) -> Saved | Objections:
    """Does what ``carry_out`` does; a song of many events in a child process. Blocks; any thread but the main one.

    Raises:
        SaveError: It could not be written, or the child died; the old file is as it was.
    """
    if len(order.song.events) + sum(len(track.events) for track in order.song.tracks) < MOST_EVENTS:
        return carry_out(order)
    page = {**{name: value for name, value in vars(order).items() if name != "song"}, "path": os.fspath(order.path)}
    text = json.dumps(page).encode()
    question = len(text).to_bytes(_LENGTH_BYTES, "little") + text + pack_changes(_NOTHING, order.song)
    try:
        child = subprocess.run(
            [sys.executable, "-P", "-m", "musicassist.document.saving_process"],
            input=question,
            stdout=subprocess.PIPE,
            env=child_environment(),
            check=False,
        )
        return _answer_of(json.loads(child.stdout))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SaveError("{file} was not saved: its writer stopped.", file=order.path.name) from error


def _answer_of(page: dict[str, Any]) -> Saved | Objections:
    if "error" in page:
        raise SaveError(page["error"], **page["values"])
    if "lost" in page:
        return Objections(page["was_changed"], page["is_incomplete"], tuple(page["lost"]))
    return Saved(page["mark"], Path(page["copy"]) if page["copy"] is not None else None)


def answer(question: bytes) -> dict[str, Any]:
    """What the child says: ``Saved`` or ``Objections`` as plain values, or an error in words."""
    length = int.from_bytes(question[:_LENGTH_BYTES], "little")
    page = json.loads(question[_LENGTH_BYTES : _LENGTH_BYTES + length])
    song = with_changes(_NOTHING, question[_LENGTH_BYTES + length :])
    try:
        done = carry_out(SaveOrder(song, **{**page, "path": Path(page["path"])}))
    except MusicAssistError as error:
        return {"error": error.template, "values": {name: str(value) for name, value in error.values.items()}}
    plain = asdict(done)
    if isinstance(done, Saved) and done.copy is not None:
        plain["copy"] = os.fspath(done.copy)
    return plain


def main() -> None:
    """The child: reads the order on its standard input and answers on its standard output."""
    gc.disable()  # a song holds no circles, and looking for some would take longer than saving
    sys.stdout.write(json.dumps(answer(sys.stdin.buffer.read())))


if __name__ == "__main__":
    main()
