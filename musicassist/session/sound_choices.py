"""What the user chose about the sound, for the engine and for audio files."""

from __future__ import annotations

from pathlib import Path

from musicassist.settings import Settings
from musicassist.sound import messages


def sound_settings(settings: Settings) -> messages.SoundSettings:
    """What the user chose about the sound, as the engine and audio files are told it."""
    return messages.SoundSettings(
        driver=settings.sound_driver,
        soundfont=Path(settings.soundfont) if settings.soundfont else None,
        output_port=settings.output_port,
        input_port=settings.input_port,
        tone=messages.Tone(settings.gain, settings.reverb, settings.chorus, settings.polyphony),
        midi_clock=settings.midi_clock,
        with_fluidsynth=settings.with_fluidsynth,
    )
