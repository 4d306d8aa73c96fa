"""What a reference CSV says beyond its columns: one module for each, or for a family."""
