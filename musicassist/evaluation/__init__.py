"""What somebody needs who trained a model: bits per note beside baselines, and how much of its takes is copied."""
