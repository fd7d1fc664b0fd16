"""Type I error and coverage by simulation: `python -m benchmarks.validity` (`make validity`)."""
