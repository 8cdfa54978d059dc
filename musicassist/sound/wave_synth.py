"""The built-in synth, in numpy, for where FluidSynth is missing: sixteen timbres and drums, exact to the sample.

A voice is one cycle of a wave with an envelope for each family of General MIDI, or a drum that is read once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from musicassist.score import midi_bytes as midi
from musicassist.sound.messages import USUAL_TONE, Tone
from musicassist.sound.soundfont_file import font_bank
from musicassist.sound.synth import DIRECT_SOURCE, Synth, TimedQueue

Samples = NDArray[np.float32]
CYCLE_FRAMES = 1024
_TOP_HERTZ = 12_000.0  # harmonics above it are left out, so that high notes do not fold back
_DRUM_SEED = 3
_STRING = tuple(1 / n for n in range(1, 13))
_HOLLOW = (1.0, 0.02, 0.5, 0.02, 0.28, 0.02, 0.15, 0.0, 0.08)
# By pitch: share of noise, hertz of the skin, seconds of the fall, and brightness.
_DRUMS = {
    **dict.fromkeys((35, 36), (0.08, 52.0, 0.09, 0.0)),
    **dict.fromkeys((37, 39, 75, 77), (0.5, 700.0, 0.018, 0.0)),
    76: (0.5, 900.0, 0.018, 0.0),
    **dict.fromkeys((38, 40), (0.7, 185.0, 0.06, 0.3)),
    **{tom: (0.15, 70.0 + 9.0 * (tom - 41), 0.12, 0.0) for tom in (41, 43, 45, 47, 48, 50)},
    **dict.fromkeys((42, 44, 54, 69, 70), (1.0, 0.0, 0.022, 1.0)),
    **dict.fromkeys((46, 51, 53, 59), (1.0, 0.0, 0.12, 1.0)),
    **dict.fromkeys((49, 52, 55, 57), (1.0, 0.0, 0.35, 1.0)),
}
BUILT_IN = "built-in synth"
MAX_VOICES = 48  # LIMIT: the oldest make room
_VOLUME, _PAN, _EXPRESSION = 7, 10, 11
_LEVELS = {_VOLUME: 100, _PAN: 64, _EXPRESSION: 127}  # what these are before anything sets them
_USUAL_BEND_SEMITONES = 2.0
_PARAMETER_CONTROLS = (*midi.REGISTERED, *midi.UNREGISTERED, midi.DATA)
_HEADROOM = 0.22  # of full scale for a voice at its loudest
_SILENCE = 1e-4


@dataclass(frozen=True)
class Timbre:
    """How an instrument sounds.

    Attributes:
        harmonics: Strength of each harmonic, the first is the pitch itself.
        attack_seconds: Until it is at its loudest.
        decay_seconds: In which it falls to a third of what lies above ``sustain``.
        sustain: The level, 0..1, at which a held note stays.
        release_seconds: In which it falls to a third after its end.
    """

    harmonics: tuple[float, ...]
    attack_seconds: float
    decay_seconds: float
    sustain: float
    release_seconds: float


# By program // 8: piano, bells, organ, guitar, bass, strings, ensemble, brass, reed, pipe, lead, pad, effects, ethnic,
# percussive, noises.
FAMILIES = (
    Timbre((1.0, 0.5, 0.25, 0.18, 0.1, 0.06, 0.04), 0.003, 0.9, 0.0, 0.09),
    Timbre((1.0, 0.0, 0.0, 0.35, 0.0, 0.0, 0.12), 0.001, 0.6, 0.0, 0.25),
    Timbre((1.0, 0.7, 0.5, 0.4, 0.0, 0.2, 0.0, 0.2), 0.01, 1.0, 1.0, 0.03),
    Timbre((1.0, 0.6, 0.4, 0.15, 0.2, 0.1, 0.05), 0.002, 0.5, 0.0, 0.07),
    Timbre((1.0, 0.55, 0.2, 0.08), 0.004, 0.7, 0.15, 0.06),
    Timbre(_STRING, 0.09, 0.5, 0.85, 0.12),
    Timbre(_STRING[:9], 0.14, 0.5, 0.85, 0.2),
    Timbre((1.0, 0.9, 0.8, 0.6, 0.45, 0.3, 0.2, 0.1), 0.035, 0.2, 0.75, 0.06),
    Timbre(_HOLLOW, 0.03, 0.2, 0.85, 0.05),
    Timbre((1.0, 0.18, 0.06, 0.02), 0.05, 0.2, 0.9, 0.06),
    Timbre(_HOLLOW[:5], 0.006, 0.3, 0.7, 0.06),
    Timbre(_STRING[:6], 0.3, 0.8, 0.8, 0.4),
    Timbre((1.0, 0.3, 0.0, 0.3, 0.0, 0.2), 0.1, 0.8, 0.5, 0.4),
    Timbre((1.0, 0.7, 0.5, 0.4, 0.3, 0.2), 0.002, 0.35, 0.0, 0.08),
    Timbre((1.0, 0.0, 0.4, 0.0, 0.3), 0.001, 0.15, 0.0, 0.1),
    Timbre((1.0, 0.9, 0.8, 0.9, 0.7), 0.02, 0.3, 0.3, 0.1),
)


@lru_cache(maxsize=2048)
def cycle(family: int, hertz_step: int) -> Samples:
    """One cycle of a family's wave, (CYCLE_FRAMES + 1,), for pitches up to ``200 * 2 ** (hertz_step / 2)`` hertz."""
    top_hertz = 200.0 * 2 ** (hertz_step / 2)
    phase = np.arange(CYCLE_FRAMES + 1) * (2 * np.pi / CYCLE_FRAMES)
    wave = np.zeros(CYCLE_FRAMES + 1)
    for number, strength in enumerate(FAMILIES[family].harmonics, start=1):
        if number == 1 or number * top_hertz < _TOP_HERTZ:
            wave += strength * np.sin(number * phase)
    return np.asarray(wave / np.abs(wave).max(), dtype=np.float32)


