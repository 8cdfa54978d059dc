"""Numbers to numbers; knows no music."""
