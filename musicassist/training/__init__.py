"""MIDI folders to checkpoints."""