def hertz_step(hertz: float) -> int:
    """Which of the cycles of a family is for a pitch."""
    return max(0, int(np.ceil(2 * np.log2(max(hertz, 1.0) / 200.0))))


@lru_cache(maxsize=256)
def drum(pitch: int, sample_rate: int) -> Samples:
    """The whole stroke of a General MIDI drum, shape (n,): noise, and a falling tone for the skins."""
    noise_share, tone_hertz, fall_seconds, brightness = _DRUMS.get(pitch) or (0.5, 20.0 * pitch**0.75, 0.05, 0.3)
    frames = int(sample_rate * fall_seconds * 6)
    seconds = np.arange(frames) / sample_rate
    noise = np.random.default_rng(_DRUM_SEED + pitch).uniform(-1, 1, frames)
    bright = np.diff(noise, prepend=0.0) if brightness > 0.5 else noise
    tone = np.sin(2 * np.pi * tone_hertz * (seconds + 0.02 * (1 - np.exp(-seconds / 0.02))))
    stroke = (noise_share * bright + (1 - noise_share) * tone) * np.exp(-seconds / fall_seconds)
    return np.asarray(stroke, dtype=np.float32)


@dataclass
class _Channel:
    """What the controllers of a channel say."""

    program: int = 0
    levels: dict[int, int] = field(default_factory=_LEVELS.copy)  # by controller: volume, pan and expression
    bend_share: float = 0.0
    bend_semitones: float = _USUAL_BEND_SEMITONES
    parameter: tuple[int, int] = midi.NOTHING_CHOSEN  # the registered one that is chosen
    is_pedal_down: bool = False
    is_drums: bool = False

    @property
    def bend(self) -> float:
        """In semitones."""
        return self.bend_share * self.bend_semitones

    def gains(self) -> tuple[float, float]:
        """Loudness left and right."""
        level = (self.levels[_VOLUME] / 127) ** 2 * (self.levels[_EXPRESSION] / 127) ** 2
        angle = self.levels[_PAN] / 127 * np.pi / 2
        return level * float(np.cos(angle)) * 1.4, level * float(np.sin(angle)) * 1.4


@dataclass
class _Voice:
    """A note that sounds: a cycle that is read round and round, or a drum that is read once."""

    channel: int
    pitch: int
    level: float
    timbre: Timbre | None
    wave: Samples
    position: float = 0.0  # in frames of the wave
    age_frames: int = 0
    envelope: float = 0.0  # where it is now
    released_at: float | None = None  # where it was when the key went up, and how long ago that is
    release_frames: int = 0
    is_held_by_pedal: bool = False

    def stroke(self, frames: int) -> Samples:
        """The next samples of a drum."""
        start = int(self.position)
        self.position += frames
        part = self.wave[start : start + frames] * self.level
        return np.pad(part, (0, frames - len(part)))

    def release(self) -> None:
        """The key goes up; drums ring on."""
        if self.released_at is None:
            self.released_at = self.envelope

    @property
    def is_over(self) -> bool:
        """Whether it is heard no more."""
        if self.timbre is None:
            return self.position >= len(self.wave)
        has_fallen = self.age_frames > 0 and self.envelope < _SILENCE
        return has_fallen and (self.released_at is not None or self.timbre.sustain == 0.0)


