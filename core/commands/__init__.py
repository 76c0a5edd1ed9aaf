"""The commands of `spoonful`, each a thin skin over the same calls the window makes."""
