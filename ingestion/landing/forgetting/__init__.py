"""A person who is to be forgotten: the name that the landing has for them, files without them."""
