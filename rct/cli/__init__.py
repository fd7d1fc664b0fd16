"""The command line: each command parses, calls and prints; nothing is computed or stored here."""
