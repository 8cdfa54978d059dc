"""How far what we make of a MIDI file is from what FluidSynth's own player makes of it, note by note.

Sound and time are judged apart. The player rounds to its ticks and begins a note up to half a tick early; we round to
milliseconds. So the same two notes begin here in one block of 64 frames and there in neighbouring ones, and what they
have in common adds up otherwise: at 345 Hz a block is half a period. The sum is then some decibels off, though each
note is right, and no window of time or band of frequency tells that from a note that is too soft. Therefore what we
send is rendered once more with each message in the block in which the player has reached its tick. There the samples
should be the same but for dithering, and onset, pitch and loudness are compared; a message that is missing, wrong, of
another tick or in another order on its tick is as wrong there. To the onset is added how late the note begins in what
``render`` writes, counted in the frames that it has rendered before it strikes the key.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lab.sound.reference_player import DRY_TONE, PROOF_SAMPLE_RATE, Played, Samples, play_reference
from musicassist.midi.findings import Findings
from musicassist.midi.reading import read_container, read_song_bytes
from musicassist.score.midi_bytes import KIND_MASK, NOTE_ON, Message
from musicassist.score.song import Song
from musicassist.sound.fluid_synth import BLOCK_FRAMES, FluidSynth
from musicassist.sound.render import rendered
from musicassist.sound.schedule import Schedule, schedule_of

MAX_MS, MAX_CENTS, MAX_DECIBELS = 2.4, 5.0, 1.0
_SEARCH_SECONDS, _BEFORE_SECONDS, _AFTER_SECONDS = 0.012, 0.01, 0.25
_WHITENING = 0.7
_SILENT = 30.0  # of a 16-bit sample: what is softer is not heard
_PITCH_FRAMES = 1 << 16
_LOWEST_HERTZ, _CENTS, _MAX_SHIFT = 25.0, 9600, 2400
_BLOCK_SECONDS = BLOCK_FRAMES / PROOF_SAMPLE_RATE
_BEFORE_BLOCK_SECONDS = 0.0006  # what is due so long before a block, rounded to a millisecond, begins in that block
Wave = NDArray[np.float64]


@dataclass(frozen=True)
class Difference:
    """How one note differs: its onset in milliseconds, its pitch in cents and its loudness in decibels."""

    seconds: float
    onset_ms: float
    cents: float
    decibels: float
    is_heard: bool = True

    @property
    def is_small(self) -> bool:
        """Whether nobody hears it."""
        return abs(self.onset_ms) <= MAX_MS and abs(self.cents) <= MAX_CENTS and abs(self.decibels) <= MAX_DECIBELS


class _WatchedSynth(FluidSynth):
    """FluidSynth that counts the frames it has rendered before each key is struck."""

    def __init__(self, soundfont: Path) -> None:
        super().__init__(soundfont, sample_rate=PROOF_SAMPLE_RATE, tone=DRY_TONE)
        self.frames = 0
        self.struck_seconds: list[float] = []

    def render(self, frames: int) -> Samples:
        samples = super().render(frames)
        self.frames += len(samples)
        return samples

    def send(self, message: Message) -> None:
        if message[0] & KIND_MASK == NOTE_ON:
            self.struck_seconds.append(self.frames / PROOF_SAMPLE_RATE)
        super().send(message)


def render_ours(song: Song, soundfont: Path) -> Samples:
    """What ``render`` writes of a song without reverb and chorus, shape (n, 2)."""
    return _render(schedule_of(song), soundfont, np.inf)[0]


def _render(schedule: Schedule, soundfont: Path, most_seconds: float) -> tuple[Samples, list[float]]:
    """The samples of at least the first seconds, and when the keys in them are struck."""
    synth = _WatchedSynth(soundfont)
    parts: list[Samples] = []
    try:
        for part in rendered(synth, schedule):
            parts.append(part)
            if synth.frames > most_seconds * PROOF_SAMPLE_RATE:
                break
        return np.concatenate(parts), synth.struck_seconds
    finally:
        synth.close()


def differences(file: bytes, soundfont: Path, *, most_seconds: float = 60.0) -> list[Difference]:
    """The differences of a file's notes in its first seconds.

    Raises:
        SoundError: No library, or the font or the file is of no use to it.
        MidiImportError: We cannot read the file.
    """
    song = read_song_bytes(file, "the file").song
    played = play_reference(file, soundfont, most_seconds=most_seconds)
    return list(beside_player(song, played, soundfont, _note_on_ticks(file), most_seconds=most_seconds))


def _note_on_ticks(file: bytes) -> list[int]:
    """Where a file begins notes, whatever we make of them."""
    chunks = read_container(file, "the file", Findings()).chunks
    packed = np.concatenate([np.zeros(0, dtype=np.int64), *(messages.packed for messages in chunks)])
    is_note_on = ((packed >> 16 & KIND_MASK) == NOTE_ON) & ((packed & 0x7F) > 0)
    return [int(tick) for tick in packed[is_note_on] >> 24]


def beside_player(
    song: Song, played: Played, soundfont: Path, asked_ticks: Iterable[int] = (), *, most_seconds: float = np.inf
) -> Iterator[Difference]:
    """How a song's notes, but for those of the last second, differ from what the player made.

    What sounds at ticks that are asked for, and where the song begins no note, is compared, too.
    """
    schedule, moments = schedule_of(song), strikes(song, most_seconds - 1)
    _, struck_seconds = _render(schedule, soundfont, most_seconds)
    ticks = np.round(song.time_map.seconds_to_ticks(schedule.seconds))
    begun = np.array([played.seconds_at(tick) for tick in ticks.tolist()])
    on_its_clock = replace(schedule, seconds=np.maximum(begun - _BEFORE_BLOCK_SECONDS, 0.0))
    ours, _ = _render(on_its_clock, soundfont, float(begun.max(initial=0)) + 1)
    notes = compare(ours, played.samples, begun[_is_strike(schedule)][: len(moments)].tolist())
    for moment, struck, note in zip(moments, struck_seconds[: len(moments)], notes, strict=True):
        yield replace(note, seconds=moment, onset_ms=note.onset_ms + 1000 * (struck - moment))
    begun_ticks = set(ticks[_is_strike(schedule)].tolist())
    lacking = [tick for tick in asked_ticks if tick not in begun_ticks]
    seconds = (played.seconds_at(tick) for tick in lacking if song.time_map.tick_to_seconds(tick) < most_seconds - 1)
    yield from compare(ours, played.samples, list(seconds))


def strikes(song: Song, most_seconds: float = np.inf) -> list[float]:
    """The moments at which keys go down, in seconds."""
    schedule = schedule_of(song)
    return [second for second in schedule.seconds[_is_strike(schedule)].tolist() if second < most_seconds]


def _is_strike(schedule: Schedule) -> NDArray[np.bool_]:
    return np.asarray((schedule.status & KIND_MASK) == NOTE_ON)


def compare(ours: Samples, reference: Samples, seconds: Sequence[float]) -> Iterator[Difference]:
    """The difference of what sounds from each of some moments on."""
    known: dict[float, Difference] = {}
    for second in seconds:
        if second not in known:
            known[second] = _difference(ours, reference, second)
        yield known[second]


def _difference(ours: Samples, reference: Samples, second: float) -> Difference:
    one, other = _window(ours, second), _window(reference, second)
    if max(np.abs(one).max(), np.abs(other).max()) < _SILENT:
        return Difference(second, 0.0, 0.0, 0.0, is_heard=False)
    if min(np.abs(one).max(), np.abs(other).max()) < 1.0:
        return Difference(second, 0.0, 0.0, _decibels(one, other))
    return Difference(second, _lag_ms(one, other), _cents(one, other), _decibels(one, other))


def _window(samples: Samples, second: float) -> Wave:
    """What sounds around a moment, shape (n, 2), and silence where there is nothing."""
    first = round((second - _BEFORE_SECONDS) * PROOF_SAMPLE_RATE)
    last = first + round((_BEFORE_SECONDS + _AFTER_SECONDS) * PROOF_SAMPLE_RATE)
    part = samples[max(0, first) : last].astype(np.float64)
    silent = max(0, -first)
    return np.pad(part, ((silent, last - first - silent - len(part)), (0, 0)))


def _lag_ms(one: Wave, other: Wave) -> float:
    """By how much the first is later: where both fit best.

    Every partial counts nearly alike, or a held tone would fit as well a period later.
    Source: Knapp and Carter, "The generalized correlation method for estimation of time delay", 1976.
    """
    most = round(_SEARCH_SECONDS * PROOF_SAMPLE_RATE)
    size = 1 << (2 * len(one)).bit_length()
    first, second = (np.fft.rfft(part.mean(axis=1), size) for part in (one, other))
    cross = first * np.conj(second)
    fit = np.fft.irfft(cross / (np.abs(cross) + 1e-6 * np.abs(cross).max()) ** _WHITENING, size)
    lags = np.arange(-most, most + 1)
    values = fit[lags]
    good = lags[values >= 0.95 * values.max()]
    return float(good[np.argmin(np.abs(good))]) / PROOF_SAMPLE_RATE * 1000


def _decibels(one: Wave, other: Wave) -> float:
    """How much louder the first is, by the louder of its sides."""
    loud = [np.sqrt((part**2).mean(axis=0)) + 1.0 for part in (one, other)]
    sides = 20 * np.log10(loud[0] / loud[1])
    heard = np.maximum(*loud) > 0.1 * max(loud[0].max(), loud[1].max())
    return float(sides[heard][np.argmax(np.abs(sides[heard]))])


def _cents(one: Wave, other: Wave) -> float:
    """How much higher the first is: by how much its spectrum is to be moved, the shortest way where ways fit alike."""
    spectra = [_by_cents(part) for part in (one, other)]
    fit = np.fft.irfft(np.fft.rfft(spectra[0], 2 * _CENTS) * np.conj(np.fft.rfft(spectra[1], 2 * _CENTS)))
    shifts = np.arange(-_MAX_SHIFT, _MAX_SHIFT + 1)
    values = fit[shifts]
    good = shifts[values >= 0.9999 * values.max()]
    return float(good[np.argmin(np.abs(good))])


def _by_cents(part: Wave) -> Wave:
    """The spectrum, compressed so that weak partials count, one value for each cent above the lowest frequency."""
    window = np.hanning(len(part))[:, None]
    spectrum = np.abs(np.fft.rfft(part * window, _PITCH_FRAMES, axis=0)).sum(axis=1) ** 0.5
    hertz = _LOWEST_HERTZ * 2 ** (np.arange(_CENTS) / 1200)
    bins = np.arange(len(spectrum)) * PROOF_SAMPLE_RATE / _PITCH_FRAMES
    return np.asarray(np.interp(hertz, bins, spectrum), dtype=np.float64)
