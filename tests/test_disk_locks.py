"""A lock that lives as long as its process."""

from __future__ import annotations

from pathlib import Path

from musicassist.disk import ProcessLock, is_held


def test_a_lock_is_held_until_it_is_released(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    assert not is_held(path)
    lock = ProcessLock.take(path)
    assert lock is not None
    assert is_held(path)
    assert ProcessLock.take(path) is None
    lock.release()
    assert not path.exists()
