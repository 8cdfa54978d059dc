"""Requests as plain values and back: what was asked, so that it can be asked again in a new process.

Read as one reads a stranger's file. A field that came into the program later takes its default.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from musicassist.composing.request import (
    CHORD_STRENGTHS,
    ENDINGS,
    KEEPS,
    MAX_BARS,
    MAX_TAKES,
    RHYTHMS,
    SCALE_STRENGTHS,
    GenerationRequest,
    Place,
    Wish,
)
from musicassist.score.song import Song
from musicassist.score.theory import SCALES, Chord, chord_steps
from musicassist.values import field_values, plain_fields

MAX_TICK = 2**31 - 1  # LIMIT: as in an opened file


def plain_request(request: GenerationRequest) -> tuple[dict[str, Any], tuple[Song, ...]]:
    """A request as JSON can hold it, and the songs that it speaks of."""
    mask = request.selection
    wish = Wish(**{name: getattr(request, name) for name in Wish.__dataclass_fields__})
    place = Place(**{name: getattr(request, name) for name in Place.__dataclass_fields__})
    plain = {
        "wish": plain_fields(wish),
        "place": plain_fields(place, without=("other",)),
        "track": request.track_index,
        "revision": request.revision,
        "rows": len(mask) if mask is not None else 0,
        "selected": b64encode(np.packbits(mask).tobytes()).decode() if mask is not None else "",
    }
    return plain, (request.song,) if request.other is None else (request.song, request.other)


def request_from(plain: object, songs: tuple[Song, ...]) -> GenerationRequest:
    """The reverse of ``plain_request``.

    Raises:
        ValueError: It is none, or one that no song could have been asked for.
    """
    try:
        request = _request_from(plain, songs)
        _check(request)
    except (TypeError, KeyError, IndexError, OverflowError) as error:
        raise ValueError("no request") from error
    return request


def _request_from(plain: Any, songs: tuple[Song, ...]) -> GenerationRequest:
    selection = None
    if _count(plain["rows"]):
        bits = np.frombuffer(b64decode(plain["selected"], validate=True), dtype=np.uint8)
        selection = np.unpackbits(bits, count=plain["rows"]).astype(np.bool_)
    values: Mapping[str, Any] = {
        **field_values(Wish, plain["wish"]),
        **field_values(Place, plain["place"], without=("other",)),
        "song": songs[0],
        "other": songs[1] if len(songs) > 1 else None,
        "track_index": _count(plain["track"]),
        "revision": _count(plain["revision"]),
        "selection": selection,
    }
    return GenerationRequest(**values)


def _count(number: object) -> int:
    if type(number) is not int or not 0 <= number <= MAX_TICK:
        raise ValueError("no count")
    return number


def _check(request: GenerationRequest) -> None:
    """What types do not tell."""
    tracks = request.song.tracks
    rows = tracks[request.track_index].note_count
    holds = (
        0 < request.composed <= MAX_TAKES,
        request.keep in ("", *KEEPS),
        request.selection is None or len(request.selection) == rows,
        request.other is None or 0 <= request.other_track < len(request.other.tracks),
        all(0 <= part < len(tracks) for part in request.parts),
        0 <= request.from_tick <= request.to_tick <= MAX_TICK,
        0 <= (request.at_tick or 0) <= MAX_TICK,
        type(request.seed) is int and 0 <= request.seed < 2**63,
        all(0 <= span.from_tick < span.to_tick <= MAX_TICK for span in request.chords),
    )
    if not all(holds):
        raise ValueError("a request that nobody made")
    check_wish(request)
    _check_chords(span.chord for span in request.chords)


def check_wish(wish: Wish) -> None:
    """What types do not tell of a wish that was read.

    Raises:
        ValueError: Nobody could have asked for it.
    """
    asked = wish.constraints
    holds = (
        0 < wish.bars <= MAX_BARS,
        wish.ending in ENDINGS,
        0 < wish.temperature <= 10 and 0 < wish.top_p <= 1 and 0 <= wish.amount <= 1,
        -1 <= wish.closeness <= 1 and -1 <= wish.surprise <= 1,
        0 <= asked.lowest_pitch <= asked.highest_pitch <= 127,
        asked.key is None or (asked.key.scale in SCALES and 0 <= asked.key.tonic < 12),
        asked.scale_strength in SCALE_STRENGTHS and asked.chord_strength in CHORD_STRENGTHS,
        asked.rhythm in RHYTHMS,
        asked.largest_leap is None or 0 < asked.largest_leap <= 127,
        asked.polyphony is None or 0 < asked.polyphony <= 128,
        asked.density is None or 0 < asked.density <= 48,
    )
    if not all(holds):
        raise ValueError("a wish that nobody had")
    _check_chords(asked.chords)


def _check_chords(chords: Iterable[Chord]) -> None:
    for chord in chords:
        chord_steps(chord.quality)  # says what it does not know
        if not 0 <= chord.root < 12:
            raise ValueError("no chord")
