"""The words of the command line for tracks and bars."""

from __future__ import annotations

import pytest

from builders import phrase
from musicassist.cli.arguments import bar_count, bar_line, bar_span, track_named
from musicassist.errors import UsageError
from musicassist.score.song import Song, Track

BEAT, BAR = 480, 1920
SONG = Song(tracks=(Track("Bass"), Track(" 2 ", phrase(*(60, 62, 64, 65) * 4, step_ticks=BEAT))))


def test_a_name_comes_before_a_number() -> None:
    assert [track_named(SONG, words) for words in ("bass", "BASS ", "1", "2")] == [0, 0, 0, 1]


def test_a_track_that_is_not_there_is_said_with_those_that_are() -> None:
    with pytest.raises(UsageError, match="1 'Bass', 2 ' 2 '") as error:
        track_named(SONG, "3")
    assert "no track '3'" in str(error.value)


def test_bars_go_from_bar_line_to_bar_line_and_the_last_is_included() -> None:
    assert bar_span(SONG, 1, 2, 3) == (BAR, 3 * BAR)
    assert bar_span(SONG, 1, None, None) == (0, 4 * BAR)
    assert bar_count(SONG, (BAR, 3 * BAR)) == 2


def test_a_song_can_be_gone_on_from_its_end_and_no_further() -> None:
    assert bar_line(SONG, 5) == 4 * BAR
    with pytest.raises(UsageError, match="There is no bar 6: the song ends with bar 4"):
        bar_line(SONG, 6)
