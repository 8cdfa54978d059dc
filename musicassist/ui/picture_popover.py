"""Fit to picture: when the music ends and which times are accented; says what that makes of tempo and bars first."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QDoubleSpinBox, QLineEdit, QSpinBox

from musicassist.errors import MusicAssistError
from musicassist.score.hit_points import (
    MAX_CHANGE_SHARE,
    MOST_CHANGE_SHARE,
    Fit,
    HitPoints,
    parsed_time,
    spoken_time,
)
from musicassist.score.timing import spoken_bpm
from musicassist.ui.dialogs import Popover
from musicassist.ui.foreign_text import PlainLabel, counted, fill_field, set_name, set_placeholder, set_tip, words_of
from musicassist.ui.theme import SMALL_PX, text_font
from musicassist.ui.transport_bar import TEXT_MARGINS_PX
from musicassist.ui.workspace import Workspace

REST_MS = 120  # while somebody types
MAX_BARS = 9_999
WIDTH_PX = 300
SHOWN_TEMPOS = 4


class PicturePopover(Popover):
    """The fields, and beneath them what a press would do. Its button waits until the times can be met.

    Attributes:
        end, accents, bars, most_change: The fields.
        outcome: What a press would do, or what stands against it.
    """

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace.window)
        self._workspace, self._picture = workspace, workspace.session.picture
        self._fit: Fit | None = None
        self._asked: HitPoints | None = None
        self.end, self.accents = QLineEdit(), QLineEdit()
        self.bars = QSpinBox(minimum=0, maximum=MAX_BARS)
        self.most_change = QDoubleSpinBox(minimum=0.0, maximum=100 * MAX_CHANGE_SHARE, decimals=0)
        self.outcome = PlainLabel(look="second")
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._lay_out()
        self._rest.timeout.connect(self._ask)
        for field in (self.end, self.accents):
            field.textChanged.connect(self._on_changed)
        for box in (self.bars, self.most_change):
            box.valueChanged.connect(self._on_changed)
        self._on_changed()
        self.end.setFocus()
        self.end.selectAll()

    def _lay_out(self) -> None:
        self.set_title(self.tr("Fit to picture"))
        fill_field(self.end, spoken_time(self._picture.end_seconds))
        set_placeholder(self.accents, "0:12.5, 0:20")
        self.bars.setSpecialValueText(self.tr("as they fit"))
        self.most_change.setValue(100 * MOST_CHANGE_SHARE)
        self.most_change.setSuffix(" %")
        tips = (
            (self.end, self.tr("Ends at"), self.tr("When the last bar ends, in minutes and seconds.")),
            (self.accents, self.tr("Accents at"), self.tr("Times on which a beat falls, with commas between them.")),
            (self.bars, self.tr("Bars"), self.tr("How many bars the music takes.")),
            (self.most_change, self.tr("Tempo within"), self.tr("How far any tempo may be from the song's own.")),
        )
        for field, name, tip in tips:
            set_name(field, name)
            set_tip(field, tip)
        self.form.addRow(self.tr("Ends at"), self.end)
        self.form.addRow(self.tr("Accents at"), self.accents)
        self.form.addRow(self.tr("Bars"), self.bars)
        self.form.addRow(self.tr("Tempo within"), self.most_change)
        for box in (self.bars, self.most_change):
            box.lineEdit().setTextMargins(*TEXT_MARGINS_PX)
        self.outcome.setWordWrap(True)
        self.outcome.setFont(text_font(SMALL_PX))
        self.outcome.setFixedWidth(WIDTH_PX)
        self.form.addRow(self.outcome)

    @property
    def is_ready(self) -> bool:
        """Whether a press would fit the song."""
        return self._fit is not None

    def apply(self) -> None:
        if self._fit is not None:
            self._picture.apply(self._fit)
            self._workspace.report(self.tr("The music ends at {end}. {undo} takes it back."), end=self._end_words())

    def _end_words(self) -> str:
        return spoken_time(self._fit.end.wanted_seconds) if self._fit is not None else ""

    def _on_button_clicked(self) -> None:
        if self.is_ready:
            super()._on_button_clicked()

    def _on_changed(self, _value: object = None) -> None:
        self._settle(None, "")
        self._asked = None
        self._rest.start()

    def _settle(self, fit: Fit | None, words: str) -> None:
        self._fit = fit
        self.button.setEnabled(fit is not None)
        set_tip(self.button, "" if fit is not None else words)
        if words:
            self.outcome.show_text(words)
            self.adjustSize()

    def _ask(self) -> None:
        """Looks in the background how the times could be met."""
        try:
            end = parsed_time(self.end.text())
            accents = tuple(map(parsed_time, filter(str.strip, self.accents.text().split(","))))
        except ValueError:
            self._settle(None, self.tr("Write times as 0:30.5, with commas between accents."))
            return
        points = HitPoints(end, accents, self.bars.value() or None, self.most_change.value() / 100)
        self._asked, picture = points, self._picture

        def met(fit: Fit) -> None:
            if self._asked is points:
                self._settle(fit, self._words(fit))

        def unmet(error: MusicAssistError) -> None:
            if self._asked is points:
                self._settle(None, words_of(error))

        self._workspace.tasks.start(lambda: picture.fit(points), met, unmet)

    def _words(self, fit: Fit) -> str:
        """What the song becomes, in lines."""
        own, time_map = self._picture.own_bars, self._workspace.session.document.song.time_map
        tempos = [f"{spoken_bpm(change.tempo_bpm):.4g}" for change in fit.tempo_changes]
        if len(tempos) > SHOWN_TEMPOS:
            tempos = [*tempos[: SHOWN_TEMPOS - 1], "…", tempos[-1]]
        one, more = self.tr("{bars} bar at {tempo} bpm"), self.tr("{bars} bars at {tempo} bpm")
        lines = [(one if fit.bars == 1 else more).format(bars=fit.bars, tempo=" · ".join(tempos))]
        if fit.bars < own:
            lines.append(self.tr("What stands behind bar {bar} goes.").format(bar=time_map.bar_number(fit.bars - 1)))
        elif fit.bars > own:
            one, more = (
                self.tr("{count} bar is still to be written: continue the phrase."),
                self.tr("{count} bars are still to be written: continue the phrase."),
            )
            lines.append(counted(fit.bars - own, one, more))
        for hit in (*fit.accents, fit.end):
            bar, beat, _ = time_map.position(hit.tick)
            place = self.tr("{time}: bar {bar}, beat {beat}, off by {off} ms")
            time = spoken_time(hit.wanted_seconds)
            lines.append(place.format(time=time, bar=bar, beat=beat, off=f"{abs(hit.off_ms):.1f}"))
        return "\n".join(lines)
