"""A SPARQL 1.1 server elsewhere in the place of our own workers."""
