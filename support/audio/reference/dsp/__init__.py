"""What the pipeline does to sound, and what it measures of it. Knows samples and numbers, no wire and no session."""
