"""The net of all parts: not yet in the window, so not yet shipped."""
