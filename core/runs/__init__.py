"""Runs: what they leave in the database, the processes they live in, what became of them. No torch here."""
