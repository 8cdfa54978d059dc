"""Songs to and from Standard MIDI Files."""
