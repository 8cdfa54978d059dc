"""The words for what a take shares with the training music."""

from __future__ import annotations

import pytest

from musicassist.composing.originality import Evidence, SharedRun

RUN = SharedRun("The Mill", "Nobody", "made", 5, 6, from_note=3, notes=7, aligned_notes=11)
UNNAMED = SharedRun("POP909, piece 12", "", "", 4, 4, from_note=0, notes=12, aligned_notes=12)
SHARED = "longest run shared with the training music: "


@pytest.mark.parametrize(
    ("evidence", "words"),
    [
        (Evidence(30, 0, 9), "shares no run of notes with the training music; 95 % of human pieces share up to 9"),
        (
            Evidence(30, 7, 9, (RUN,), 1),
            f"{SHARED}7 notes, “The Mill” (Nobody), bars 5-6; 95 % of human pieces share up to 9",
        ),
        (
            Evidence(30, 7, 9, (RUN,), 4),
            f"{SHARED}7 notes, “The Mill” (Nobody), bars 5-6, and in 3 more; 95 % of human pieces share up to 9",
        ),
        (
            Evidence(30, 12, 9, (UNNAMED,), 1),
            f"{SHARED}12 notes, POP909, piece 12, bar 4; 95 % of human pieces share up to 9",
        ),
    ],
)
def test_all_of_it_in_words(evidence: Evidence, words: str) -> None:
    assert evidence.in_english() == words


def test_it_is_above_the_line_where_it_shares_more_than_is_usual() -> None:
    assert [Evidence(30, run, 9).is_above for run in (0, 8, 9, 10)] == [False, False, False, True]


@pytest.mark.parametrize(
    ("evidence", "words"),
    [
        (Evidence(30, 0, 9), "shares no run of notes with the training music"),
        (Evidence(30, 7, 9, (RUN,), 1), "shares 7 notes with “The Mill” (Nobody) (usual: up to 9)"),
        (Evidence(30, 12, 9, (UNNAMED,), 1), "shares 12 notes with POP909, piece 12: more than usual (9)"),
    ],
)
def test_a_few_words_for_a_row(evidence: Evidence, words: str) -> None:
    template, values = evidence.short_words
    assert template.format(**values) == words


def test_as_plain_values() -> None:
    page = Evidence(30, 7, 9, (RUN,), 1).as_json()
    assert (page["longest_run_notes"], page["usual_notes"], page["is_above_usual"]) == (7, 9, False)
    assert page["shared"] == [
        {
            "piece": "The Mill", "composer": "Nobody", "collection": "made", "from_bar": 5, "to_bar": 6,
            "from_note": 4, "notes": 7, "aligned_notes": 11,
        }
    ]  # fmt: skip
