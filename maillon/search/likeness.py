"""Finds texts that are much alike: one text per key in an index in memory, asked by tantivy's more-like-this query."""

from collections.abc import Iterable, Iterator

import tantivy

_HEAP = 128_000_000
_LONGEST = 4_000
"""Characters of a text that count; the beginning tells enough."""


class Likeness:
    """An index over (key, text) pairs, made once.

    Args:
        texts: Pairs of a key, given once each, and its text.
    """

    def __init__(self, texts: Iterable[tuple[str, str]]) -> None:
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("key", tokenizer_name="raw", index_option="basic", stored=True)
        builder.add_text_field("text", tokenizer_name="default")
        self._schema = builder.build()
        self._index = tantivy.Index(self._schema)
        writer = self._index.writer(heap_size=_HEAP, num_threads=1)
        for key, text in texts:
            document = tantivy.Document()
            document.add_text("key", key)
            document.add_text("text", text[:_LONGEST])
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._searcher = self._index.searcher()

    def like(self, text: str, limit: int) -> Iterator[str]:
        """Yield the keys of the texts most like one, itself included where it is indexed, the most alike first."""
        query = tantivy.Query.more_like_this_document_fields_query(
            self._schema, {"text": [text[:_LONGEST]]}, min_doc_frequency=1, min_term_frequency=1, max_query_terms=40
        )
        for _, address in self._searcher.search(query, limit).hits:
            yield self._searcher.doc(address)["key"][0]
