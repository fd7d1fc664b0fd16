"""The frame: the list of units with what is known before the draw."""
