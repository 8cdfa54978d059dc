"""Proof that the sound is on time and never stuck, in a real audio and MIDI system among foreign programs."""
