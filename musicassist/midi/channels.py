"""Which channel of which port a track plays on, by the port that its file names (meta event FF 21)."""

from __future__ import annotations

from musicassist.score.song import Track

_MIDI_PORT = b"\xff\x21"
MIDI_PORTS = 16  # LIMIT: of sixteen channels each; ports of higher numbers begin anew
Wire = tuple[str | None, int, int]  # the output by name, the port of the file, the channel


def midi_port_of(track: Track) -> int:
    """The number of the port that the file names for a track, 0..15; 0 where it names none."""
    first_note_tick = int(track.notes.start_tick[0]) if len(track.notes) else 0
    for event in track.events:
        if event.tick > first_note_tick:
            break
        if event.data[:2] == _MIDI_PORT and len(event.data) == 3:
            return event.data[2] % MIDI_PORTS
    return 0


def midi_port_event(port: int) -> bytes:
    """The event that names a port."""
    return _MIDI_PORT + bytes((port,))


def wire_of(track: Track) -> Wire:
    """What tracks that share an instrument have in common."""
    return track.output_port, midi_port_of(track), track.channel
