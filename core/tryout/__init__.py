"""What was said at Try it and what models answered: kept, searched, corrected, exported and removed."""
