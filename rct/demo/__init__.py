"""An invented city: people and payments for a trial that is marked simulated wherever it shows."""
