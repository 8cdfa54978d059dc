"""What the user chose about the sound, as the engine and audio files are told it."""

from __future__ import annotations

from pathlib import Path

from musicassist.settings import Settings
from musicassist.sound.banks import Tone
from musicassist.sound.messages import SoundSettings


def sound_settings(settings: Settings) -> SoundSettings:
    """The part of the settings that is heard."""
    return SoundSettings(
        driver=settings.sound_driver,
        soundfont=Path(settings.soundfont) if settings.soundfont else None,
        output_port=settings.output_port,
        input_port=settings.input_port,
        tone=Tone(settings.gain, settings.reverb, settings.chorus, settings.polyphony),
        midi_clock=settings.midi_clock,
        with_fluidsynth=settings.with_fluidsynth,
    )
