"""Every command that writes, one module each: it reads, decides and computes by what lies below, then makes one change.

Nothing else imports `rct.registry.change`, the one way to write; so whatever is not here only reads.
"""
