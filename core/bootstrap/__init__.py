"""Sets Spoonful up on a bare machine and starts it. Standard library only."""
