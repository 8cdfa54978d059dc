"""How a project is shown: kept with it, and shown so again when it is opened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta
from PySide6.QtCore import QObject, QTimer

from musicassist.document.document import DocumentChange
from musicassist.document.pages import Page
from musicassist.score.grid import DIVISIONS, Grid
from musicassist.session.session import SessionChange
from musicassist.ui.workspace import Workspace
from musicassist.values import plain_of, value_of

PAGE = "view"
REST_MS = 500  # after scrolling and zooming


@dataclass(frozen=True)
class View:
    """What is seen of the song.

    Attributes:
        beat_px, row_px: The zoom: the width of a beat, the height of a row.
        from_beat: The quarter at the left edge.
        middle_pitch: The pitch in the middle.
        division, is_triplet, is_snapping: The grid, as ``score.grid.Grid``.
    """

    beat_px: Annotated[float, Meta(gt=0, le=1e5)]
    row_px: Annotated[float, Meta(gt=0, le=1e3)]
    from_beat: Annotated[float, Meta(ge=0, le=1e9)]
    middle_pitch: Annotated[float, Meta(ge=-200, le=400)]
    division: int
    is_triplet: bool
    is_snapping: bool

    def __post_init__(self) -> None:
        if self.division not in DIVISIONS:
            raise ValueError("no grid")


class ViewKeeping(QObject):
    """Writes the page of the view while a project is open."""

    def __init__(self, workspace: Workspace, parent: QObject) -> None:
        """Listens from now on; must come behind whoever shows another song in its own way."""
        super().__init__(parent)
        self._session = workspace.session
        self._document = workspace.session.document
        self._viewport = workspace.roll.viewport
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self.keep)
        self._viewport.changed.connect(self._wait)
        self._document.subscribe(self._on_document_changed)
        self._session.subscribe(self._on_session_changed)

    def keep(self) -> None:
        """Keeps the view as it is now, if a project is open."""
        self._rest.stop()
        page = Page.of(plain_of(self._now()))
        known = self._document.pages.get(PAGE)
        if self._document.is_kept and (known is None or known.text != page.text):
            self._document.keep_page(PAGE, page)

    def _wait(self) -> None:
        if self._document.is_kept and not self._rest.isActive():
            self._rest.start()

    def _now(self) -> View:
        viewport, grid = self._viewport, self._session.notes.grid
        per_beat = viewport.ticks_per_beat
        return View(
            round(viewport.ticks.pixels_per_tick * per_beat, 3),
            float(viewport.pitches.row_px),
            round(max(0.0, viewport.from_tick) / per_beat, 4),
            round(viewport.middle_pitch, 2),
            grid.division,
            grid.is_triplet,
            grid.is_snapping,
        )

    def _on_session_changed(self, change: SessionChange) -> None:
        if change.kind == "grid":
            self._wait()

    def _on_document_changed(self, change: DocumentChange) -> None:
        if change.kind == "opened":
            self._rest.stop()
            self._show()
        elif change.kind == "saved":
            self._wait()

    def _show(self) -> None:
        page = self._document.pages.get(PAGE)
        try:
            view = value_of(View, page.plain) if page is not None else None
        except ValueError:  # of somebody who writes it in another way
            return
        if view is not None:
            self._session.notes.set_grid(Grid(view.division, view.is_triplet, view.is_snapping))
            self._viewport.show_view(view.beat_px, view.row_px, view.from_beat, view.middle_pitch)
