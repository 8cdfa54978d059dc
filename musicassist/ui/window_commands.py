"""What commands do beyond the session: they ask, remember, say, and bring into view."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, QPoint, Qt, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from musicassist.errors import MusicAssistError
from musicassist.score.pickup import suspected_pickup_ticks
from musicassist.score.song import Song
from musicassist.session.playing_in import MAX_COUNT_IN_BARS
from musicassist.ui.actions import calling
from musicassist.ui.dialogs import (
    CommandPopup,
    Entry,
    QuantisePopover,
    TransposePopover,
    command_entries,
    gesture_entries,
)
from musicassist.ui.foreign_text import translate
from musicassist.ui.music_in import MusicIn
from musicassist.ui.picture_popover import PicturePopover
from musicassist.ui.sound_status import keyless_words
from musicassist.ui.strips import INFO, Notice
from musicassist.ui.theme import LIGHT, theme_named
from musicassist.ui.track_list import TrackList
from musicassist.ui.window_keys import LIVE, ROWS, LetterLayout, MusicalTyping
from musicassist.ui.workspace import Workspace

PICKUP = "pickup"
PACKAGES = (
    *("musicassist", "PySide6-Essentials", "numpy", "torch", "mido"),
    *("pyfluidsynth", "python-rtmidi", "sounddevice", "soundfile"),
)


class Editing:
    """What a command on notes does beyond the session: it brings them into view, or asks how far."""

    def __init__(self, workspace: Workspace, incoming: MusicIn) -> None:
        self._workspace = workspace
        self._session = workspace.session
        self._notes = workspace.session.notes
        self._incoming = incoming

    @property
    def can_paste(self) -> bool:
        """Whether anything was copied, here or as MIDI in another program."""
        return self._incoming.can_paste

    def paste(self) -> None:
        """Puts what was copied last, here or in another program, at the edit cursor and shows it."""
        at_tick = self._workspace.roll.edit_cursor_tick
        if self._incoming.paste(at_tick):
            return
        self._notes.paste(at_tick)
        self._workspace.roll.reveal_tick(at_tick)

    def select_none(self) -> None:
        """Lets the selection go; a continuation that waits for the model is let go first."""
        if self._session.takes.phase == "waiting":
            self._session.takes.cancel()
        else:
            self._notes.select_none()

    def select_next(self) -> None:
        self._notes.select_next()
        self._reveal_selection()

    def select_previous(self) -> None:
        self._notes.select_previous()
        self._reveal_selection()

    def _reveal_selection(self) -> None:
        span = self._notes.selected_span()
        if span is not None:
            self._workspace.roll.reveal_tick(span[0])

    def begin_bar_one(self) -> None:
        """Lets bar 1 begin at the playhead."""
        time_map = self._session.document.song.time_map
        tick = self._notes.grid.snap(time_map, self._session.transport.position_tick())
        self._session.song_commands.begin_bar_one(tick)

    def fit_to_picture(self) -> None:
        """Asks for the times of a picture."""
        PicturePopover(self._workspace).open_over(self._workspace.roll)

    def write_chord(self) -> None:
        """Opens the name of the chord at the playhead."""
        self._workspace.roll.write_chord_at(self._session.transport.position_tick())

    def step_in_scale(self, steps: int) -> None:
        key = self._session.key
        if key is not None:
            self._notes.transpose_in_scale(steps, key)

    def ask_transpose(self) -> None:
        TransposePopover(self._workspace.window, self._notes.transpose).open_over(self._workspace.roll)

    def ask_quantise(self) -> None:
        QuantisePopover(self._workspace.window, self._notes.quantise).open_over(self._workspace.roll)


class BarOne(QObject):
    """Says where bar 1 begins, as one step of undo."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace.window)
        self._workspace = workspace
        self._session = workspace.session
        workspace.roll.ruler.menu_requested.connect(self._on_menu_requested)

    def begin(self, tick: int) -> None:
        """Bar 1 begins at a tick; what stands in the way is said above the roll."""
        try:
            self._session.song_commands.begin_bar_one(tick)
        except MusicAssistError as error:
            self._workspace.warn("bar_one", error)
        else:
            self._workspace.notices.dismiss(PICKUP)

    def offer_for(self, song: Song) -> None:
        """Looks in the background whether a song that was opened hides a pickup, and offers to put it right."""
        self._workspace.notices.dismiss(PICKUP)

        def show(pickup_ticks: int | None) -> None:
            if pickup_ticks is not None and self._session.document.song is song:
                self._offer(song, pickup_ticks)

        self._workspace.tasks.start(lambda: suspected_pickup_ticks(song), show, lambda _error: None)

    def _offer(self, song: Song, pickup_ticks: int) -> None:
        beats = f"{song.time_map.tick_to_beats(pickup_ticks):g}"
        one, more = (
            self.tr("This seems to begin with a pickup (1 quarter note), so all bar lines are off."),
            self.tr("This seems to begin with a pickup ({beats} quarter notes), so all bar lines are off."),
        )
        text = one if beats == "1" else more
        put_right = self.tr("Begin bar 1 behind the pickup"), lambda: self.begin(pickup_ticks)
        self._workspace.notify(Notice(PICKUP, text.format(beats=beats), INFO, (put_right,)))

    def menu_at(self, tick: int) -> QMenu:
        menu = QMenu(self._workspace.window)
        menu.addAction(self.tr("Bar 1 begins here")).triggered.connect(calling(self.begin, tick))
        return menu

    def _on_menu_requested(self, tick: int, place: QPoint) -> None:
        self.menu_at(tick).popup(place)


