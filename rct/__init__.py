"""rct: run behavioral-insights randomized trials whose evidence can be trusted and reused."""

__version__ = "0.1.0"