def _tones(voices: list[tuple[_Voice, Timbre]], bends: list[float], frames: int, rate: int) -> Samples:
    """The next samples of pitched voices, shape (voices, frames); all at once, for numpy is slow in small pieces."""
    pitches = np.array([voice.pitch for voice, _ in voices]) + np.array(bends)
    step = (440.0 * 2 ** ((pitches - 69) / 12) * CYCLE_FRAMES / rate)[:, None]
    start = np.array([voice.position for voice, _ in voices])[:, None]
    positions = (start + np.arange(frames) * step) % CYCLE_FRAMES
    whole = positions.astype(np.int64)
    share = (positions - whole).astype(np.float32)
    waves = np.stack([voice.wave for voice, _ in voices])
    rows = np.arange(len(voices))[:, None]
    samples = waves[rows, whole] * (1 - share) + waves[rows, whole + 1] * share
    for (voice, _), position in zip(voices, ((start + frames * step) % CYCLE_FRAMES)[:, 0].tolist(), strict=True):
        voice.position = position
    return np.asarray(samples * _envelopes(voices, frames, rate), dtype=np.float32)


def _envelopes(voices: list[tuple[_Voice, Timbre]], frames: int, rate: int) -> Samples:
    """The next levels of voices, shape (voices, frames)."""
    rows = [
        (t.attack_seconds, t.decay_seconds, t.sustain, t.release_seconds, v.age_frames, v.release_frames, v.level)
        for v, t in voices
    ]
    attack, decay, sustain, release, age, since, level = (
        np.array(column)[:, None] for column in zip(*rows, strict=True)
    )
    ahead = np.arange(1, frames + 1)
    seconds = (age + ahead) / rate
    held = np.minimum(1.0, seconds / attack)
    held *= sustain + (1 - sustain) * np.exp(-np.maximum(0.0, seconds - attack) / decay)
    released_at = np.array([np.nan if v.released_at is None else v.released_at for v, _ in voices])[:, None]
    fallen = released_at * np.exp(-(since + ahead) / rate / release)
    envelope = np.where(np.isnan(released_at), held, fallen)
    for (voice, _), last in zip(voices, envelope[:, -1].tolist(), strict=True):
        voice.age_frames += frames
        voice.release_frames += frames if voice.released_at is not None else 0
        voice.envelope = last
    return np.asarray(envelope * level, dtype=np.float32)


def _take_parameter(channel: _Channel, control: int, value: int) -> None:
    """Follows the range of bends, the registered parameter 0."""
    high, low = channel.parameter
    if control == midi.DATA and channel.parameter == midi.BEND_RANGE:
        channel.bend_semitones = float(value)
    elif control in midi.UNREGISTERED:
        channel.parameter = midi.NOTHING_CHOSEN
    elif control != midi.DATA:
        channel.parameter = (value, low) if control == midi.REGISTERED[0] else (high, value)


