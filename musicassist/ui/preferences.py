"""The user's choices while the window is open; written when they have rested for a moment, and at the end."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, QTimer

from musicassist.errors import SaveError
from musicassist.settings import Settings

REST_MS = 1_000

log = logging.getLogger(__name__)


class Preferences(QObject):
    """Holds the settings and sees to it that they are written."""

    def __init__(self, settings: Settings, save: Callable[[Settings], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._save = save
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self.write)

    @property
    def now(self) -> Settings:
        """The settings as they are."""
        return self._settings

    def change(self, **values: Any) -> None:
        """Changes some of the fields."""
        self.replace(replace(self._settings, **values))

    def replace(self, settings: Settings) -> None:
        """Takes other settings."""
        if settings != self._settings:
            self._settings = settings
            self._rest.start()

    def write(self) -> None:
        """Writes them now. A full disk is logged: choices are not worth a word in front of the music."""
        self._rest.stop()
        try:
            self._save(self._settings)
        except SaveError as error:
            log.warning("%s", error)
