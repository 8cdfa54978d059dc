"""No sentence says "1 notes": where something may be one, there is a form for one beside the form for several."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import musicassist

PACKAGE = Path(musicassist.__file__).parent
MARKS = {"tr": 0, "translate": 1, "QT_TRANSLATE_NOOP": 1}  # which of its arguments is the text
# "1 notes", "1 of 1 notes", "1 selected notes", "bars 1-1"; not "bar 1 goes", "1 ms".
NOT_COUNTED = r"(?!(?:is|as|was|ms|plays|begins|writes|composes)\b)"
OF_WHAT_KIND = "(?:bad|broken|earlier|foreign|ghost|metric|other|quarter|rough|selected) "
WRONG = re.compile(
    rf"(?<!bar )(?<!take )\b1 (?:of 1 )?(?:{OF_WHAT_KIND})?{NOT_COUNTED}[a-z]+s\b|\b1(?:-| to )1\b", re.I
)
OF_MUSIC = re.compile(r"\} (?:notes|bars|beats|takes|tracks|pieces|semitones)\b")
FIELD = re.compile(r"\{(\w+)[^}]*\}")
# What fills these fields is a name, or words, or a number that is never 1.
NAMES = {
    *(
        "able",
        "accept",
        "again",
        "audition",
        "record",
        "capture",
        "control",
        "dismiss",
        "driver",
        "file",
        "font",
        "instrument",
        "key",
        "keys",
        "model",
        "name",
    ),
    *("names", "piece", "point", "ports", "program", "reason", "saved", "track", "undo", "verb", "what", "chord"),
    *("chords", "end", "accent", "note", "before", "quantise", "time", "start", "to", "range", "folder", "pieces"),
}
LIMITS = {"limit", "seconds", "hours", "most", "semitones"}
SEVERAL = {  # a text, or how it begins, and why what it counts is never 1
    "{count} of {all} notes on beats are tones of {chords}.": "MIN_BEAT_NOTES of them at least, nearly all fit",
    "Chord tones on {count} of {all} metric beats…": "the same",
    "A sequence: the rhythm of bar {bar}, each note {steps} steps…": "there is a tuple for one step",
    "Sequence of bar {bar}, {count} notes, {steps} step…": "there is a tuple for one step, and MIN_SEQUENCE_NOTES",
    "longest run shared with the training music: {notes} notes…": "MIN_RUN_NOTES",
    "shares {notes} notes with {piece}…": "MIN_RUN_NOTES",
    "answers bars {first}-{last}": "there is a table for one bar",
    "repeats bars {first}-{last}": "there is a table for one bar",
    "{count} of {all} notes on beats…": "MIN_BEATS of them at least",
    "Exported {name}: from {start} to {end}…": "a loop has thousands of samples",
    "A MIDI file cannot hold {n} tracks.": "65,535 and more",
    "A MIDI file cannot hold {n} ticks per beat.": "it can hold 1",
    "There can be up to {count} accents.": "a limit",
    "No more than {count} earlier takes can be starred.": "a limit",
    "A song has no more than {count} versions.…": "a limit",
    "{count} takes are on offer.": "some have joined others",
    "continues {count} selected notes": "one selected note is a place, no phrase",
    "{count} notes": "one is told in full, or is no phrase",
    "{count} takes": "a count is left out for one",
    "{beats} beats": "one is called a quarter",
    "{number} voices": "POLYPHONIES",
}


def wrong_plurals(source: str) -> list[tuple[int, str]]:
    """Line and text of what is marked, reads wrongly of one thing, and has no form for one beside it."""
    tree = ast.parse(source)
    parents = {inner: node for node in ast.walk(tree) for inner in ast.iter_child_nodes(node)}
    return sorted(
        (node.lineno, text) for node, text in _marked(tree) if _is_wrong(text) and not _has_form_for_one(node, parents)
    )


def _marked(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    for node in ast.walk(tree):
        text = _text_of(node)
        if text is not None and isinstance(node, ast.Call):
            yield node, text


def _text_of(node: ast.AST) -> str | None:
    """What a mark marks."""
    if not isinstance(node, ast.Call):
        return None
    at = MARKS.get(ast.unparse(node.func).rpartition(".")[2])
    text = node.args[at] if at is not None and len(node.args) > at else None
    return text.value if isinstance(text, ast.Constant) and isinstance(text.value, str) else None


def _is_wrong(text: str) -> bool:
    said = FIELD.sub(lambda field: "X" if field[1] in NAMES | LIMITS else "1", text)
    is_several = any(text == own or (own[-1] == "…" and text.startswith(own[:-1])) for own in SEVERAL)
    return not is_several and WRONG.search(said) is not None


def _has_form_for_one(node: ast.Call, parents: dict[ast.AST, ast.AST]) -> bool:
    """Whether it stands in ``(one, more)``, ``one if count == 1 else more`` or ``counted(count, one, more)``."""
    parent = parents[node]
    if isinstance(parent, ast.IfExp):
        beside = [parent.body if node is parent.orelse else parent.orelse]
    elif isinstance(parent, ast.Tuple) and len(parent.elts) == 2:
        beside = parent.elts[:1]
    elif isinstance(parent, ast.Call) and node in parent.args[1:]:
        beside = [parent.args[parent.args.index(node) - 1]]
    else:
        return False
    texts = [_text_of(own) for own in beside if own is not node]
    return any(text is not None and not _is_wrong(text) for text in texts)


def test_every_count_has_a_form_for_one() -> None:
    wrong = {
        f"{path.relative_to(PACKAGE)}:{line}: {text}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for line, text in wrong_plurals(path.read_text(encoding="utf-8"))
    }
    assert sorted(wrong) == []


def test_the_command_line_counts_by_one_function() -> None:
    """``terminal.counted`` knows the form for one; an f-string does not."""
    wrong = {
        f"{path.relative_to(PACKAGE)}:{node.lineno}: {ast.unparse(node)}"
        for path in sorted((PACKAGE / "cli").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.JoinedStr) and OF_MUSIC.search(ast.unparse(node))
    }
    assert len(wrong) == 2, wrong  # "1 beat" stands beside one, and no leap that is told is of 1 semitone


def test_a_plural_without_a_form_for_one_is_seen() -> None:
    source = "\n".join(
        (
            'self.tr("{count} joins")',
            'one, more = self.tr("{count} note"), self.tr("{count} notes")',
            'self.tr("bars {first}-{last}")',
            'self.tr("bar {first}") if first == last else self.tr("bars {first}-{last}")',
            'counted(n, self.tr("{count} join"), self.tr("{count} joins"))',
            'self.tr("{a} of {b} notes edited")',
            'self.tr("bar {bar} goes, and {name} notes")',
        )
    )
    assert [line for line, _ in wrong_plurals(source)] == [1, 3, 6]
