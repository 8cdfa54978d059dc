"""The song being worked on: edits, history, recovery."""
