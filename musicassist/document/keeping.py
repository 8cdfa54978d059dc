"""Where the work of a window is kept at each edit: in its project if it has one, else in the private record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from musicassist.document.entry import Entry
from musicassist.document.project_file import ProjectFile
from musicassist.document.recovery import RecoveryJournal
from musicassist.errors import SaveError


class Keeping:
    """Both are journals of one format. Where a project cannot be written, the record keeps the work until it can.

    Main thread only, but for what is called back.

    Attributes:
        record: The private record, and those of processes that died.
        project: The project that is open and held; None for a song without one.
        on_failure: Called in another thread when the work could not be written; that is tried again.
        on_success: Called there when it succeeded after all.
    """

    def __init__(self, record: RecoveryJournal) -> None:
        self.record = record
        self.project: ProjectFile | None = None
        self.on_failure: Callable[[SaveError], None] = lambda _error: None
        self.on_success: Callable[[], None] = lambda: None
        self._last: Entry | None = None
        self._is_record_ahead = False  # whether the record holds work that no file did when it was written
        record.on_failure = lambda error: self.on_failure(error)
        record.on_success = lambda: self.on_success()

    @property
    def is_kept(self) -> bool:
        """Whether a project holds the work, or will within some milliseconds."""
        return self.project is not None and not self.project.is_failing

    def keep(self, entry: Entry) -> None:
        """Keeps the work as it is now, within some milliseconds; returns at once."""
        self._last = entry
        if self.project is None:
            self._record(entry)
            return
        self.project.record(entry)
        if self.project.is_failing:
            self._record(replace(entry, is_unsaved=True))
        elif self._is_record_ahead:
            self._record(replace(entry, is_unsaved=False))

    def _record(self, entry: Entry) -> None:
        self._is_record_ahead = entry.is_unsaved
        self.record.record(entry)

    def take(self, project: ProjectFile | None) -> None:
        """Keeps in this project from now on; the one before is let go of."""
        before, self.project = self.project, project
        if before is not None and before is not project:
            before.close()
        if project is not None:
            project.on_failure, project.on_success = self._on_failure, self._on_success

    def flush(self) -> None:
        """Waits until all is written.

        Raises:
            SaveError: It could not be written anywhere.
        """
        if self.project is not None:
            try:
                self.project.flush()
                return
            except SaveError:
                if self._last is not None:
                    self._record(replace(self._last, is_unsaved=True))
        self.record.flush()

    def close(self, *, keep: bool) -> None:
        """Ends keeping; a project is let go of. With ``keep`` the record stays for the next start, as after a crash."""
        is_lost = False
        if self.project is not None:
            self.project.close()
            is_lost = self.project.is_failing
        self.record.close(keep=keep or is_lost)

    def _on_failure(self, error: SaveError) -> None:
        if self._last is not None:
            self._record(replace(self._last, is_unsaved=True))
        self.on_failure(error)

    def _on_success(self) -> None:
        self.on_success()
