"""RDF as sources send it and as Maillon keeps it.

``parsing`` turns bytes into quads, ``subjects`` quads into one record a subject, ``canonical`` an entity into the text
and hash that identify what it says, ``serialization`` quads into bytes. ``paging`` and ``feeds`` read the two ways in
which a catalogue is spread over several documents (Hydra, and LDES with TREE).

What is never kept of a source's triples, all of it here:

- ``xsi:`` attributes, which RDF/XML would read as properties (``rdfxml``);
- triples whose subject or predicate cannot be made an IRI, counted in the note (``mending``);
- Hydra, TREE and LDES paging (``paging``) and the description of a feed itself (``feeds``);
- blank nodes that nothing with an identity leads to, each listed as rejected (``subjects``).
"""
