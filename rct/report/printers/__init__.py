"""Blocks and tables on their way out: HTML, PDF, Word, Markdown, the terminal."""
