"""The recipe that makes the embedded base model (Teaspoon) and the demo dataset from nothing."""
