"""Notes to and from numbers, without torch."""
