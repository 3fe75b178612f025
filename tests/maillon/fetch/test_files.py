"""Files, folders and archives as sources; replay; what no archive may do."""

import bz2
import gzip
import io
import lzma
import os
import random
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from maillon.errors import SourceUnavailable
from maillon.fetch import Fetcher
from maillon.fetch.archives import Limits, Unpacker

Make = Callable[..., Fetcher]
MEMBERS = {"b/deux é.ttl": b"<b> <b> <b> .", "a.jsonld": b"{}", "b/.hidden": b"no", "__MACOSX/a.jsonld": b"no"}
EXPECTED = [
    ("https://cat.example/source/s/a.jsonld", "application/ld+json", b"{}"),
    ("https://cat.example/source/s/b/deux%20%C3%A9.ttl", "text/turtle", b"<b> <b> <b> ."),
]


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def tarred(members: dict[str, bytes], *special: tarfile.TarInfo, mode: str = "w") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        for info in special:
            archive.addfile(info)
    return buffer.getvalue()


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type = kind
    info.linkname = target
    return info


def read(fetch: Fetcher, url: str) -> list[tuple[str, str, bytes]]:
    return [(answer.url, answer.media_type, answer.read()) for answer in fetch.documents(url)]


@pytest.fixture
def put(tmp_path: Path) -> Callable[[str, bytes], str]:
    def write(name: str, data: bytes) -> str:
        path = tmp_path / "given" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return str(path)

    return write


Put = Callable[[str, bytes], str]

