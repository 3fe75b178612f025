"""The three parts of a published snapshot that are read as RDF: pointer and lease, documents, Oxigraph store."""
