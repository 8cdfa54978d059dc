"""One track as a row of the list: its name, its instrument with the menu of all, mute and solo."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRectF, Qt, Signal, SignalInstance
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QMenu, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from musicassist.errors import QT_TRANSLATE_NOOP
from musicassist.score.song import Track
from musicassist.ui.actions import add_option, calling
from musicassist.ui.dragging import DragStart
from musicassist.ui.foreign_text import (
    ElidedButton,
    PlainLabel,
    Tip,
    add_line,
    add_menu,
    fill_field,
    literal,
    set_face,
    set_name,
    set_tip,
    translate,
)
from musicassist.ui.theme import SMALL_PX, arranged, faint, restyle, text_font, theme_now

PROGRAMS = 8  # of a family
# Source: General MIDI System Level 1 (1991), table 2, "GM Instrument Patch Map". Each family is one text to translate.
FAMILIES = (
    (QT_TRANSLATE_NOOP("Instruments", "Piano"),
     QT_TRANSLATE_NOOP("Instruments", "Grand Piano, Bright Piano, Electric Grand, Honky-tonk Piano, Electric Piano 1, "
                                      "Electric Piano 2, Harpsichord, Clavinet")),
    (QT_TRANSLATE_NOOP("Instruments", "Chromatic percussion"),
     QT_TRANSLATE_NOOP("Instruments", "Celesta, Glockenspiel, Music Box, Vibraphone, Marimba, Xylophone, "
                                      "Tubular Bells, Dulcimer")),
    (QT_TRANSLATE_NOOP("Instruments", "Organ"),
     QT_TRANSLATE_NOOP("Instruments", "Drawbar Organ, Percussive Organ, Rock Organ, Church Organ, Reed Organ, "
                                      "Accordion, Harmonica, Bandoneon")),
    (QT_TRANSLATE_NOOP("Instruments", "Guitar"),
     QT_TRANSLATE_NOOP("Instruments", "Nylon Guitar, Steel Guitar, Jazz Guitar, Clean Guitar, Muted Guitar, "
                                      "Overdriven Guitar, Distortion Guitar, Guitar Harmonics")),
    (QT_TRANSLATE_NOOP("Instruments", "Bass"),
     QT_TRANSLATE_NOOP("Instruments", "Acoustic Bass, Finger Bass, Pick Bass, Fretless Bass, Slap Bass 1, "
                                      "Slap Bass 2, Synth Bass 1, Synth Bass 2")),
    (QT_TRANSLATE_NOOP("Instruments", "Strings"),
     QT_TRANSLATE_NOOP("Instruments", "Violin, Viola, Cello, Contrabass, Tremolo Strings, Pizzicato Strings, Harp, "
                                      "Timpani")),
    (QT_TRANSLATE_NOOP("Instruments", "Ensemble"),
     QT_TRANSLATE_NOOP("Instruments", "Strings 1, Strings 2, Synth Strings 1, Synth Strings 2, Choir Aahs, "
                                      "Voice Oohs, Synth Voice, Orchestra Hit")),
    (QT_TRANSLATE_NOOP("Instruments", "Brass"),
     QT_TRANSLATE_NOOP("Instruments", "Trumpet, Trombone, Tuba, Muted Trumpet, French Horn, Brass Section, "
                                      "Synth Brass 1, Synth Brass 2")),
    (QT_TRANSLATE_NOOP("Instruments", "Reed"),
     QT_TRANSLATE_NOOP("Instruments", "Soprano Sax, Alto Sax, Tenor Sax, Baritone Sax, Oboe, English Horn, Bassoon, "
                                      "Clarinet")),
    (QT_TRANSLATE_NOOP("Instruments", "Pipe"),
     QT_TRANSLATE_NOOP("Instruments", "Piccolo, Flute, Recorder, Pan Flute, Bottle, Shakuhachi, Whistle, Ocarina")),
    (QT_TRANSLATE_NOOP("Instruments", "Synth lead"),
     QT_TRANSLATE_NOOP("Instruments", "Square Lead, Saw Lead, Calliope, Chiff, Charang, Voice Lead, Fifths Lead, "
                                      "Bass and Lead")),
    (QT_TRANSLATE_NOOP("Instruments", "Synth pad"),
     QT_TRANSLATE_NOOP("Instruments", "New Age Pad, Warm Pad, Polysynth, Choir Pad, Bowed Pad, Metallic Pad, "
                                      "Halo Pad, Sweep Pad")),
    (QT_TRANSLATE_NOOP("Instruments", "Synth effects"),
     QT_TRANSLATE_NOOP("Instruments", "Rain, Soundtrack, Crystal, Atmosphere, Brightness, Goblins, Echoes, Sci-fi")),
    (QT_TRANSLATE_NOOP("Instruments", "World"),
     QT_TRANSLATE_NOOP("Instruments", "Sitar, Banjo, Shamisen, Koto, Kalimba, Bagpipe, Fiddle, Shanai")),
    (QT_TRANSLATE_NOOP("Instruments", "Percussive"),
     QT_TRANSLATE_NOOP("Instruments", "Tinkle Bell, Agogo, Steel Drums, Woodblock, Taiko, Melodic Tom, Synth Drum, "
                                      "Reverse Cymbal")),
    (QT_TRANSLATE_NOOP("Instruments", "Sound effects"),
     QT_TRANSLATE_NOOP("Instruments", "Fret Noise, Breath Noise, Seashore, Bird, Telephone, Helicopter, Applause, "
                                      "Gunshot")),
)  # fmt: skip


def instrument_names(family: int) -> tuple[str, ...]:
    """The eight programs of a family in the user's language; in English where a translation has another number."""
    text = FAMILIES[family][1]
    names = tuple(translate("Instruments", text).split(", "))
    return names if len(names) == PROGRAMS else tuple(text.split(", "))


