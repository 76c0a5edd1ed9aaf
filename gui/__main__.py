"""`python -m gui` opens the window."""

from gui.app import main

if __name__ == "__main__":
    raise SystemExit(main())
