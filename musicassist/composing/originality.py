"""How new a take is, with evidence: its longest run that stands in the training music, where, and what is usual.

Any music shares short runs with other music. What counts is whether a take shares more than pieces of people do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from musicassist.errors import QT_TRANSLATE_NOOP

Words = tuple[str, Mapping[str, object]]  # a template, and what fills it
_NONE = QT_TRANSLATE_NOOP("Originality", "shares no run of notes with the training music")
_SHARED = {  # by whether it is one bar, and whether other pieces have the run too
    (True, False): QT_TRANSLATE_NOOP(
        "Originality", "longest run shared with the training music: {notes} notes, {piece}, bar {first}"
    ),
    (False, False): QT_TRANSLATE_NOOP(
        "Originality", "longest run shared with the training music: {notes} notes, {piece}, bars {first}-{last}"
    ),
    (True, True): QT_TRANSLATE_NOOP(
        "Originality",
        "longest run shared with the training music: {notes} notes, {piece}, bar {first}, and in {others} more",
    ),
    (False, True): QT_TRANSLATE_NOOP(
        "Originality",
        "longest run shared with the training music: {notes} notes, {piece}, bars {first}-{last}, and in {others} more",
    ),
}
_USUAL = QT_TRANSLATE_NOOP("Originality", "95 % of human pieces share up to {usual}")
_SHORT = QT_TRANSLATE_NOOP("Originality", "shares {notes} notes with {piece} (usual: up to {usual})")
_SHORT_ABOVE = QT_TRANSLATE_NOOP("Originality", "shares {notes} notes with {piece}: more than usual ({usual})")


@dataclass(frozen=True)
class SharedRun:
    """A place of the training music that has notes in common with a take.

    Attributes:
        piece: Its title; of pieces that are never shown by name their collection and number.
        composer: Who wrote it; may be empty.
        collection: The collection that it stands in.
        from_bar, to_bar: The bars of the piece that hold the longest run, as people count them.
        from_note: Which note of the take the longest run begins with, counted from 0.
        notes: How many notes it has.
        aligned_notes: How many notes agree in all where both are laid side by side, also behind notes that differ.
    """

    piece: str
    composer: str
    collection: str
    from_bar: int
    to_bar: int
    from_note: int
    notes: int
    aligned_notes: int

    @property
    def name(self) -> str:
        """What it is called in a sentence."""
        return f"“{self.piece}”" + (f" ({self.composer})" if self.composer else "") if self.collection else self.piece


@dataclass(frozen=True)
class Evidence:
    """What a take has in common with the training music. Fingerprints are compared, so a note may be off by chance.

    Attributes:
        notes: How many notes of the take were looked for, of chords the highest ones.
        longest_notes: Its longest run of intervals and rhythm that stands there; 0 where there is none of five notes.
        usual_notes: 95 % of excerpts of human pieces of that length, which the models have not seen, share no more.
        runs: Places in different pieces, first the one with the longest run, then those with most notes in common.
        pieces: In how many pieces the longest run stands, at least.
    """

    notes: int
    longest_notes: int
    usual_notes: int
    runs: tuple[SharedRun, ...] = ()
    pieces: int = 0

    @property
    def is_above(self) -> bool:
        """Whether it shares more than is usual."""
        return self.longest_notes > self.usual_notes

    @property
    def words(self) -> tuple[Words, ...]:
        """All of it for people: templates of the context "Originality" with what fills them."""
        usual: Words = (_USUAL, {"usual": self.usual_notes})
        if not self.runs:
            return (_NONE, {}), usual
        run = self.runs[0]
        values = {"notes": self.longest_notes, "piece": run.name, "first": run.from_bar, "last": run.to_bar}
        template = _SHARED[run.from_bar == run.to_bar, self.pieces > 1]
        return (template, {**values, "others": self.pieces - 1}), usual

    @property
    def short_words(self) -> Words:
        """The same in a few words."""
        if not self.runs:
            return _NONE, {}
        values = {"notes": self.longest_notes, "piece": self.runs[0].name, "usual": self.usual_notes}
        return (_SHORT_ABOVE if self.is_above else _SHORT), values

    def in_english(self) -> str:
        """The words as the command line says them."""
        return "; ".join(template.format(**values) for template, values in self.words)

    def as_json(self) -> dict[str, object]:
        """Plain values."""
        return {
            "notes": self.notes,
            "longest_run_notes": self.longest_notes,
            "usual_notes": self.usual_notes,
            "is_above_usual": self.is_above,
            "pieces": self.pieces,
            "shared": list(_pages(self.runs)),
        }


def _pages(runs: tuple[SharedRun, ...]) -> Iterator[dict[str, object]]:
    for run in runs:
        yield {
            "piece": run.piece,
            "composer": run.composer,
            "collection": run.collection,
            "from_bar": run.from_bar,
            "to_bar": run.to_bar,
            "from_note": run.from_note + 1,
            "notes": run.notes,
            "aligned_notes": run.aligned_notes,
        }
