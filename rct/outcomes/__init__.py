"""Outcomes: what happened to each unit after the letters went out."""
