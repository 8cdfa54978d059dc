"""Takes of this checkout and of another one, of the same cases; the other's are kept, since it does not change."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from lab.beside import HERE, lab_code
from lab.evaluation.form_asking import Asked, Tone
from musicassist.errors import UsageError

LIMIT_SECONDS = 3600.0
_COMPOSING = (
    "from pathlib import Path; from lab.evaluation.form_asking import takes_of; rows = takes_of(Path({file!r}))"
)
Takes = list[list[Tone]]  # of one case


def takes_here(cases: Sequence[Asked]) -> list[Takes]:
    """What this checkout's window would show, each case's takes."""
    return takes_in(HERE, cases)


def takes_beside(checkout: Path, cases: Sequence[Asked], cache: Path | None = None) -> list[Takes]:
    """The same of another checkout, from a cache where it was asked the same before."""
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=checkout, capture_output=True, text=True, check=False)
    mark = hashlib.sha256((head.stdout + _page(cases)).encode()).hexdigest()[:16]
    file = cache / f"takes-{mark}.json" if cache is not None and head.returncode == 0 else None
    if file is not None and file.exists():
        return _read(file.read_text(encoding="utf-8"))
    takes = takes_in(checkout, cases)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(takes), encoding="utf-8")
    return takes


def takes_in(checkout: Path, cases: Sequence[Asked]) -> list[Takes]:
    """Composes in a process of its own, on one thread.

    Raises:
        UsageError: That is no checkout, or it fails.
    """
    checkout = checkout.resolve()
    if not (checkout / "musicassist" / "__init__.py").is_file():
        raise UsageError("There is no checkout of this program in {folder}.", folder=str(checkout))
    with tempfile.TemporaryDirectory() as home:
        file = Path(home) / "cases.json"
        file.write_text(_page(cases), encoding="utf-8")
        code = _COMPOSING.format(file=str(file))
        threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        environment = {**os.environ, **threads, "PYTHONPATH": str(checkout), "HOME": home}
        try:
            answer = subprocess.run(
                lab_code(code)(checkout),
                cwd=home,
                env=environment,
                capture_output=True,
                text=True,
                timeout=LIMIT_SECONDS,
                check=True,
            )
        except subprocess.SubprocessError as error:
            reason = (getattr(error, "stderr", "") or str(error)).strip().split("\n")[-1]
            raise UsageError(
                "{checkout} could not be measured: {reason}", checkout=str(checkout), reason=reason
            ) from error
    return _read(answer.stdout)


def _page(cases: Sequence[Asked]) -> str:
    return json.dumps([asdict(case) for case in cases])


def _read(page: str) -> list[Takes]:
    return [[[(a, b, c) for a, b, c in take] for take in takes] for takes in json.loads(page)]
