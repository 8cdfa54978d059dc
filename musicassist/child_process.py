"""The one way in which a module of this package is started in a process of its own, and how it is limited there."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from math import ceil
from pathlib import Path
from typing import IO

_PACKAGE_PARENT = Path(__file__).resolve().parents[1]


def start_module(
    name: str,
    *words: str,
    stdin: int = subprocess.DEVNULL,
    stdout: int = subprocess.DEVNULL,
    stderr: int | IO[bytes] | None = subprocess.DEVNULL,
    bufsize: int = -1,
) -> subprocess.Popen[bytes]:
    """Runs ``python -m name words...`` in the package's folder: paths among the words must be absolute.

    Not by ``multiprocessing``: that would import the parent's main module, and with it Qt, and talks in pickles.

    Raises:
        OSError: The system starts no process.
    """
    paths = [str(_PACKAGE_PARENT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return subprocess.Popen(
        # -P keeps the folder of the user's music from being searched for modules.
        [sys.executable, "-P", "-m", name, *words],
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        bufsize=bufsize,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(paths),
            "JACK_NO_START_SERVER": "1",  # looking for a server must not start one
            # NumPy's threads would each reserve memory, which the reader's limit counts, and we have no use for them.
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
        },
        cwd=_PACKAGE_PARENT,
    )


def limit_this_process(memory_bytes: int, cpu_seconds: float) -> None:
    """Limits what this process may address and compute, where the system can (not on Windows); it leaves no core file.

    Limits that are lower already stay. Beyond them memory ends in ``MemoryError``, and computing in the process's end.
    """
    if sys.platform == "win32":
        return
    import resource  # POSIX only

    wanted = {resource.RLIMIT_AS: memory_bytes, resource.RLIMIT_CPU: ceil(cpu_seconds), resource.RLIMIT_CORE: 0}
    for kind, limit in wanted.items():
        with contextlib.suppress(OSError, ValueError):
            _, hard = resource.getrlimit(kind)
            own = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
            resource.setrlimit(kind, (own, own))