def instrument_name(program: int) -> str:
    """What a General MIDI program is called, 0..127."""
    return instrument_names(program // PROGRAMS)[program % PROGRAMS]


class InstrumentButton(ElidedButton):
    """Names what plays a track and opens the menu of instruments; a long name ends in an ellipsis."""

    def __init__(self) -> None:
        super().__init__()
        self.setFont(text_font(SMALL_PX))
        self.setObjectName("instrument")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)


class TrackWishes(QObject):
    """What the user wants of the tracks in the list; the first number is the index of the track."""

    selected = Signal(int)
    renamed = Signal(int, str)
    program_chosen = Signal(int, int)
    mute_toggled = Signal(int)
    solo_toggled = Signal(int)
    output_chosen = Signal(int, object)
    removal_wanted = Signal(int)
    drag_wanted = Signal(int)


class TrackRow(QFrame):
    """One track. A click selects it, a double click on the name renames it.

    Attributes:
        index: Which track of the song it shows now; the list gives its rows other tracks as it is scrolled.
        outputs: The MIDI ports that a track can be played through.
    """

    def __init__(self, wishes: TrackWishes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wishes = wishes
        self.index = -1
        self._track: Track | None = None
        self._program = 0
        self.outputs: tuple[str, ...] = ()
        self.setObjectName("track_row")
        self.name = PlainLabel()
        self.editor = QLineEdit()
        self.instrument = InstrumentButton()
        self.mute = self._flag("mute", "M", Tip(self.tr("Play the song without this track."), self.tr("Mute")))
        self.solo = self._flag("solo", "S", Tip(self.tr("Play this track alone."), self.tr("Solo")))
        self._lay_out()
        DragStart(self).begun.connect(calling(self._emit_index, wishes.drag_wanted))

    def _flag(self, name: str, text: str, tip: Tip) -> QToolButton:
        button = QToolButton()
        button.setObjectName(name)
        set_face(button, text)
        button.setCheckable(True)
        button.setFixedSize(20, 18)
        set_name(button, tip.head)
        set_tip(button, tip)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        signal = self._wishes.mute_toggled if name == "mute" else self._wishes.solo_toggled
        button.clicked.connect(calling(self._emit_index, signal))
        return button

    def _emit_index(self, signal: SignalInstance) -> None:
        signal.emit(self.index)

    def _lay_out(self) -> None:
        self.name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.editor.hide()
        self.editor.editingFinished.connect(self.end_renaming)
        menu = QMenu(self.instrument)
        menu.aboutToShow.connect(calling(self._fill_programs, menu))
        self.instrument.setMenu(menu)
        top = arranged(QHBoxLayout(), (self.name, 1), (self.editor, 1), self.mute, self.solo, spacing_px=2)
        arranged(QVBoxLayout(self), top, self.instrument, margins_px=(14, 5, 6, 5), spacing_px=1)

    def show_track(self, index: int, track: Track, *, is_chosen: bool, program: int | None = None) -> None:
        """Shows a track's name, instrument and flags; costs nothing if it shows them already.

        ``program`` is what it begins with where that is another track's, on the same channel.
        """
        program = track.program if program is None else program
        if self.property("chosen") != is_chosen:
            restyle(self, chosen=is_chosen)
        if index == self.index and track is self._track and program == self._program:
            return
        if index != self.index:
            self.end_renaming()
        self.index, self._track, self._program = index, track, program
        name = literal(track.name) or self.tr("Track {number}").format(number=index + 1)
        self.name.show_text(name)
        one, more = (
            self.tr("{name}, {count} note. Double-click renames it, dragging takes it out as a MIDI file."),
            self.tr("{name}, {count} notes. Double-click renames it, dragging takes it out as a MIDI file."),
        )
        set_tip(self.name, (one if len(track.notes) == 1 else more).format(name=name, count=len(track.notes)))
        instrument = self._show_instrument(track)
        self.mute.setChecked(track.muted)
        self.solo.setChecked(track.soloed)
        set_name(self, f"{name}, {instrument}")
        self.update()

    def _show_instrument(self, track: Track) -> str:
        instrument = self.tr("Drums") if track.is_on_drum_channel else instrument_name(self._program)
        lines = [instrument]
        if track.output_port is not None:
            port = literal(track.output_port)
            lines.append(self.tr("through {port}").format(port=port))
            set_face(self.instrument, f"{instrument} → {port}")
        else:
            set_face(self.instrument, instrument)
        self.instrument.setEnabled(not track.is_on_drum_channel)
        set_name(self.instrument, self.tr("Instrument"))
        set_tip(self.instrument, Tip("\n".join(lines), self.tr("Instrument")))
        return instrument

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        is_muted = self._track is not None and self._track.muted
        color = theme_now().note_color(self.index, 100, is_selected=True)
        painter.setBrush(faint(color, 0.35 if is_muted else 1.0))
        painter.drawRoundedRect(QRectF(5, 8, 3, self.height() - 16), 1.5, 1.5)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._wishes.selected.emit(self.index)
        if event.button() == Qt.MouseButton.RightButton:
            menu = QMenu(self)
            self._fill_outputs(add_menu(menu, self.tr("Play through")))
            add_line(menu, self.tr("Rename")).triggered.connect(calling(self.start_renaming))
            remove = add_line(menu, self.tr("Remove the track"))
            remove.triggered.connect(calling(self._emit_index, self._wishes.removal_wanted))
            menu.aboutToHide.connect(menu.deleteLater)
            menu.popup(event.globalPosition().toPoint())

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        self.start_renaming()

    def start_renaming(self) -> None:
        if self._track is None:
            return
        fill_field(self.editor, self._track.name)
        self.name.hide()
        self.editor.show()
        self.editor.selectAll()
        self.editor.setFocus()

    def open_instruments(self) -> None:
        """Opens the menu of instruments, with its first entry chosen for the keyboard."""
        menu = self.instrument.menu()  # its own showMenu would wait until it closes
        menu.popup(self.instrument.mapToGlobal(self.instrument.rect().bottomLeft()))
        menu.setActiveAction(menu.actions()[0])

    def end_renaming(self) -> None:
        """Takes over what was typed, if anything was."""
        if not self.editor.isHidden():
            self.editor.hide()
            self.name.show()
            if self.editor.isModified():  # what a field cannot hold, such as 40,000 letters, stays as it is
                self._wishes.renamed.emit(self.index, self.editor.text())

    def forget_typing(self) -> None:
        self.editor.setModified(False)  # Qt's method
        self.end_renaming()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.editor.isVisible():
            self.forget_typing()
            return
        super().keyPressEvent(event)

    def _fill_outputs(self, menu: QMenu) -> None:
        """What plays the whole song, or a port of the track's own; a chosen one that is not there is shown, too."""
        chosen = self._track.output_port if self._track is not None else None
        ports = [*self.outputs, *([chosen] if chosen is not None and chosen not in self.outputs else [])]
        self._add_output(menu, self.tr("What plays the song"), None)
        for port in ports:
            words = (
                literal(port) if port in self.outputs else self.tr("{port} (not connected)").format(port=literal(port))
            )
            self._add_output(menu, words, port)
        if not ports:
            add_line(menu, self.tr("No MIDI port is there")).setEnabled(False)

    def _add_output(self, menu: QMenu, text: str, port: str | None) -> None:
        is_chosen = self._track is not None and port == self._track.output_port
        add_option(menu, text, calling(self._wishes.output_chosen.emit, self.index, port), is_chosen=is_chosen)

    def _fill_programs(self, menu: QMenu) -> None:
        menu.clear()
        for family, (title, _names) in enumerate(FAMILIES):
            family_menu = add_menu(menu, translate("Instruments", title))
            for program, name in enumerate(instrument_names(family), PROGRAMS * family):
                is_chosen = self._track is not None and program == self._program
                chosen = calling(self._wishes.program_chosen.emit, self.index, program)
                add_option(family_menu, name, chosen, is_chosen=is_chosen)
