"""The net of all parts: it writes any parts of a song against any others."""
