"""Evidence that travels: bundles, the library of other cities' trials, pooling, adapting, the public site.

Everything here reads what the stages stored and never changes it. Nothing here opens the vault.
"""
