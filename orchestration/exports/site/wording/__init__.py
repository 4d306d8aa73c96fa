"""How names and numbers stand on a page."""
