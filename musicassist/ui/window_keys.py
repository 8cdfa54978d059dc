"""Whose a key is: a text field, the takes on offer, steps that are written, or the letter keys as a piano."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)
from shiboken6 import isValid

from musicassist.errors import QT_TRANSLATE_NOOP
from musicassist.score.midi_bytes import NOTE_OFF, NOTE_ON
from musicassist.score.song import DEFAULT_VELOCITY
from musicassist.session.session import Session
from musicassist.sound.messages import MidiReceived
from musicassist.sound.schedule import live_channel

_TEXT_FIELDS = (QLineEdit, QAbstractSpinBox, QTextEdit, QPlainTextEdit)
_SHIFT_OR_KEYPAD = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
_LEAVING_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)
_PANEL_KEYS = (Qt.Key.Key_F1, Qt.Key.Key_F6)
OCTAVE = 12
VELOCITY_STEP = 20  # Source: Ableton Live 12 manual, "Computer MIDI Keyboard"
# Set 1 scan codes of the four rows of a PC keyboard; X11 and Wayland add 8.
# Source: USB HID to PS/2 Scan Code Translation Table, Microsoft (2004).
_ROWS = ((0x02, "1234567890"), (0x10, "QWERTYUIOP"), (0x1E, "ASDFGHJKL;'"), (0x2C, "ZXCVBNM"))
_SCAN_LETTERS = {first + place: letter for first, letters in _ROWS for place, letter in enumerate(letters)}
_HIGHEST_PITCH, _LOUDEST = 127, 127


def _press_of(event: QKeyEvent) -> Callable[[], None] | None:
    """Return presses the button that has the keyboard; Space is the editor's everywhere."""
    button = QApplication.focusWidget()
    is_return = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers() & ~_SHIFT_OR_KEYPAD
    return button.click if is_return and isinstance(button, QAbstractButton) else None


def is_text_field(widget: QWidget | None) -> bool:
    """Whether letters that are typed there are words."""
    return isinstance(widget, _TEXT_FIELDS)


