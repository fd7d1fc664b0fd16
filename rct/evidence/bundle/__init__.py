"""A trial's evidence as one signed file: written, opened, and checked as if it came from an enemy."""
