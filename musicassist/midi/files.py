"""Songs from and to Standard MIDI Files: the front of this package."""

from __future__ import annotations

from musicassist.midi.reading import ImportedSong, read_song, read_song_bytes

__all__ = ["ImportedSong", "read_song", "read_song_bytes"]
