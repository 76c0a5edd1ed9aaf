"""Recording sessions: prompts, the takes of them, and what becomes of takes."""
