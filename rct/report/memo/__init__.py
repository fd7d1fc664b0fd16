"""The memo: one page for leadership, and what stands in it."""
