"""The music itself, as values."""
