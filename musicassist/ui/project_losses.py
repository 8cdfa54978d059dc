"""What a project holds and no MIDI file does, and what is lost where nothing is saved, in words."""

from __future__ import annotations

from musicassist.document.document import Document
from musicassist.document.pages import Pages, under
from musicassist.errors import QT_TRANSLATE_NOOP
from musicassist.ui.foreign_text import translate

# Folders of pages, and what lies in them; ``view`` and the undo list are worth a word only beside these.
_FOLDERS = {
    "shelf": QT_TRANSLATE_NOOP("Losses", "offers in the shelf ({count})"),
    "versions": QT_TRANSLATE_NOOP("Losses", "versions ({count})"),
    "made": QT_TRANSLATE_NOOP("Losses", "where bars come from ({count})"),
}
_OTHERS = QT_TRANSLATE_NOOP("Losses", "other things beside the song ({count})")
_MIXER = QT_TRANSLATE_NOOP("Losses", "mute and solo")
_UNDO = QT_TRANSLATE_NOOP("Losses", "what can be undone, and how it is shown")


def unsaved_words(document: Document) -> str:
    """What is lost where the song is left as it is; empty for nothing."""
    if document.is_modified:
        return translate("Losses", "There is work that is not saved.")
    lost = pages_in_words(document.unsaved_pages)
    words = translate("Losses", "The music is as it was saved, but no file holds: {what}.")
    return words.format(what=", ".join(lost)) if lost else ""


def pages_in_words(pages: Pages) -> list[str]:
    """What lies beside a song, but for how it is shown."""
    rest = len([name for name in pages if name != "view"])
    lost = []
    for folder, words in _FOLDERS.items():
        count = len(under(pages, folder))
        rest -= count
        if count:
            lost.append(translate("Losses", words).format(count=count))
    if rest:
        lost.append(translate("Losses", _OTHERS).format(count=rest))
    return lost


def losses_beside(document: Document) -> tuple[str, ...]:
    """What saving as MIDI leaves out besides what it loses of the song, in words for a list."""
    lost = pages_in_words(document.pages)
    if not lost:
        return ()
    if any(track.muted or track.soloed for track in document.song.tracks):
        lost.append(translate("Losses", _MIXER))
    return (*lost, translate("Losses", _UNDO))
