"""The command line: what the window can do, as words with options, JSON and exit codes."""
