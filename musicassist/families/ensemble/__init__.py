"""All parts of a song as one stream of notes: one step of the net for each note, whatever part it belongs to."""
