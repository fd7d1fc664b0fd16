"""Trials pooled: which lines, all methods, the checks that they bear, the page."""
