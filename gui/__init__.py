"""The window: a thin skin over `core`. Nothing here computes; everything slow goes through `background`."""
