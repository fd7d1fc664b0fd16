"""Plain language, measured: how hard a text is to read. Pure: text in, numbers out."""