ARCHIVES = {
    "dump.zip": zipped(MEMBERS),
    "dump.tar": tarred(MEMBERS),
    "dump.tar.gz": tarred(MEMBERS, mode="w:gz"),
    "dump.tar.bz2": tarred(MEMBERS, mode="w:bz2"),
    "dump.tar.xz": tarred(MEMBERS, mode="w:xz"),
    "wrongly-named.ttl": zipped(MEMBERS),
    "zip-in.gz": gzip.compress(zipped(MEMBERS)),
    "dotted.tar": tarred({f"./{name}": data for name, data in MEMBERS.items()}),
    "gz-inside.zip": zipped({"a.jsonld.gz": gzip.compress(b"{}"), "b/deux é.ttl": MEMBERS["b/deux é.ttl"]}),
    "windows.zip": zipped({name.replace("/", "\\"): data for name, data in MEMBERS.items()}),
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_an_archive_is_recognised_by_its_content(put: Put, make: Make, name: str, tmp_path: Path) -> None:
    path = put(name, ARCHIVES[name])
    with make(path) as fetch:
        assert read(fetch, path) == EXPECTED
        assert fetch("https://cat.example/source/s/b/deux%20%C3%A9.ttl#part").read() == MEMBERS["b/deux é.ttl"]
        with pytest.raises(SourceUnavailable, match="2 documents where one"):
            fetch(path)
    assert (tmp_path / "runs" / "r1" / "000001").read_bytes() == ARCHIVES[name] or name.endswith(".tar")
    assert list((tmp_path / "data" / "tmp").iterdir()) == []
    Path(path).unlink()
    with make(path, "r2", replay="r1") as fetch:
        assert read(fetch, path) == EXPECTED
    with make(path, "r3", replay="r2") as fetch:
        assert fetch("https://cat.example/source/s/a.jsonld").read() == b"{}"


@pytest.mark.parametrize(
    ("name", "squeeze"),
    [("c.ttl", bytes), ("c.ttl.gz", gzip.compress), ("c.ttl.bz2", bz2.compress), ("c.ttl.xz", lzma.compress)],
)
def test_a_single_file_is_one_document(put: Put, make: Make, name: str, squeeze: Callable[[bytes], bytes]) -> None:
    path = put(name, squeeze(b"<a> <b> <c> ."))
    with make(path) as fetch:
        answer = fetch(path)
        assert (answer.url, answer.media_type) == ("https://cat.example/source/s/c.ttl", "text/turtle")
        assert answer.read() == b"<a> <b> <c> ."
        assert [item.url for item in fetch.documents(path)] == [answer.url]
    with make(path, base="https://data.example/cat/") as fetch:
        assert fetch(path).url == "https://data.example/cat/c.ttl"


@pytest.mark.parametrize("size", [0, 1, 5, 6, 300_000])
def test_a_file_of_any_size_is_kept_and_replayed(put: Put, make: Make, size: int, tmp_path: Path) -> None:
    data = random.Random(size).randbytes(size)
    path = put("x.bin", data)
    with make(path) as fetch:
        assert fetch(path).read() == data
    Path(path).unlink()
    with make(path, "r2", replay="r1") as fetch:
        assert fetch(path).read() == data


def test_a_folder_is_read_by_name_and_replayed(put: Put, make: Make) -> None:
    for name, data in {
        **MEMBERS,
        "z.zip": zipped({"in.nt": b"# n"}),
        "y.xlsx": zipped({"[Content_Types].xml": b""}),
    }.items():
        put(f"f/{name}", data)
    put("f/c.ttl.gz", gzip.compress(b"# c"))
    root = str(Path(put("f/.git/config", b"no")).parents[1])
    for run, replay in (("r1", None), ("r2", "r1")):
        with make(root, run, replay=replay) as fetch:
            found = read(fetch, root)
            assert [url.removeprefix("https://cat.example/source/s/") for url, _, _ in found] == [
                "__MACOSX/a.jsonld", "a.jsonld", "b/deux%20%C3%A9.ttl", "c.ttl", "y.xlsx", "z.zip/in.nt",
            ]  # fmt: skip
            assert found[3][1:] == ("text/turtle", b"# c")
            assert fetch("https://cat.example/source/s/z.zip/in.nt").read() == b"# n"
        put("f/later.ttl", b"")


def test_relative_references_between_files_lead_to_them_and_nowhere_else(put: Put, make: Make) -> None:
    put("f/page2.ttl", b"# two")
    root = str(Path(put("f/page1.ttl", b"# one")).parent)
    with make(root) as fetch:
        first = next(fetch.documents(root))
        assert fetch(first.url.replace("page1", "page2")).read() == b"# two"
        for other in (
            "https://cat.example/source/s/page3.ttl",
            "http://127.0.0.1:9/next",
            "/etc/passwd",
            root + "/page1.ttl",
        ):
            with pytest.raises(SourceUnavailable, match="not among its files"):
                fetch(other)


def test_links_do_not_lead_out_of_a_folder(put: Put, make: Make, tmp_path: Path) -> None:
    root = Path(put("f/a.ttl", b"# a")).parent
    (root / "again.ttl").symlink_to("a.ttl")
    with make(str(root)) as fetch:
        assert [data for _, _, data in read(fetch, str(root))] == [b"# a"]
    secret = tmp_path / "secret"
    secret.mkdir()
    for target in (secret, Path("/etc/passwd")):
        (root / "out").symlink_to(target)
        with make(str(root), "r2") as fetch, pytest.raises(SourceUnavailable, match="link out of the folder"):
            read(fetch, str(root))
        (root / "out").unlink()


def test_a_path_that_cannot_be_read_is_told(put: Put, make: Make, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "piped").mkdir()
    os.mkfifo(tmp_path / "piped" / "pipe")
    for path, message in {
        tmp_path / "none.ttl": "there is no .*correct url",
        tmp_path / "empty": "holds no files",
        tmp_path / "pipe": "neither a file nor a folder",
        tmp_path / "piped": "not an ordinary file",
    }.items():
        with make(str(path)) as fetch:
            for _ in range(2):  # the second time it must not look like a source without documents
                with pytest.raises(SourceUnavailable, match=message):
                    list(fetch.documents(str(path)))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_told(put: Put, make: Make) -> None:
    path = put("c.ttl", b"")
    Path(path).chmod(0)
    with make(path) as fetch, pytest.raises(SourceUnavailable, match="let the user that runs Maillon read it"):
        fetch(path)


def linked_zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        info = zipfile.ZipInfo("link.ttl")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    return buffer.getvalue()


def locked_zip() -> bytes:
    data = bytearray(zipped({"a.ttl": b"x"}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    return bytes(data)


def nested(depth: int) -> bytes:
    data = b"# a"
    for number in range(depth):
        data = zipped({f"{number}.zip": data})
    return data


HOSTILE = {
    "zip-slip": (zipped({"../../etc/cron.d/x": b"x"}), "leads out"),
    "zip-slip-windows": (zipped({"..\\..\\x": b"x"}), "leads out"),
    "zip-absolute": (zipped({"/etc/x": b"x"}), "leads out"),
    "zip-drive": (zipped({"C:\\x": b"x"}), "leads out"),
    "tar-slip": (tarred({"a/../../x": b"x"}), "leads out"),
    "tar-absolute": (tarred({"/etc/x": b"x"}), "leads out"),
    "tar-symlink": (tarred({}, special("l.ttl", tarfile.SYMTYPE, "/etc/passwd")), "link or device"),
    "tar-hardlink": (tarred({}, special("l.ttl", tarfile.LNKTYPE, "/etc/passwd")), "link or device"),
    "tar-device": (tarred({}, special("null", tarfile.CHRTYPE)), "link or device"),
    "tar-pipe": (tarred({}, special("pipe", tarfile.FIFOTYPE)), "link or device"),
    "zip-symlink": (linked_zip(), "link or device"),
    "zip-password": (locked_zip(), "under a password"),
    "zip-empty": (zipped({}), "without documents"),
    "tar-empty": (tarred({}), "without documents"),
    "tar-gz-empty": (tarred({}, mode="w:gz"), "without documents"),
    "zip-hidden-only": (zipped({".x": b"", "d/": b""}), "without documents"),
    "tar-twice": (tarred({"a": b"1", "./a": b"2"}), "twice"),
    "zip-cut": (zipped(MEMBERS)[:-30], "cut short or damaged"),
    "gz-cut": (gzip.compress(b"x" * 9999)[:-4], "cut short or damaged"),
    "xz-cut": (lzma.compress(b"x" * 9999)[:-4], "cut short or damaged"),
    "bz2-cut": (bz2.compress(b"x" * 9999)[:-4], "cut short or damaged"),
    "tar-cut-in-member": (tarred({"a": b"x" * 9999})[:4096], "cut short or damaged"),
    "tar-cut-in-header": (tarred({"a": b"", "b": b"x"})[:700], "cut short or damaged"),
    "tar-cut-between": (tarred({"a": b"", "b": b"x"})[:512], "cut short or damaged"),
    "gz-garbage": (gzip.compress(b"x" * 99) + b"garbage", "cut short or damaged"),
    "gz-matryoshka": (gzip.compress(gzip.compress(gzip.compress(gzip.compress(b"x")))), "more than 3 times"),
    "zip-matryoshka": (nested(4), "more than 2 deep"),
    "tar-long-name": (tarred({"x" * 100_000: b""}), "cut short or damaged"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_or_torn_archive_is_refused_with_its_reason(put: Put, make: Make, name: str, tmp_path: Path) -> None:
    data, message = HOSTILE[name]
    path = put(name, data)
    before = {item for item in tmp_path.rglob("*") if item.is_file()}
    with make(path) as fetch, pytest.raises(SourceUnavailable, match=f"Source s: '{name}' .*{message}"):
        list(fetch.documents(path))
    after = {item.name for item in tmp_path.rglob("*") if item.is_file()} - {item.name for item in before}
    assert after == {"000001", "index.jsonl"}


def test_a_member_name_that_is_not_utf_8_keeps_its_octets(put: Put, make: Make) -> None:
    path = put("x.tar", tarred({"caf\udce9.ttl": b"# x"}))
    with make(path) as fetch:
        assert fetch(path).url == "https://cat.example/source/s/caf%E9.ttl"
        assert fetch("https://cat.example/source/s/caf%E9.ttl").read() == b"# x"


def test_one_archive_inside_another_is_read(put: Put, make: Make) -> None:
    path = put("x.zip", zipped({"in.tar.gz": tarred({"a.nt": b"# a"}, mode="w:gz"), "b.zip": zipped({"c.nt": b"# c"})}))
    with make(path) as fetch:
        assert [item.url.removeprefix("https://cat.example/source/s/") for item in fetch.documents(path)] == [
            "b.zip/c.nt",
            "in.tar/a.nt",
        ]


@pytest.mark.parametrize("packed", ["gz", "zip", "tar.xz"])
def test_a_local_bomb_is_stopped_at_the_limit(put: Put, make: Make, packed: str, tmp_path: Path) -> None:
    plain = b" " * 200_000_000
    data = {
        "gz": lambda: gzip.compress(plain, compresslevel=1),
        "zip": lambda: zipped({"a.ttl": plain}),
        "tar.xz": lambda: lzma.compress(tarred({"a.ttl": plain}), preset=0),
    }[packed]()
    path = put(f"x.{packed}", data)
    for limits, message in (
        ({"max_bytes": 20_000_000, "settings": {"fetch_max_ratio": 100_000}}, "20,000,000 octets"),
        ({"settings": {"fetch_max_ratio": 20}}, "20 times larger"),
    ):
        with make(path, **limits) as fetch:
            with pytest.raises(SourceUnavailable, match=message):
                fetch(path)
            assert not [item for item in (tmp_path / "data" / "tmp").rglob("*") if item.is_file()]


def test_many_members_that_are_small_each_are_stopped_together(tmp_path: Path) -> None:
    data = zipped({f"{number}.ttl": b" " * 10_000 for number in range(300)})
    for limits, message in ((Limits(1_000_000, 10_000), "1,000,000 octets"), (Limits(10**9, 10_000, 200), "200 files")):
        folder = tmp_path / message[:3]
        folder.mkdir()
        with pytest.raises(SourceUnavailable, match=message):
            Unpacker(folder, limits, len(data), "It").expand(io.BytesIO(data), "x.zip")
    folder = tmp_path / "tar"
    folder.mkdir()
    with pytest.raises(SourceUnavailable, match="200 files"):
        Unpacker(folder, Limits(10**9, 9, 200), 99, "It").expand(
            io.BytesIO(tarred(dict.fromkeys(map(str, range(300)), b""))), ""
        )


def test_a_local_file_that_is_too_large_is_refused(put: Put, make: Make) -> None:
    path = put("x.ttl", b"x" * 1001)
    with make(path, max_bytes=1000) as fetch, pytest.raises(SourceUnavailable, match="larger than 1,000 octets"):
        fetch(path)


@pytest.mark.parametrize("name", ["dump.zip", "dump.tar", "dump.tar.gz", "dump.tar.xz"])
def test_a_damaged_archive_gives_a_message_or_documents_and_nothing_else(tmp_path: Path, name: str) -> None:
    chance = random.Random(7)
    for number in range(150):
        data = bytearray(ARCHIVES[name])
        for _ in range(chance.randint(1, 6)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        folder = tmp_path / str(number)
        folder.mkdir()
        try:
            documents = Unpacker(folder, Limits(10**6, 200), len(data), "It").expand(io.BytesIO(bytes(data)), name)
        except SourceUnavailable as error:
            assert str(error).startswith("It ")
        else:
            assert all(document.path.is_file() for document in documents)


def test_an_archive_over_http_is_unpacked(server: Any, make: Make) -> None:
    url = server.add("/a/dump.zip", body=ARCHIVES["dump.zip"], Content_Type="application/zip")
    for run, replay in (("r1", None), ("r2", "r1")):
        with make(url, run, replay=replay) as fetch:
            assert [(item.url, item.read()) for item in fetch.documents(url)] == [
                ("https://cat.example/source/s/dump.zip/a.jsonld", b"{}"),
                ("https://cat.example/source/s/dump.zip/b/deux%20%C3%A9.ttl", MEMBERS["b/deux é.ttl"]),
            ]
            assert fetch("https://cat.example/source/s/dump.zip/a.jsonld").read() == b"{}"
    assert len(server.seen) == 1
