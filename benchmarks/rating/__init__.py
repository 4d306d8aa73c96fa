"""How fast the warehouse rates, side by side with the libraries that price one request a call."""
