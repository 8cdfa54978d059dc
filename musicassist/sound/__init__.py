"""The engine process: sequencer, synthesiser and MIDI ports."""
