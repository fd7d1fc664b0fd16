"""The portfolio of all finished trials: pages, data, and the copy that Datasette shows."""
