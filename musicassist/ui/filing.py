"""The commands on files: new, open, save, export, recent ones."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu

from musicassist.disk import is_there, mark_of
from musicassist.document.document import DocumentChange
from musicassist.document.edits import on_the_grid
from musicassist.document.keeping import Keeping
from musicassist.document.opening import OpenedFile, open_file
from musicassist.document.project_file import SUFFIX, OpenedProject, ProjectFile, is_project
from musicassist.document.saving import MAX_FILE_BYTES
from musicassist.errors import MusicAssistError
from musicassist.midi import ImportedSong, read_song
from musicassist.resources import demo_song
from musicassist.session.sound_choices import sound_settings
from musicassist.settings import with_recent_file
from musicassist.sound.loop_render import LoopSpan, render_loop
from musicassist.sound.render import RenderedAudio, render_audio
from musicassist.ui.actions import calling
from musicassist.ui.background import BackgroundTasks, DiskWatch
from musicassist.ui.dialogs import MIDI_FILTER, SAVE_FILTER, SONG_FILTER, ask_what_to_open, ask_where_to_write
from musicassist.ui.foreign_text import add_line, literal, words_of
from musicassist.ui.music_in import MusicIn
from musicassist.ui.music_out import MusicOut
from musicassist.ui.project_losses import unsaved_words
from musicassist.ui.saving import Saving
from musicassist.ui.strips import INFO, WARNING, Notice
from musicassist.ui.window_commands import BarOne
from musicassist.ui.workspace import Workspace

SHOWN_WARNINGS = 3
AUDIO_FILTER = "WAV (*.wav);;FLAC (*.flac);;OGG Vorbis (*.ogg)"
Proceed = Callable[[], None]


class FileCommands(QObject):
    """Files in and out. The document that is open is never lost by opening another."""

    def __init__(self, workspace: Workspace, watch: DiskWatch, keeping: Keeping) -> None:
        super().__init__(workspace.window)
        self._workspace = workspace
        self._session = workspace.session
        self._document = workspace.session.document
        self._watch, self._keeping = watch, keeping
        self._reading: Path | None = None
        self._once_open: Proceed | None = None
        self._left_song = self._document.song
        self._rendering = BackgroundTasks(workspace.window)  # its own: it takes minutes, and files are opened meanwhile
        self.saving = Saving(
            workspace,
            watch,
            keeping,
            workspace.window,
            save_as=self.save_as,
            read_again=self.read,
            remember=self._remember,
        )
        self._bar_one = BarOne(workspace)
        self.outgoing = MusicOut(workspace)
        self.incoming = MusicIn(workspace, self.outgoing, self._folder)
        watch.changed.connect(self._on_file_changed)
        self._document.subscribe(self._on_document_changed)

    # Opening

    def last_file(self) -> Path | None:
        """What to open at the start; None without a last file, or where the user wants none."""
        settings = self._workspace.settings
        is_wanted = settings.reopen_last and settings.last_file is not None and is_there(settings.last_file)
        return Path(settings.last_file) if is_wanted and settings.last_file is not None else None

    @property
    def is_last_reopened(self) -> bool:
        return self._workspace.settings.reopen_last

    def toggle_reopening(self) -> None:
        """Opens the last song at the start from now on, or the demo."""
        self._workspace.preferences.change(reopen_last=not self.is_last_reopened)

    def _on_document_changed(self, change: DocumentChange) -> None:
        if change.kind in ("opened", "saved"):
            path = self._document.path
            self._workspace.preferences.change(last_file=str(path.absolute()) if path is not None else None)

    def new(self) -> None:
        self.ask_to_leave(self._start_new, self.tr("Go on without saving"))

    def _start_new(self) -> None:
        self._forget_file()
        self._session.new()
        self._workspace.focus_roll()

    def take_back(self, recover: Proceed) -> None:
        """Shows what a crash left, after asking what shall become of unsaved work."""

        def proceed() -> None:
            self._forget_file()
            recover()
            self._watch.watch(self._document.path)

        self.ask_to_leave(proceed, self.tr("Take it back without saving"))

    def _forget_file(self) -> None:
        """What was said about the file that was open is over."""
        self._watch.forget()
        self._keeping.take(None)
        for key in ("import", "disk", "read_only", "recovery"):
            self._workspace.notices.dismiss(key)

    def open(self) -> None:
        path = ask_what_to_open(self._workspace.window, self.tr("Open a song"), str(self._folder()), SONG_FILTER)
        if path is not None:
            self.open_path(path)

    def open_path(self, path: Path) -> None:
        """Opens a file, after asking what shall become of unsaved work."""
        project = self._keeping.project
        if project is not None and project.path.resolve() == path.resolve():
            self._workspace.report(self.tr("{name} is open already."), name=path.name)
            return
        self.ask_to_leave(lambda: self.read(path), self.tr("Open without saving"))

    def open_demo(self) -> None:
        """The tune that comes with the program; as a song of its own, so that saving asks for a place."""
        self.ask_to_leave(self.show_demo, self.tr("Open without saving"))

    def show_demo(self) -> None:
        """Opens the demo at once; it is small and ours, so no child process reads it."""
        try:
            self._show(read_song(demo_song()), None)
            self._workspace.notices.dismiss("demo")
        except MusicAssistError as error:
            self._workspace.warn("demo", error)

    def read(self, path: Path) -> None:
        """Reads a file in the background and shows it; until then one works on, and is asked about that then."""
        self._reading, self._once_open, self._left_song = path, None, self._document.song
        self._workspace.report(self.tr("Opening {name}…"), name=path.name)

        def read() -> OpenedFile:
            return open_file(path, is_cancelled=lambda: self._workspace.tasks.is_closed)

        self._workspace.tasks.start(read, partial(self._on_read, path), partial(self._on_read_failure, path))

    def _on_read(self, path: Path, opened: OpenedFile) -> None:
        if self._reading != path:
            opened.leave()
            return
        self._reading = None
        self._session.settle()
        if self._document.song is self._left_song:
            self._show_read(path, opened)
        else:
            self._workspace.say("")
            opened.leave()  # nobody knows when that is answered
            again = self.read if opened.project is not None else lambda _path: self._show_read(path, opened)
            self.ask_to_leave(lambda: again(path), self.tr("Open without saving"))

    def _show_read(self, path: Path, opened: OpenedFile) -> None:
        if opened.project is not None:
            self._show_project(path, opened.project)
            self._after_opening(opened.imported, path)
        else:
            self._show(opened.imported, path, opened.mark)
            self._watch.watch(path)
        one, more = self.tr("{name}: {count} note"), self.tr("{name}: {count} notes")
        count = opened.imported.song.note_count
        self._workspace.report(one if count == 1 else more, name=path.name, count=count)
        self._remember(path)
        if self._once_open is not None:
            self._once_open()

    def _show_project(self, path: Path, opened: OpenedProject) -> None:
        """Each edit goes into it from now on, if no other window has it."""
        self._forget_file()
        if opened.lock is not None:
            self._keeping.take(ProjectFile(path, opened))
        self._session.open_project(opened.read.entry, path, is_kept=opened.lock is not None)
        if opened.obstacle is not None:
            text = words_of(MusicAssistError(opened.obstacle, file=path.name))
            remedies = ((self.tr("Save as…"), self.save_as), (self.tr("Try again"), lambda: self.open_path(path)))
            self._workspace.notify(Notice("read_only", text, INFO, remedies))

    def once_open(self, proceed: Proceed) -> None:
        """Goes on at once, or as soon as the file that is being read is shown; never, if it cannot be."""
        if self._reading is None:
            proceed()
            return
        self._once_open = proceed
        self._workspace.report(
            self.tr("The phrase is continued as soon as {name} is open."), name=literal(self._reading.name)
        )

    def _on_read_failure(self, path: Path, error: MusicAssistError) -> None:
        if self._reading == path:
            self._reading = None
            self._workspace.say("")
        self._workspace.notices.dismiss("import")
        self._workspace.warn("import", error)

    def _show(self, imported: ImportedSong, path: Path | None, mark: str | None = None) -> None:
        self._forget_file()
        self._session.open(imported, path, mark)
        self._after_opening(imported, path)

    def _after_opening(self, imported: ImportedSong, path: Path | None) -> None:
        self._show_warnings(imported, path)
        self._bar_one.offer_for(imported.song)
        self._workspace.focus_roll()

    def _show_warnings(self, imported: ImportedSong, path: Path | None) -> None:
        self._workspace.notices.dismiss("import")
        if not imported.warnings:
            return
        said = [words_of(warning) for warning in imported.warnings]
        shown = " ".join(said[:SHOWN_WARNINGS])
        more = len(said) - SHOWN_WARNINGS
        if more > 0:
            shown += " " + self.tr("And {count} more.").format(count=more)
        text = f"{literal(path.name)}: {shown}" if path is not None else shown
        self._workspace.notify(Notice("import", text, WARNING, details="\n".join(said)))

    def ask_to_leave(self, proceed: Proceed, without_saving: str) -> None:
        """Goes on at once if nothing would be lost, else asks in the strip above the roll; a recording ends."""
        self._session.settle()

        def leave() -> None:
            if self._session.input.is_recording:  # since it was asked
                self.ask_to_leave(proceed, without_saving)
            else:
                proceed()

        if self.saving.is_busy:
            self.saving.once_done(lambda: self.ask_to_leave(proceed, without_saving), leave, without_saving)
            return
        text = unsaved_words(self._document)
        if not text:
            proceed()
            return
        remedies = ((self.tr("Save first"), lambda: self._save_then(proceed, without_saving)), (without_saving, leave))
        self._workspace.notices.ask(Notice("unsaved", text, WARNING, remedies))

    def _save_then(self, proceed: Proceed, without_saving: str) -> None:
        """What is edited while it is saved is asked about again."""
        self._session.settle()
        path = None if self._document.is_read_only else self._document.path
        self._save(path, once_saved=lambda: self.ask_to_leave(proceed, without_saving))

    # Saving

    def save(self) -> None:
        """Saves where the file came from; a new song asks where."""
        self._save(None if self._document.is_read_only else self._document.path)

    def save_as(self) -> None:
        self._save(None)

    def _save(self, path: Path | None, *, once_saved: Proceed | None = None) -> None:
        chosen = self._ask_where(self.tr("Save as"), self._usual_end(), SAVE_FILTER) if path is None else None
        target = path or chosen
        if target is not None:
            self.saving.save(target, once_saved=once_saved, is_chosen=chosen is not None)

    def _usual_end(self) -> str:
        """A song from a MIDI file goes into one, unless something else is chosen."""
        path = self._document.path
        return SUFFIX if path is None or is_project(path) else ".mid"

    def export_midi(self) -> None:
        path = self._ask_where(self.tr("Export MIDI"), ".mid", MIDI_FILTER)
        if path is not None:
            self.saving.export(path)

    def export_on_grid(self) -> None:
        """Writes a copy for notation: every note on the line that it is meant for."""
        end = self.tr(" on the grid") + ".mid"  # not the song's own name, which is refused
        path = self._ask_where(self.tr("Export MIDI on the grid"), end, MIDI_FILTER)
        if path is not None:
            self.saving.export(path, on_the_grid)

    def export_audio(self) -> None:
        """Renders in the background what playback would sound."""
        path = self._ask_where(self.tr("Export audio"), ".wav", AUDIO_FILTER)
        if path is not None:
            self.render(path)

    def export_loop(self) -> None:
        """Renders the loop, the bars of the selection, or the whole song as audio that repeats without a seam."""
        path = self._ask_where(self.tr("Export audio as a loop"), self.tr(" loop") + ".wav", AUDIO_FILTER)
        if path is not None:
            self.render_loop(path)

    def render(self, path: Path) -> None:
        """Starts to render the song as it is now; a notice stands while it works."""
        song = self._document.song

        def written(_audio: RenderedAudio) -> str:
            return self.tr("Exported {name}.").format(name=literal(path.name))

        self._start_rendering(path, partial(render_audio, song, path), written)

    def render_loop(self, path: Path) -> None:
        """The same with what would be repeated now."""
        song, (from_tick, to_tick) = self._document.song, self._session.span_to_repeat()
        position = song.time_map.position

        def written(audio: RenderedAudio) -> str:
            words = self.tr("Exported {name}: from {start} to {end}, {seconds} s, exactly {count} samples.")
            start, end = (".".join(map(str, position(tick)[:2])) for tick in (from_tick, to_tick))
            name, seconds = literal(path.name), f"{audio.seconds:.3f}"
            return words.format(name=name, start=start, end=end, seconds=seconds, count=audio.frames)

        self._start_rendering(path, partial(render_loop, LoopSpan(song, from_tick, to_tick), path), written)

    def _start_rendering(
        self, path: Path, render: Callable[..., RenderedAudio], written: Callable[[RenderedAudio], str]
    ) -> None:
        sound = sound_settings(self._workspace.settings)
        text = self.tr("Rendering {name}…").format(name=literal(path.name))
        stopped = threading.Event()
        self._workspace.notify(Notice("render", text, INFO, ((self.tr("Stop"), stopped.set),)))

        def is_cancelled() -> bool:
            return stopped.is_set() or self._rendering.is_closed

        def done(audio: RenderedAudio) -> None:
            self._workspace.notices.dismiss("render")
            self._workspace.say(written(audio))

        def failed(error: MusicAssistError) -> None:
            if stopped.is_set():
                self._workspace.report(self.tr("{name} was not written."), name=path.name)
            else:
                self._workspace.warn("render", error)

        self._rendering.start(
            lambda: render(soundfont=sound.soundfont, tone=sound.tone, is_cancelled=is_cancelled), done, failed
        )

    def close(self) -> bool:
        """Ends what is being written; an audio file that is not complete goes. Whether it ended in time."""
        return all([self._rendering.close(), self.saving.close()])

    # Recent files, other programs

    def fill_recent(self, menu: QMenu) -> None:
        menu.clear()
        for name in self._workspace.settings.recent_files:
            action = add_line(menu, Path(name).name, tip=name)
            action.triggered.connect(calling(self.open_path, Path(name)))
        menu.setEnabled(bool(self._workspace.settings.recent_files))

    def _remember(self, path: Path) -> None:
        self._workspace.preferences.replace(with_recent_file(self._workspace.settings, path))

    def _on_file_changed(self, path: Path) -> None:
        """Something touched it: told only where the content is another one, and was not written by us."""
        known = self._document.file_mark

        def tell(mark: str | None) -> None:
            document = self._document
            if path == document.path and known == document.file_mark and (mark != known or known is None):
                self._tell_change(path)

        self._workspace.tasks.start(lambda: mark_of(path, MAX_FILE_BYTES), tell, lambda _error: None)

    def _tell_change(self, path: Path) -> None:
        if not is_there(path):
            text = self.tr("{name} was moved or deleted by another program. Saving writes it again.").format(
                name=literal(path.name)
            )
            self._workspace.notices.dismiss("overwrite")  # nothing is there that could be kept or opened
            self._workspace.notify(Notice("disk", text, WARNING))
            return
        text = self.tr("{name} was changed by another program.").format(name=literal(path.name))
        remedies = (
            (self.tr("Open the new version"), lambda: self.read(path)),
            (self.tr("Keep mine"), self.saving.keep_mine),
        )
        self._workspace.notify(Notice("disk", text, WARNING, remedies))

    def _folder(self) -> Path:
        """Where the song lies, else where the last one did."""
        path = self._document.path
        recent = self._workspace.settings.recent_files
        return path.parent if path is not None else Path(recent[0]).parent if recent else Path.home()

    def _ask_where(self, title: str, end: str, kinds: str) -> Path | None:
        path = self._document.path
        stem = path.stem if path is not None else self.tr("Untitled")
        suggested = self._folder() / f"{stem}{end}"
        return ask_where_to_write(self._workspace.window, title, suggested, kinds)
