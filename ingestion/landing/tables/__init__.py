"""Rows of landed tables, from a reader to Parquet: Arrow, encodings, folders by date."""
