"""Data packages: turns each ``datapackage.json`` (Frictionless v1, Data Package v2) into a ``records.Dataset``.

The source is a descriptor, a web folder with one in it, or a folder or archive with any number of them. A package is
known by its ``id``, else its ``name``, else its address. Each path of a resource is a distribution; inline data is
found in the descriptor itself. Addresses of ``sources`` become documentation; the encoding of a file goes into its
media type as ``charset``. Paths that lead out of the package are refused, as the specification asks.
https://specs.frictionlessdata.io/data-package/ and https://datapackage.org/standard/data-package/
"""

import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from harvesters import _json
from harvesters._ckan_package import text
from harvesters._datapackage_dataset import Fields, Package, dataset
from maillon.errors import SourceUnavailable
from maillon.records import Record, Rejected
from maillon.sources import Answer, Fetch, Source

_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*|")
_NAME = re.compile(r"(?:^|[/.#_-])datapackage\.json$", re.IGNORECASE)


def records(source: Source, fetch: Fetch) -> Iterator[Record]:
    """Yield a dataset for every package, and every resource that cannot be used.

    Raises:
        SourceUnavailable: There is no datapackage.json, or the only one is not a data package.
        ParseFailed: The only one is not JSON; says where.
    """
    seen: set[str] = set()
    answers = _descriptors(source, fetch)
    for answer in answers:
        try:
            fields = _descriptor(answer)
        except SourceUnavailable as error:
            if len(answers) == 1:
                raise
            yield Rejected(answer.url, "not a data package", str(error))
            continue
        package = _package(fields, answer, source, fetch)
        identifier = text(fields.get("id")) or text(fields.get("name")) or answer.url
        if identifier in seen:
            yield Rejected(identifier, "identifier stands twice in the source", answer.url)
            continue
        seen.add(identifier)
        rejected: list[Rejected] = []
        yield dataset(identifier, package, rejected)
        yield from rejected


def _descriptors(source: Source, fetch: Fetch) -> list[Answer]:
    """Return the descriptors of a source; the other files beside them are what they describe."""
    path = urlsplit(source.url).path.rstrip("/")
    if source.is_http and "." not in path.rpartition("/")[2]:
        return [fetch(urljoin(f"{source.url.split('?')[0].rstrip('/')}/", "datapackage.json"), "application/json")]
    answers = list(fetch.documents(source.url, "application/json"))
    found = [answer for answer in answers if _NAME.search(urlsplit(answer.url).path)] or answers[:1]
    if not answers or (len(answers) > 1 and not _NAME.search(urlsplit(found[0].url).path)):
        raise SourceUnavailable(f"Source {source.name} holds no datapackage.json: correct its url.")
    return found


def _descriptor(answer: Answer) -> Fields:
    fields = _json.decoded(answer)
    if not isinstance(fields, dict) or not isinstance(fields.get("resources"), list):
        raise SourceUnavailable(f"{answer.url} is no data package, for it lists no resources: correct the address.")
    return fields


def _package(fields: Fields, answer: Answer, source: Source, fetch: Fetch) -> Package:
    """Return the package; files of a path or an archive have an address only where the source's ``base`` gives one."""
    is_web = not answer.url.startswith(fetch.base_iri)
    languages = fields.get("languages")
    only = text(languages[0]) if isinstance(languages, list) and len(languages) == 1 else text(fields.get("language"))
    language = only if only and _TAG.fullmatch(only) else source.language
    archive = source.url if source.is_http and not is_web else ""
    return Package(fields, answer.url if is_web else "", archive, language)
