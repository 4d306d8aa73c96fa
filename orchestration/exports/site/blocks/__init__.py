"""What a page is made of below its head: each block a subject, from the figures to its rows."""
