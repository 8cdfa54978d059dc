"""The piano roll: geometry, gestures, painting and the view."""