class Playing:
    """What the commands of the Play menu do beyond the session: what is remembered, said and shown."""

    def __init__(self, workspace: Workspace, typing: MusicalTyping, *, has_keyboard: Callable[[], bool]) -> None:
        self.typing = typing
        self._session = workspace.session
        self._has_keyboard = has_keyboard
        self._workspace = workspace

    def return_to_start(self) -> None:
        self._session.transport.return_to_start()
        self._workspace.roll.reveal_tick(0)

    def record(self) -> None:
        self._session.input.toggle_recording()
        if self._session.input.is_recording and not self._has_keyboard():
            self._workspace.say(keyless_words(self._workspace))

    def count_in(self) -> None:
        session = self._session
        bars = (session.input.way.count_in_bars + 1) % (MAX_COUNT_IN_BARS + 1)
        session.input.set_way(replace(session.input.way, count_in_bars=bars))
        self._workspace.preferences.change(count_in_bars=bars)
        words = (
            translate("Play", "Recording begins at once."),
            translate("Play", "Count-in: one bar."),
            translate("Play", "Count-in: two bars."),
        )
        self._workspace.say(words[bars])

    def replace(self) -> None:
        session = self._session
        is_replacing = not session.input.way.is_replacing
        session.input.set_way(replace(session.input.way, is_replacing=is_replacing))
        self._workspace.preferences.change(replace_recording=is_replacing)
        words = {
            (False, False): translate("Play", "Recording adds to what is there."),
            (False, True): translate("Play", "Recording replaces what is there."),
            (True, False): translate("Play", "The next recording adds to what is there."),
            (True, True): translate("Play", "The next recording replaces what is there."),
        }
        self._workspace.say(words[session.input.is_recording, is_replacing])

    def keep_rounds(self) -> None:
        """Whether each round of a loop is a take, too, from the next stop on."""
        session = self._session
        keeps = not session.input.way.keeps_rounds
        session.input.set_way(replace(session.input.way, keeps_rounds=keeps))
        self._workspace.preferences.change(keep_rounds=keeps)

    def metronome(self) -> None:
        self._session.transport.toggle_metronome()
        self._workspace.preferences.change(metronome=self._session.transport.is_metronome_on)

    def two_rows(self) -> None:
        """Letter keys in two rows, or as in Live."""
        layout = LIVE if self.typing.layout is ROWS else ROWS
        self.typing.lay_out(layout)
        self._workspace.preferences.change(letter_layout=layout.name)

    def step_input(self) -> None:
        self._session.input.toggle_stepping()
        if self._session.input.is_stepping:
            self._workspace.focus_roll()


