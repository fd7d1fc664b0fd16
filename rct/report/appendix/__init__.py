"""The analyst's appendix, for people and for machines."""
