"""The pages of a month's statement: static, whole without a script, no request to anywhere."""