class WaveSynth(Synth):
    """Renders channel messages at exact samples. Messages may come from any thread; one thread renders.

    Attributes:
        soundfont: What stands for its name in reports.
        sample_rate: Frames a second.
    """

    def __init__(self, sample_rate: int, tone: Tone = USUAL_TONE) -> None:
        self.soundfont, self.sample_rate = BUILT_IN, sample_rate
        self._gain = tone.gain
        self._queue = TimedQueue()
        self._claimed_frames = 0
        self._channels: dict[int, _Channel] = {}  # by port * 16 + channel
        self._whole_gain, self._fine_cents, self._coarse_semitones = 1.0, 0.0, 0
        self._voices: list[_Voice] = []

    def now_seconds(self) -> float:
        """The end of what is rendered, or is being rendered now."""
        return self._claimed_frames / self.sample_rate

    def schedule(self, events: Iterable[tuple[float, midi.Message]], source: int) -> None:
        self._queue.put(events, source)

    def remove(self, source: int) -> None:
        self._queue.remove(source)

    def send(self, message: midi.Message) -> None:
        self._queue.put([(self.now_seconds(), message)], DIRECT_SOURCE)

    def set_tone(self, tone: Tone) -> None:
        """See ``Synth``: only the loudness."""
        self._gain = tone.gain

    def active_voices(self) -> int:
        """Voices that still sound."""
        return len(self._voices)

    def render(self, frames: int) -> NDArray[np.int16]:
        """The next samples, shape (frames, 2)."""
        with self._queue.changed:  # whoever sees the new clock finds the queue without what is due by then
            start = self._claimed_frames
            self._claimed_frames += frames
            events = self._queue.take_until((self._claimed_frames - 0.5) / self.sample_rate)
        mix = np.zeros((frames, 2), dtype=np.float32)
        at = 0
        for seconds, message in events:
            frame = min(max(round(seconds * self.sample_rate) - start, at), frames)
            self._mix(mix[at:frame])
            at = frame
            self._obey(message)
        self._mix(mix[at:])
        # many voices are pressed together, never cut off
        loud = np.tanh(mix * (_HEADROOM * self._gain * self._whole_gain))
        return np.asarray(loud * 32767, dtype=np.int16)

    def play_through(self, events: Iterable[tuple[float, midi.Message]], frames: int) -> NDArray[np.int16]:
        """See ``OfflineSynth``; exact to the sample."""
        self._queue.put(events, DIRECT_SOURCE)
        return self.render(frames)

    def close(self) -> None:
        """Forgets everything."""
        self._queue.clear()
        self._voices.clear()

    def _mix(self, mix: Samples) -> None:
        frames = len(mix)
        if not frames or not self._voices:
            return
        tones = [(voice, voice.timbre) for voice in self._voices if voice.timbre is not None]
        drums = [voice for voice in self._voices if voice.timbre is None]
        if tones:
            higher = self._coarse_semitones + self._fine_cents / 100
            bends = [self._channels[voice.channel].bend + higher for voice, _ in tones]
            samples = _tones(tones, bends, frames, self.sample_rate)
            gains = np.array([self._channels[voice.channel].gains() for voice, _ in tones], dtype=np.float32)
            mix += np.einsum("vf,vs->fs", samples, gains)
        for voice in drums:
            mix += np.outer(voice.stroke(frames), self._channels[voice.channel].gains()).astype(np.float32)
        self._voices = [voice for voice in self._voices if not voice.is_over]

    def _obey(self, message: midi.Message) -> None:
        if midi.is_sysex(message):
            self._obey_whole(midi.meaning_of(message))
            return
        kind, _, data1, data2 = midi.parts_of(message)
        number = midi.cable_channel(message[0])
        channel = self._channels.setdefault(number, _Channel(is_drums=number % 16 == midi.DRUM_CHANNEL))
        if kind == midi.NOTE_ON:
            self._strike(number, data1, data2)
        elif kind == midi.NOTE_OFF:
            self._release(number, data1)
        elif kind == midi.CONTROL:
            self._control(number, data1, data2)
        elif kind == midi.PROGRAM:
            channel.program, channel.is_drums = data1, font_bank(number % 16, data2) == midi.DRUM_KIT
        elif kind == midi.BEND:
            channel.bend_share = ((data1 | data2 << 7) - 8192) / 8192

    def _obey_whole(self, meaning: midi.Meaning | None) -> None:
        if isinstance(meaning, midi.SystemReset):
            self._voices, self._channels = [], {}
            self._whole_gain, self._fine_cents, self._coarse_semitones = 1.0, 0.0, 0
        elif isinstance(meaning, midi.MasterVolume):
            self._whole_gain = meaning.gain
        elif isinstance(meaning, midi.FineTuning):
            self._fine_cents = meaning.cents
        elif isinstance(meaning, midi.CoarseTuning):
            self._coarse_semitones = meaning.semitones

    def _strike(self, number: int, pitch: int, velocity: int) -> None:
        self._release(number, pitch)
        level = (velocity / 127) ** 1.5
        channel = self._channels[number]
        if channel.is_drums:
            voice = _Voice(number, pitch, level, None, drum(pitch, self.sample_rate))
        else:
            family = channel.program // 8
            highest = pitch + channel.bend_semitones + max(0, self._coarse_semitones + 1)
            wave = cycle(family, hertz_step(440.0 * 2 ** ((highest - 69) / 12)))
            voice = _Voice(number, pitch, level, FAMILIES[family], wave)
        self._voices = [*self._voices[-MAX_VOICES + 1 :], voice]

    def _release(self, number: int, pitch: int) -> None:
        is_held = self._channels[number].is_pedal_down
        for voice in self._voices:
            if (voice.channel, voice.pitch) == (number, pitch):
                if is_held:
                    voice.is_held_by_pedal = True
                else:
                    voice.release()

    def _control(self, number: int, control: int, value: int) -> None:
        channel, voices = self._channels[number], [v for v in self._voices if v.channel == number]
        if control in _PARAMETER_CONTROLS:
            _take_parameter(channel, control, value)
        elif control in _LEVELS:
            channel.levels[control] = value
        elif control in (midi.SUSTAIN_CONTROL, midi.RESET_CONTROLLERS):
            channel.is_pedal_down = control == midi.SUSTAIN_CONTROL and value >= 64
            for voice in voices:
                if voice.is_held_by_pedal and not channel.is_pedal_down:
                    voice.is_held_by_pedal = False
                    voice.release()
            if control == midi.RESET_CONTROLLERS:
                channel.bend_share, channel.parameter = 0.0, midi.NOTHING_CHOSEN
                channel.levels[_EXPRESSION] = _LEVELS[_EXPRESSION]
        elif control == midi.ALL_NOTES_OFF:
            for voice in voices:
                voice.release()
        elif control == midi.ALL_SOUND_OFF:
            self._voices = [voice for voice in self._voices if voice.channel != number]
