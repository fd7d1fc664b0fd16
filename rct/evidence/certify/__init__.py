"""What the registry holds for a city certification, criterion by criterion."""
