"""A package of a third party, with one kind of source."""
