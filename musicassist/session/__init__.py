"""What a user can do, as values and methods without a window: takes, playing, recording, note and song commands."""
