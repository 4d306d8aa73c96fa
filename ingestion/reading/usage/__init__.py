"""What a usage object counts: disjoint meters, tools, and what of it lands as it was said."""
