"""The letters: templates, proofs, print files for the vendor. One of the stages that may read a person's row."""
