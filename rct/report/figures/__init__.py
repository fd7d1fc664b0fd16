"""Charts as SVG: the memo's, forests, the flow of people, the power curve."""
