"""What `import rct` gives: trials to read, and draw, estimates, power, pools and suppression on data frames.

Pandas comes in and goes out here and nowhere below. Nothing here writes into a workspace.
"""
