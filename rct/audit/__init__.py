"""What holds and what differs: verify, heads, deviations, and how a trial ends."""