class WindowKeys(QObject):
    """Hears the keys of one window before its shortcuts and widgets do. Popups and dialogs keep theirs."""

    def __init__(
        self,
        window: QWidget,
        *,
        are_takes_offered: Callable[[], bool],
        of_takes: Mapping[Qt.Key, Callable[[], None]],
        is_stepping: Callable[[], bool],
        of_steps: Mapping[Qt.Key, Callable[[], None]],
        leave_field: Callable[[], None],
    ) -> None:
        """Starts to listen to the window and to whatever has the keyboard in it.

        Args:
            window: The window.
            are_takes_offered: Whether takes are on offer or being made.
            of_takes: What keys do then.
            is_stepping: Whether notes are written step by step.
            of_steps: What keys do then.
            leave_field: Takes the keyboard from a text field; after Return and Esc.
        """
        super().__init__(window)
        self._window = window
        self._are_takes_offered = are_takes_offered
        self._of_takes = of_takes
        self._is_stepping = is_stepping
        self._of_steps = of_steps
        self._leave_field = leave_field
        self._focus: QWidget | None = None
        window.installEventFilter(self)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._on_app_focus_changed)

    def _on_app_focus_changed(self, _old: QWidget | None, new: QWidget | None) -> None:
        """Listens to the widget with the keyboard alone: a filter on the application would see every paint."""
        if not isValid(self) or not isValid(self._window):
            return
        if self._focus is not None and isValid(self._focus):
            self._focus.removeEventFilter(self)
        self._focus = new if new is not self._window else None
        if self._focus is not None and self._focus.window() is self._window:
            self._focus.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Takes the key for the takes, keeps it for a text field, or lets it pass."""
        if event.type() not in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress) or not isinstance(event, QKeyEvent):
            return False
        if QApplication.activePopupWidget() is not None or QApplication.activeModalWidget() is not None:
            return False
        if is_text_field(QApplication.focusWidget()):
            return self._keep_for_field(event)
        is_plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        key = Qt.Key(event.key())
        if is_plain and key in getattr(QApplication.focusWidget(), "OWN_KEYS", ()):
            return False  # a list that has them for its rows
        if self._are_takes_offered():
            act = self._of_takes.get(key) if is_plain else None
        else:
            act = self._of_steps.get(key) if is_plain and self._is_stepping() else None
            act = act or _press_of(event)
        if act is None:
            return False
        if event.type() == QEvent.Type.KeyPress:
            act()
        event.accept()
        return True

    def _keep_for_field(self, event: QKeyEvent) -> bool:
        """No shortcut without Ctrl or Alt fires while somebody types; the field itself still gets the key."""
        if event.type() == QEvent.Type.KeyPress and event.key() in _LEAVING_KEYS:
            QTimer.singleShot(0, self._leave_field)
        is_plain = not event.modifiers() & ~_SHIFT_OR_KEYPAD and Qt.Key(event.key()) not in _PANEL_KEYS
        if event.type() == QEvent.Type.ShortcutOverride and is_plain:
            event.accept()
            return True
        return False


@dataclass(frozen=True)
class LetterLayout:
    """A way to play on the letter keys.

    Letters stand for places: those of a US keyboard. What is printed there may differ.

    Attributes:
        name: As the settings have it.
        lowest_pitch: What the first key plays at first.
        semitones: By place, how far above that.
        octaves: By place, how many octaves it moves the keys.
        louder: By place, how many steps of velocity it adds.
        rows: What the help shows: words, translated in the context "Help", and the places.
    """

    name: str
    lowest_pitch: int
    semitones: Mapping[str, int]
    octaves: Mapping[str, int]
    louder: Mapping[str, int]
    rows: tuple[tuple[str, str], ...]

    @property
    def places(self) -> frozenset[str]:
        return frozenset((*self.semitones, *self.octaves, *self.louder))


LIVE = LetterLayout(
    "live",
    60,
    {letter: semitones for semitones, letter in enumerate("AWSEDFTGYHUJKOLP;'")},
    {"Z": -1, "X": 1},
    {"C": -1, "V": 1},
    (
        (QT_TRANSLATE_NOOP("Help", "Letter keys: white keys from C"), "A S D F G H J K L ; '"),
        (QT_TRANSLATE_NOOP("Help", "Letter keys: black keys from C sharp"), "W E · T Y U · O P"),
        (QT_TRANSLATE_NOOP("Help", "Letter keys: an octave lower, higher"), "Z X"),
        (QT_TRANSLATE_NOOP("Help", "Letter keys: softer, louder"), "C V"),
    ),
)


ROWS = LetterLayout(
    "rows",
    48,
    {letter: semitones for semitones, letter in enumerate("ZSXDCVGBHNJMQ2W3ER5T6Y7UI9O0P")},
    {},
    {},
    (
        (QT_TRANSLATE_NOOP("Help", "Letter keys, lower octave: white keys from C"), "Z X C V B N M"),
        (QT_TRANSLATE_NOOP("Help", "Letter keys, lower octave: black keys from C sharp"), "S D · G H J"),
        (QT_TRANSLATE_NOOP("Help", "Letter keys, upper octave: white keys from C"), "Q W E R T Y U I O P"),
        (QT_TRANSLATE_NOOP("Help", "Letter keys, upper octave: black keys from C sharp"), "2 3 · 5 6 7 · 9 0"),
    ),
)


def layout_named(name: str) -> LetterLayout:
    """The layout of that name; that of Live for any other."""
    return ROWS if name == ROWS.name else LIVE


class LivePlayer:
    """Sounds with the instrument of the selected track. Main thread only."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._channels: dict[int, int] = {}  # pitch -> where it sounds, also after another track was selected

    def note_on(self, pitch: int, velocity: int) -> None:
        self._channels[pitch] = channel = live_channel(self._session.document.track)
        self._session.sound.note_on(pitch, velocity, channel, self._session.instrument.program)
        self._record(bytes((NOTE_ON, pitch, velocity)))

    def note_off(self, pitch: int) -> None:
        channel = self._channels.pop(pitch, live_channel(self._session.document.track))
        self._session.sound.note_off(pitch, channel)
        self._record(bytes((NOTE_OFF, pitch, 0)))

    def _record(self, message: bytes) -> None:
        transport = self._session.transport
        tick = transport.position_tick() - transport.waiting_ticks()
        self._session.receive(MidiReceived((time.monotonic(),), (tick,), (message,)))


def place_of(event_scan_code: int, key: int) -> str | None:
    """The place of a key by its scan code, where the platform tells one, else by its letter; None of other keys."""
    offset = 8 if sys.platform.startswith("linux") else 0
    if event_scan_code > 1:
        return _SCAN_LETTERS.get(event_scan_code - offset)
    letter = chr(key) if key < 0x80 else ""
    return letter if letter in _SCAN_LETTERS.values() else None


