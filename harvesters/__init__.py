"""One module per kind of source, each turning the bytes of a source into records (``harvesters.<kind>.records``)."""
