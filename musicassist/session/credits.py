"""The credits page of a project: what was asked, offered, kept and edited, and whose music the models learned from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from musicassist.composing.take_plan import in_english as plan_in_english
from musicassist.disk import replace_whole
from musicassist.document.pages import Pages, under
from musicassist.errors import QT_TRANSLATE_NOOP, SaveError
from musicassist.models.cards import ModelCard
from musicassist.score.song import Notes, Song
from musicassist.session.shelf_pages import shelved_of
from musicassist.session.stories import Story, earlier, story_at
from musicassist.session.story_words import UNTOLD, bar_words, edits_since, in_english, regions, story_words
from musicassist.terminal import counted

PICTURE_PX = (640, 96)
MAX_PICTURED = 2000  # LIMIT: notes of one picture
_NOTE_PX = 3
_STYLE = (
    "body{font:15px/1.5 sans-serif;max-width:720px;margin:2em auto;padding:0 1em;color:#1d2026;background:#fff}"
    "h1{font-size:1.5em}h2{font-size:1.1em;margin-top:2em}p{margin:.3em 0}.second{color:#5c6470}"
    "svg{width:100%;height:auto;background:#f6f6f3;border-radius:6px}.kept{fill:#0d8a74}.other{fill:#d9822b}"
    ".gone{fill:none;stroke:#5c6470}"
)


@dataclass(frozen=True, eq=False)
class KeptBars:
    """Some bars that a take was kept in.

    Attributes:
        title: Which bars of which track.
        words: What is told of them.
        then, now: Their notes as they were kept and as they are, from the beginning of the bars on; none where nobody
            knows.
        ticks: How long the bars are.
    """

    title: str
    words: str
    then: Notes
    now: Notes
    ticks: int


@dataclass(frozen=True, eq=False)
class Credits:
    """What the page says.

    Attributes:
        title: Of the song.
        summary: What was asked, offered, kept and edited, in a sentence each.
        bars: All bars that takes were kept in.
        licences: For each model that composed some of them, what its card says; None where the card is not installed.
    """

    title: str
    summary: tuple[str, ...]
    bars: tuple[KeptBars, ...]
    licences: tuple[tuple[str, tuple[str, ...] | None], ...]


def credits_of(title: str, song: Song, pages: Pages, cards: Sequence[ModelCard]) -> Credits:
    """What is to be said of a song. Any thread.

    Args:
        title: What the song is called.
        song: The music.
        pages: What is kept beside it.
        cards: Of the models that are installed.
    """
    bars, models, notes, edited = [], [], 0, 0
    for index, origin in regions(song):
        track, story = song.tracks[index], story_at(pages, origin)
        which = in_english((bar_words(song.time_map, origin.from_tick, origin.to_tick),))
        name = f"{which} of {track.name or f'track {index + 1}'}"
        now = track.notes.where(track.notes.starting_between(origin.from_tick, origin.to_tick))
        now, ticks = earlier(now, origin.from_tick), origin.to_tick - origin.from_tick
        if story is None:
            bars.append(KeptBars(name, UNTOLD, Notes.of(), now, ticks))
            continue
        edits = edits_since(story, origin, track.notes)
        notes, edited = notes + edits.count, edited + edits.edited + edits.removed
        start = origin.from_tick - origin.shift_ticks
        then = story.written.where(story.written.starting_between(start, start + ticks))
        bars.append(KeptBars(name, _told(story, edits.words), earlier(then, start), now, ticks))
        if story.facts.model:
            models.append(story.facts.model)
    known = {card.name: card.licences for card in cards}
    licences = tuple((model, known.get(model)) for model in dict.fromkeys(models))
    return Credits(title, _summary(pages, len(bars), notes, edited), tuple(bars), licences)


def _told(story: Story, edits: Sequence[tuple[str, object]]) -> str:
    facts = story.facts
    said = [in_english(story_words(story))]
    said += [facts.title] if facts.title else []
    said += [plan_in_english(facts.plan.words)] if facts.plan is not None else []
    said.append(in_english(edits))  # type: ignore[arg-type]
    return "; ".join(said)


def _summary(pages: Pages, kept: int, notes: int, edited: int) -> tuple[str, ...]:
    asked = offered = 0
    for page in under(pages, "shelf").values():
        try:
            offer = shelved_of(page).offer
        except ValueError:  # a damaged one is not counted
            continue
        asked, offered = asked + 1, offered + len(offer.takes)
    said = (
        [f"Asked {counted(asked, 'time', 'times')}, {counted(offered, 'take was', 'takes were')} offered."]
        if asked
        else []
    )
    said.append(f"{counted(kept, 'stretch of bars comes', 'stretches of bars come')} from takes.")
    if notes:
        said.append(f"{edited} of their {counted(notes, 'note', 'notes')} edited or removed since.")
    return tuple(said)


def as_text(page: Credits) -> str:
    """The page as plain text."""
    lines = [f"Credits of {page.title}", "", *page.summary, ""]
    for bars in page.bars:
        lines += [bars.title, f"  {bars.words}", ""]
    lines += ["What the models learned from", ""]
    for model, licences in page.licences:
        lines += [model, *(f"  {line}" for line in _licence_lines(licences)), ""]
    return "\n".join(lines) + "\n"


def as_html(page: Credits) -> str:
    """The page as one file of HTML, with pictures in it and nothing that runs or is fetched."""
    title = escape(f"Credits of {page.title}")
    parts = [
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>',
        f"<style>{_STYLE}</style></head><body><h1>{title}</h1>",
        *(f"<p>{escape(line)}</p>" for line in page.summary),
    ]
    for bars in page.bars:
        parts.append(f'<h2>{escape(bars.title)}</h2>{_picture(bars)}<p class="second">{escape(bars.words)}</p>')
    parts.append("<h2>What the models learned from</h2>")
    for model, licences in page.licences:
        rows = "".join(f"<li>{escape(line)}</li>" for line in _licence_lines(licences))
        parts.append(f"<p>{escape(model)}</p><ul>{rows}</ul>")
    return "\n".join([*parts, "</body></html>"]) + "\n"


def _licence_lines(licences: tuple[str, ...] | None) -> tuple[str, ...]:
    return ("This model is not installed here, so its card cannot be read.",) if licences is None else licences


def _picture(bars: KeptBars) -> str:
    """A small piano roll: kept notes, edited or new ones in another colour, and an outline where one was before."""
    is_kept = bars.now.among(bars.then) if len(bars.then) else bars.now.start_tick < 0
    gone = bars.then.where(~bars.then.among(bars.now))
    rows = [(note, "kept" if own else "other") for note, own in zip(bars.now, is_kept.tolist(), strict=True)]
    rows += [(note, "gone") for note in gone]
    rows = rows[:MAX_PICTURED]
    if not rows:
        return ""
    low, high = min(note.pitch for note, _ in rows), max(note.pitch for note, _ in rows)
    width, height = PICTURE_PX
    step = (height - 4 * _NOTE_PX) / max(1, high - low)
    boxes = "".join(
        f'<rect class="{kind}" x="{note.start_tick * width / bars.ticks:.1f}" '
        f'y="{_NOTE_PX + (high - note.pitch) * step:.1f}" '
        f'width="{max(1.0, note.duration_ticks * width / bars.ticks - 1):.1f}" height="{2 * _NOTE_PX}" rx="1"/>'
        for note, kind in rows
    )
    label = escape(f"The notes of {bars.title}", quote=True)
    return f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{label}">{boxes}</svg>'


def write_credits(page: Credits, path: Path) -> None:
    """Writes the page, as text where the file is called ``.txt``, else as HTML. Any thread.

    Raises:
        SaveError: It could not be written; an old file is as it was.
    """
    words = as_text(page) if path.suffix.lower() == ".txt" else as_html(page)
    try:
        replace_whole(path, words.encode("utf-8", "replace"))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SaveError(
            QT_TRANSLATE_NOOP("Errors", "{file} could not be saved: {reason}."), file=path.name, reason=reason
        ) from error
