"""Playing with the assistant: call and response, the duet, composing ahead."""
