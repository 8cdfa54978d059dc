"""``python -m musicassist.sound.process BOARD``: the engine over its standard pipes; their end is its end."""

from __future__ import annotations

import contextlib
import faulthandler
import os
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from musicassist.score.song import Song
from musicassist.sound.clocks import ENGINE_PRIORITY, ask_realtime_priority
from musicassist.sound.engine import FEED_SECONDS, SoundEngine
from musicassist.sound.messages import Command, Report, SetSong
from musicassist.sound.wire import PositionBoard, encode, read_message

EXIT_LIMIT_SECONDS = 2.0  # LIMIT: a driver that does not close is left to the system
_Commands = queue.SimpleQueue[Command | None]


def main() -> int:
    """Runs the engine until its input ends."""
    commands_in, reports_out = _private_pipes()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the program that started us; it closes the pipe
    board_path = Path(sys.argv[1])
    board = PositionBoard(board_path)
    commands: _Commands = queue.SimpleQueue()
    reports: queue.SimpleQueue[Report] = queue.SimpleQueue()
    engine = SoundEngine(reports.put, board.write)
    threading.Thread(target=_read, args=(commands_in, commands), name="commands", daemon=True).start()
    threading.Thread(target=_write, args=(reports_out, reports), name="reports", daemon=True).start()
    ask_realtime_priority(ENGINE_PRIORITY)
    try:
        _run(engine, commands)
        _remove(board_path)
    finally:
        _exit_in_time()
        engine.close()
    return 0


def _remove(board_path: Path) -> None:
    """The window may have been killed: then nobody else tidies up."""
    with contextlib.suppress(OSError):
        board_path.unlink()
        board_path.parent.rmdir()


def _private_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The pipes to the window, moved away from where libraries print; what we print goes to the log."""
    commands_in, reports_out = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    log = os.fdopen(os.dup(2), "w", buffering=1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    sys.stdout = sys.stderr = log
    faulthandler.enable(log)
    return commands_in, reports_out


def _read(stream: BinaryIO, commands: _Commands) -> None:
    """Puts each command into the queue, and None when the window is gone."""
    song = Song()  # that came last: of the next one the window sends what became of it
    try:
        while (message := read_message(stream, song)) is not None:
            if isinstance(message, SetSong):
                song = message.song
            commands.put(message)  # type: ignore[arg-type]  # the window sends commands only
    except (OSError, ValueError):
        traceback.print_exc()
    finally:  # after a bug, too: the engine must not outlive its window
        commands.put(None)
        _exit_in_time()


def _write(stream: BinaryIO, reports: queue.SimpleQueue[Report]) -> None:
    """Sends the reports; a window that is frozen or gone holds up only this thread."""
    try:
        while True:
            stream.write(encode(reports.get()))
            stream.flush()
    except OSError:
        return  # the window is gone; the end of the input says so too


def _run(engine: SoundEngine, commands: _Commands) -> None:
    waiting: list[Command] = []
    while True:
        for command in _waiting_commands(commands):
            if command is None:
                return
            waiting.append(command)
        while waiting and not engine.is_getting_ready:
            command = waiting.pop(0)
            is_outdated = isinstance(command, SetSong) and waiting and isinstance(waiting[0], SetSong)
            if not is_outdated:
                engine.obey(command)
        engine.turn()


def _waiting_commands(commands: _Commands) -> Iterator[Command | None]:
    """What has come within a turn's time; returns at once after the first."""
    try:
        yield commands.get(timeout=FEED_SECONDS)
        while True:
            yield commands.get_nowait()
    except queue.Empty:
        return


def _exit_in_time() -> None:
    """Ends the process even if a driver hangs, and leaves in the log where."""
    faulthandler.dump_traceback_later(EXIT_LIMIT_SECONDS * 0.75, file=sys.stderr)
    timer = threading.Timer(EXIT_LIMIT_SECONDS, os._exit, args=(0,))
    timer.daemon = True
    timer.start()


if __name__ == "__main__":
    code = main()
    os._exit(code)  # threads of audio libraries must not be waited for
