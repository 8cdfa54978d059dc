"""Songs from and to Standard MIDI Files."""

from musicassist.midi.reading import ImportedSong, read_song, read_song_bytes
from musicassist.midi.song_chunks import as_saved
from musicassist.midi.track_events import with_program
from musicassist.midi.writing import lost_on_save, save_song, write_song

__all__ = [
    "ImportedSong",
    "as_saved",
    "lost_on_save",
    "read_song",
    "read_song_bytes",
    "save_song",
    "with_program",
    "write_song",
]
