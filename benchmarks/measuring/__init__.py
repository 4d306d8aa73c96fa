"""What all benchmarks share: processes that are measured, the machine, the page."""