class MusicalTyping(QObject):
    """While it is on, the letters of its layout are notes and no shortcuts, unless a modifier is held.

    Attributes:
        is_on: Whether it plays.
        is_lent: Whether it does so for what :meth:`accompany` tells of.
        layout: Which letter plays what.
        velocity: How loud, 1..127.
        letters_changed: The keys play other pitches, or none.
    """

    letters_changed = Signal()

    def __init__(
        self,
        window: QWidget,
        player: LivePlayer,
        *,
        tell: Callable[[bool], None],
        are_digits_taken: Callable[[], bool],
        layout: LetterLayout = LIVE,
    ) -> None:
        """Is off.

        Args:
            window: Keys of its own dialogs are left alone.
            player: What is played.
            tell: Hears whether it is on.
            are_digits_taken: Whether digits choose takes now.
            layout: Which letter plays what.
        """
        super().__init__(window)
        self._window = window
        self._player = player
        self._tell = tell
        self._are_digits_taken = are_digits_taken
        self._held: dict[str, int] = {}
        self._printed: dict[str, str] = {}  # what a key of another keyboard turned out to write, by its place
        self._is_accompanying = self.is_lent = False
        self.is_on = False
        self.layout = layout
        self.velocity = DEFAULT_VELOCITY
        self._lowest_pitch = layout.lowest_pitch

    def toggle(self) -> None:
        self.is_lent = False
        self._switch(is_on=not self.is_on)

    def accompany(self, *, is_wanted: bool) -> None:
        """Something is written with keys, as step input is: it is on meanwhile, unless the user ends it."""
        if is_wanted and not self.is_on and not self._is_accompanying:
            self.is_lent = True
            self._switch(is_on=True)
        elif not is_wanted and self.is_lent:
            self.is_lent = False
            self._switch(is_on=False)
        self._is_accompanying = is_wanted

    def _switch(self, *, is_on: bool) -> None:
        if is_on == self.is_on:
            return
        self.is_on = is_on
        app = QApplication.instance()
        assert app is not None
        if is_on:
            app.installEventFilter(self)
        else:
            app.removeEventFilter(self)
            self.release_all()
        self._tell(is_on)
        self.letters_changed.emit()

    def lay_out(self, layout: LetterLayout) -> None:
        """Plays on another layout from now on, at its own pitch."""
        self.release_all()
        self.layout, self._lowest_pitch = layout, layout.lowest_pitch
        self.letters_changed.emit()

    def letters(self) -> dict[int, str]:
        """By pitch, what is printed on the key that plays it; none while it is off."""
        if not self.is_on:
            return {}
        pitches = ((self._lowest_pitch + up, place) for place, up in self.layout.semitones.items())
        return {pitch: self._printed.get(place, place) for pitch, place in pitches if 0 <= pitch <= _HIGHEST_PITCH}

    def release_all(self) -> None:
        for pitch in self._held.values():
            self._player.note_off(pitch)
        self._held.clear()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Plays, and keeps letters from being shortcuts. Keys of the keypad are for those who read the screen by it."""
        if event.type() in (QEvent.Type.ApplicationDeactivate, QEvent.Type.WindowDeactivate):
            self.release_all()
            return False
        if not isinstance(event, QKeyEvent) or not self._is_ours(watched):
            return False
        place = place_of(event.nativeScanCode(), event.key())
        if place is None or place not in self.layout.places or event.modifiers():
            return place in self._held and self._release(place, event)
        if Qt.Key.Key_0 <= event.key() <= Qt.Key.Key_9 and self._are_digits_taken():
            return False
        event.accept()
        if not event.isAutoRepeat():
            self._take(place, event)
        return True

    def _release(self, place: str, event: QKeyEvent) -> bool:
        """A key that was struck comes up while a modifier is held."""
        if event.type() == QEvent.Type.KeyRelease and not event.isAutoRepeat():
            self._player.note_off(self._held.pop(place))
            return True
        return False

    def _take(self, place: str, event: QKeyEvent) -> None:
        if event.type() == QEvent.Type.KeyRelease and place in self._held:
            self._player.note_off(self._held.pop(place))
        if event.type() != QEvent.Type.KeyPress:
            return
        self._learn(place, event.text().upper())
        if place in self.layout.octaves:
            self._move(OCTAVE * self.layout.octaves[place])
        elif place in self.layout.louder:
            self.velocity = max(1, min(_LOUDEST, self.velocity + VELOCITY_STEP * self.layout.louder[place]))
            self.letters_changed.emit()
        elif place not in self._held:
            pitch = self._lowest_pitch + self.layout.semitones[place]
            if pitch <= _HIGHEST_PITCH:
                self._held[place] = pitch
                self._player.note_on(pitch, self.velocity)

    def _move(self, semitones: int) -> None:
        """Moves the keys, as long as the first of them plays."""
        if 0 <= self._lowest_pitch + semitones <= _HIGHEST_PITCH:
            self._lowest_pitch += semitones
            self.letters_changed.emit()

    def _learn(self, place: str, printed: str) -> None:
        """A keyboard of another language writes another letter there, which is shown from then on."""
        if printed and printed.isprintable() and printed.strip() and self._printed.get(place, place) != printed:
            self._printed[place] = printed
            self.letters_changed.emit()

    def _is_ours(self, watched: QObject) -> bool:
        if not isinstance(watched, QWidget) or watched.window() is not self._window:
            return False
        return QApplication.activePopupWidget() is None and not is_text_field(QApplication.focusWidget())
