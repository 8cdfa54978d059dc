"""How far what we make of a MIDI file is from what FluidSynth's own player makes of it, note by note."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from musicassist.midi.reading import read_song_bytes
from musicassist.score.song import Song
from musicassist.sound.fluid_synth import FluidSynth
from musicassist.sound.proofs.reference_player import DRY_TONE, PROOF_SAMPLE_RATE, Samples, play_reference
from musicassist.sound.render import rendered
from musicassist.sound.schedule import NOTE_ON, schedule_of

MOST_MS, MOST_CENTS, MOST_DECIBELS = 2.4, 5.0, 1.0
_SEARCH_SECONDS, _BEFORE_SECONDS, _AFTER_SECONDS = 0.012, 0.01, 0.25
_WHITENING = 0.7
_SILENT = 30.0  # of a 16-bit sample: what is softer is not heard
_PITCH_FRAMES = 1 << 16
_LOWEST_HERTZ, _CENTS, _MOST_SHIFT = 25.0, 9600, 2400
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
        return abs(self.onset_ms) <= MOST_MS and abs(self.cents) <= MOST_CENTS and abs(self.decibels) <= MOST_DECIBELS


def render_ours(song: Song, soundfont: Path) -> Samples:
    """What ``render`` writes of a song without reverb and chorus, shape (n, 2)."""
    synth = FluidSynth(soundfont, sample_rate=PROOF_SAMPLE_RATE, tone=DRY_TONE)
    try:
        return np.concatenate(list(rendered(synth, schedule_of(song))))
    finally:
        synth.close()


def differences(file: bytes, soundfont: Path, *, most_seconds: float = 60.0) -> list[Difference]:
    """The differences of a file's notes in its first seconds; onsets are counted on the clock of each.

    Raises:
        SoundError: No library, or the font or the file is of no use to it.
        MidiImportError: We cannot read the file.
    """
    song = read_song_bytes(file, "the file").song
    reference = play_reference(file, soundfont, most_seconds=most_seconds)
    moments = strikes(song, most_seconds - 1)
    ticks = (round(song.time_map.seconds_to_tick(second)) for second in moments)
    begun = [reference.seconds_at(tick) for tick in ticks]
    return list(compare(render_ours(song, soundfont), reference.samples, moments, begun))


def strikes(song: Song, most_seconds: float = np.inf) -> list[float]:
    """The moments at which keys go down, in seconds."""
    schedule = schedule_of(song)
    seconds = schedule.seconds[(schedule.status & 0xF0) == NOTE_ON]
    return [float(second) for second in seconds if second < most_seconds]


def compare(
    ours: Samples, reference: Samples, seconds: Sequence[float], in_reference: Sequence[float] | None = None
) -> Iterator[Difference]:
    """The difference of what sounds from each of some moments on; the other clock may show others."""
    known: dict[float, Difference] = {}
    for second, other in zip(seconds, seconds if in_reference is None else in_reference, strict=True):
        if second not in known:
            known[second] = _difference(ours, reference, second, other)
        yield known[second]


def _difference(ours: Samples, reference: Samples, second: float, in_reference: float) -> Difference:
    one, other = _window(ours, second), _window(reference, in_reference)
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
    shifts = np.arange(-_MOST_SHIFT, _MOST_SHIFT + 1)
    values = fit[shifts]
    good = shifts[values >= 0.98 * values.max()]
    return float(good[np.argmin(np.abs(good))])


def _by_cents(part: Wave) -> Wave:
    """The spectrum, compressed so that weak partials count, one value for each cent above the lowest frequency."""
    window = np.hanning(len(part))[:, None]
    spectrum = np.abs(np.fft.rfft(part * window, _PITCH_FRAMES, axis=0)).sum(axis=1) ** 0.5
    hertz = _LOWEST_HERTZ * 2 ** (np.arange(_CENTS) / 1200)
    bins = np.arange(len(spectrum)) * PROOF_SAMPLE_RATE / _PITCH_FRAMES
    return np.asarray(np.interp(hertz, bins, spectrum), dtype=np.float64)
