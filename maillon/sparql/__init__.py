"""SPARQL for everybody: from the text of a foreign query to the octets of its answer, within budgets."""
