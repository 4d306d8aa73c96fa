"""What spans of OTLP cost from a collector's files to the landing, at two sizes."""
