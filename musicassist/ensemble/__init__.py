"""Playing with the assistant: it goes on while one listens, answers, and accompanies. No Qt here."""
