"""A net of melodies that hears the other tracks, has a plan of its bars, and is told how to end."""
