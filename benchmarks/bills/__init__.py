"""A month of AWS's export to the landing: what a row costs, and that memory does not grow."""
