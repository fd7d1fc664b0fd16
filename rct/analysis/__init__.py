"""Plan and stored data in, results out: the analysis that was promised, and no more."""
