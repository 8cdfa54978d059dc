"""Versions in the window: naming one, the panel with the tree, going there, comparing by ear and by sight, merging."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject

from musicassist.errors import QT_TRANSLATE_NOOP, MusicAssistError
from musicassist.score.song import Notes
from musicassist.session.session import SessionChange
from musicassist.session.versions import Version, as_tree
from musicassist.ui.actions import Command, Need, Rows
from musicassist.ui.foreign_text import literal, words_of
from musicassist.ui.piano_roll.mouse import announce
from musicassist.ui.versions_panel import VersionFace, VersionPopover, VersionsPanel
from musicassist.ui.workspace import Workspace

MAX_NAMED = 6  # LIMIT: more names than that no line holds


class VersionCommands(QObject):
    """The commands, and what the panel and the roll are told.

    Attributes:
        rows: Of the menu of the song.
    """

    def __init__(self, workspace: Workspace, panel: VersionsPanel, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace, self._session = workspace, workspace.session
        self._versions, self._panel = workspace.session.versions, panel
        panel.used.connect(lambda: self._do(self.go_to))
        panel.listened.connect(lambda: self._do(self.hear))
        panel.thrown.connect(lambda: self._do(self.throw_away))
        panel.left.connect(self.leave)
        workspace.session.subscribe(self._on_session_changed)
        self.rows = self._rows()

    def _meant(self) -> Version:
        """The one that is chosen in the panel, else the one that the song came from, else the last one.

        Raises:
            MusicAssistError: There is none.
        """
        versions = self._versions
        if not versions.all:
            raise MusicAssistError(QT_TRANSLATE_NOOP("Errors", "There are no versions yet."))
        chosen = self._panel.chosen if self._panel.isVisible() else None
        found = [own for name in (chosen, versions.current) for own in versions.all if own.name == name]
        return found[0] if found else versions.all[-1]

    def name_version(self) -> None:
        """Asks for a name, and keeps the song as it is now under it."""
        count = sum(bool(own.title) for own in self._versions.all) + 1
        suggested = self.tr("Version {count}").format(count=count)
        VersionPopover(self._workspace.window, self.tr("Name this version"), suggested, self._keep).open_over(
            self._workspace.roll
        )

    def _keep(self, title: str) -> None:
        def keep() -> None:
            version = self._versions.keep(title or self.tr("Version"))
            self._workspace.say(self.tr("“{name}” is kept.").format(name=literal(version.title)))

        self._do(keep)

    def rename(self) -> None:
        """Asks for another name of the one that is meant."""
        version = self._meant()
        VersionPopover(
            self._workspace.window,
            self.tr("Rename the version"),
            version.title,
            lambda title: self._versions.rename(version.name, title),
        ).open_over(self._workspace.roll)

    def toggle_panel(self) -> None:
        """Opens the panel, or closes it."""
        if self._panel.isVisible():
            self.leave()
            return
        self._panel.show()
        self._show(self._versions.current)
        self._panel.list.setFocus()

    def leave(self) -> None:
        """Closes the panel."""
        self._panel.hide()
        self._workspace.focus_roll()

    def go_to(self) -> None:
        """Works on the one that is meant; undo takes it back."""
        version = self._meant()
        self._versions.go_to(version.name)
        words = self.tr("This is “{name}”. {undo} takes you back; what you had is kept as a version without a name.")
        self._workspace.report(words, name=self._title(version))

    def hear(self) -> None:
        """Lets the one that is meant sound in the song's place, or the song again, from where it plays on."""
        version = self._versions.heard or self._meant()
        self._versions.hear(version.name)
        heard = self._versions.heard
        words = self.tr("You hear “{name}”.") if heard is not None else self.tr("You hear the song as it is now.")
        self._say_aloud(words.format(name=literal(self._title(version))))

    def see(self) -> None:
        """Marks in the roll what the song has otherwise than the one that is meant, or no more."""
        version = self._versions.seen or self._meant()
        self._versions.see(version.name)
        found, named = self._versions.difference(), self._versions.other_tracks()
        if found is None:
            self._say_aloud(self.tr("Differences are not marked any more."))
            return
        others = [literal(name) or self.tr("Track {number}").format(number=index + 1) for index, name in named]
        if found.count:
            words = self.tr("Against “{name}”: notes that are new or changed: {new}; that were there before: {gone}.")
        elif others:
            words = self.tr("Against “{name}”: this track has the same notes.")
        else:
            words = self.tr("Against “{name}”: all tracks have the same notes.")
        words = words.format(name=literal(self._title(version)), new=len(found.new), gone=len(found.gone))
        if others:
            names = ", ".join((*others[:MAX_NAMED], *["…"] * (len(others) > MAX_NAMED)))
            words += " " + self.tr("Other tracks that differ: {names}.").format(names=names)
        self._say_aloud(words)

    def offer_bars(self) -> None:
        """Offers bars of the loop, of the selection, else all, as they are and as the one that is meant has them."""
        version = self._meant()
        self._versions.offer_bars(*self._session.span_to_repeat(), (version.name,))
        words = self.tr("Take 1 is the song as it is, take 2 is “{name}”. Drag over bars in the lanes to mix them.")
        self._say_aloud(words.format(name=literal(self._title(version))))

    def throw_away(self) -> None:
        """The one that is meant goes for good."""
        version = self._meant()
        self._versions.throw_away(version.name)
        self._say_aloud(self.tr("“{name}” is thrown away.").format(name=literal(self._title(version))))

    def _say_aloud(self, words: str) -> None:
        self._workspace.say(words)
        announce(self._panel, words)

    def _do(self, act: Callable[[], None]) -> None:
        """Does something; where that cannot be, says why."""
        try:
            act()
        except MusicAssistError as error:
            self._workspace.say(words_of(error))

    def _title(self, version: Version) -> str:
        if version.title:
            return version.title
        clock = time.strftime("%H:%M", time.localtime(version.at_unix_seconds))
        return self.tr("without a name, {time}").format(time=clock)

    def _on_session_changed(self, change: SessionChange) -> None:
        if change.kind != "versions":
            return
        if self._panel.isVisible():
            self._show(None)
        found = self._versions.difference()
        nothing = Notes.of()
        self._workspace.roll.scene.set_difference(*((found.gone, found.new) if found else (nothing, nothing)))

    def _show(self, chosen: str | None) -> None:
        versions = self._versions
        faces = []
        for depth, version in as_tree(versions.all):
            said = [self._title(version)]
            said += [self.tr("the song came from here")] * (version.name == versions.current)
            said += [self.tr("sounds")] * (versions.heard is not None and versions.heard.name == version.name)
            said += [self.tr("compared")] * (versions.seen is not None and versions.seen.name == version.name)
            faces.append(VersionFace(version.name, depth, " \N{MIDDLE DOT} ".join(said)))
        self._panel.show_faces(faces, chosen)

    # fmt: off
    def _rows(self) -> Rows:
        some = Need(self.tr("Name a version first."), lambda: bool(self._versions.all))
        idle = Need(self.tr("Keep or dismiss the takes first."), lambda: self._session.takes.phase == "idle")
        return (
            Command("edit.name_version", self.tr("Name this version…"),
                    self.tr("Keep the song as it is now as a point that you can go back to."),
                    self.name_version, "Ctrl+Alt+K"),
            Command("edit.versions", self.tr("Versions"),
                    self.tr("Show the versions of the song as a tree: go to them, hear them, throw them away."),
                    self.toggle_panel, "Ctrl+5", is_on=lambda: self._panel.isVisible()),
            Command("edit.go_to_version", self.tr("Go to the version"),
                    self.tr("Work on the version that is chosen, else the last one. What you have now is kept."),
                    self.go_to, "", "", (some,)),
            Command("edit.hear_version", self.tr("Hear the version, or the song"),
                    self.tr("Let the version sound in the song's place, at the same bar; again for the song."),
                    self.hear, "Alt+B", "", (some, idle)),
            Command("edit.see_version", self.tr("Mark what differs"),
                    self.tr("Mark in the roll which notes of the track are new or changed since the version, and which "
                            "went; say which other tracks differ."),
                    self.see, "", "", (some,), is_on=lambda: self._versions.seen is not None),
            Command("edit.offer_version", self.tr("Take bars from the version"),
                    self.tr("Offer the bars of the selection or the loop as they are and as the version has them."),
                    self.offer_bars, "", "", (some, idle)),
            Command("edit.rename_version", self.tr("Rename the version…"),
                    self.tr("Call the version that is chosen otherwise."), self.rename, "", "", (some,)),
        )
    # fmt: on
