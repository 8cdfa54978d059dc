"""Proofs of the sound engine on JACK among foreign programs."""