class Viewing:
    """The panels, and the way of the keyboard through them."""

    def __init__(
        self,
        workspace: Workspace,
        tracks: TrackList,
        panels: Mapping[str, QWidget],
        set_theme_name: Callable[[str], None],
    ) -> None:
        """Remembers what can be shown.

        Args:
            workspace: The session and the roll.
            tracks: The track list.
            panels: What F6 goes through, in order, by name.
            set_theme_name: Dresses the window ``dark`` or ``light``.
        """
        self.tracks = tracks
        self._workspace = workspace
        self._panels = panels
        self._set_theme_name = set_theme_name

    @property
    def is_light(self) -> bool:
        return theme_named(self._workspace.settings.theme) is LIGHT

    def toggle_light(self) -> None:
        self._set_theme_name("dark" if self.is_light else "light")

    def rename_track(self) -> None:
        self.tracks.show()
        self.tracks.rename_selected()

    def choose_instrument(self) -> None:
        self.tracks.show()
        self.tracks.choose_instrument_of_selected()

    def next_panel(self) -> None:
        shown = [panel for panel in self._panels.values() if panel.isVisible()]
        focus = QApplication.focusWidget()
        inside = [
            i for i, panel in enumerate(shown) if focus is not None and (panel is focus or panel.isAncestorOf(focus))
        ]
        panel = shown[(inside[-1] + 1) % len(shown)] if inside else self._workspace.roll  # the chords lie in the roll
        _first_field(panel).setFocus(Qt.FocusReason.ShortcutFocusReason)


def _first_field(panel: QWidget) -> QWidget:
    """The first widget of a panel that takes the keyboard; the panel itself if it has a proxy or no such child."""
    if panel.focusProxy() is not None:
        return panel
    children = panel.findChildren(QWidget)
    return next((child for child in children if child.isVisible() and child.focusPolicy() and child.isEnabled()), panel)


class HelpCommands(QObject):
    """Help in place: nothing here leaves the window."""

    def __init__(
        self, workspace: Workspace, *, describe_sound: Callable[[], str], layout: Callable[[], LetterLayout]
    ) -> None:
        super().__init__(workspace.window)
        self._workspace = workspace
        self._session = workspace.session
        self._describe_sound = describe_sound
        self._layout = layout

    def palette(self) -> None:
        self._open(command_entries(self._workspace.actions, with_reasons=True), self.tr("Find a command"))

    def keys(self) -> None:
        letters = (Entry(translate("Help", text), keys) for text, keys in self._layout().rows)
        entries = (*command_entries(self._workspace.actions, with_reasons=False), *letters, *gesture_entries())
        self._open(tuple(entry for entry in entries if entry.keys), self.tr("Keys and gestures"))

    def _open(self, entries: Sequence[Entry], title: str) -> None:
        popup = CommandPopup(entries, title, self._workspace.window)
        popup.command_chosen.connect(self._workspace.actions.run)
        popup.open_over(self._workspace.window)

    def copy_diagnostics(self) -> None:
        QGuiApplication.clipboard().setText(self.diagnostics())
        self._workspace.say(self.tr("Copied. Paste it into your report."))

    def diagnostics(self) -> str:
        """Versions, platform, sound and model, in lines."""
        import platform  # not needed before, and the window opens sooner

        lines = [
            f"Python {sys.version.split()[0]} on {platform.platform()}",
            f"Qt {qVersion()} ({QGuiApplication.platformName()})",
            *(f"{name} {_version_of(name)}" for name in PACKAGES),
            f"sound: {self._describe_sound()}",
            f"model: {self._session.takes.controls.model}",
        ]
        return "\n".join(lines)

    def about(self) -> None:
        text = translate(
            "Help", "musicassist {version}: sketch a phrase, continue it, hear it, export it. MIT licence."
        )
        self._workspace.notify(Notice("about", text.format(version=_version_of("musicassist")), INFO))


def _version_of(name: str) -> str:
    from importlib.metadata import PackageNotFoundError, version  # brings the whole of ``email``

    try:
        return version(name)
    except PackageNotFoundError:
        return "?"
