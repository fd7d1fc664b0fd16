"""The registry (rct.db), the vault (private/vault.db), the log chain, and the one way to write to them."""
