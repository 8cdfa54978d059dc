"""musicassist: an interactive desktop composition assistant."""
