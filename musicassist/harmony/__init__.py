"""Chords of a song: those that are written, those that are heard, and where they lead."""
