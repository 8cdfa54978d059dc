"""What a project holds and no MIDI file does, in words."""

from __future__ import annotations

from musicassist.document.document import Document
from musicassist.document.pages import under
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


def losses_beside(document: Document) -> tuple[str, ...]:
    """What saving as MIDI leaves out besides what it loses of the song, in words for a list."""
    rest = len([name for name in document.pages if name != "view"])
    lost = []
    for folder, words in _FOLDERS.items():
        count = len(under(document.pages, folder))
        rest -= count
        if count:
            lost.append(translate("Losses", words).format(count=count))
    if rest:
        lost.append(translate("Losses", _OTHERS).format(count=rest))
    if not lost:
        return ()
    if any(track.muted or track.soloed for track in document.song.tracks):
        lost.append(translate("Losses", _MIXER))
    return (*lost, translate("Losses", _UNDO))
