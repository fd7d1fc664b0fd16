"""What other cities found: bundles and printed tables of papers, kept as files and found by their words."""
