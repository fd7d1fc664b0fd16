"""Pure: schemes, tickets, probabilities, balance and strata. No database, no files, no terminal."""
