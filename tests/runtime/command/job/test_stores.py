"""Jobs from and to an object store, which a server on this machine stands for. `make cluster-test` runs them."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pspm_runtime.command.job.places import back_off, store

from tests.runtime.command.job.conftest import JPEG, Batch, make
from tests.runtime.fake_engine import FakeEngine
from tests.runtime.pictures import snapshot

pyarrow = pytest.importorskip("pyarrow", reason="pyarrow is not installed; run make cluster-test")
import_parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed; run make cluster-test")
moto = pytest.importorskip("moto.server", reason="moto is not installed; run make cluster-test")
boto3 = pytest.importorskip("boto3", reason="boto3 is not installed; run make cluster-test")

KEYS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "us-east-1"}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    running = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture
def s3(server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A client of boto3 with an empty bucket; pyarrow finds the server by its environment."""
    for name, value in {**KEYS, "AWS_ENDPOINT_URL": server, "AWS_EC2_METADATA_DISABLED": "true"}.items():
        monkeypatch.setenv(name, value)
    store.bucket.cache_clear()
    client = boto3.client("s3")
    client.create_bucket(Bucket="bucket")
    yield client
    for name in objects(client):
        client.delete_object(Bucket="bucket", Key=name)
    store.bucket.cache_clear()


def objects(s3: Any) -> dict[str, bytes]:
    listed = s3.list_objects_v2(Bucket="bucket").get("Contents", [])
    return {entry["Key"]: s3.get_object(Bucket="bucket", Key=entry["Key"])["Body"].read() for entry in listed}


def results(s3: Any, prefix: str = "out/") -> dict[str, bytes]:
    found = {name.removeprefix(prefix): data for name, data in objects(s3).items() if name.startswith(prefix)}
    return {name: data for name, data in found.items() if not name.startswith("_pspm/")}


def put(s3: Any, *names: str, data: bytes = JPEG) -> None:
    for i, name in enumerate(names):
        s3.put_object(Bucket="bucket", Key=name, Body=data + bytes(i))


def plain(photos: Path, out: Path, batch: Batch) -> dict[str, bytes]:
    assert batch(photos, "-o", out)[0] == 0
    return {name: data for name, data in snapshot(out).items() if not name.startswith("_pspm/")}


def test_from_store_to_store(s3: Any, photos: Path, out: Path, batch: Batch, engine: FakeEngine) -> None:
    names = ["a.jpg", "b.png", "sub/c.jpg"]
    put(s3, *(f"in/{name}" for name in names), "in/notes.txt", "in/.hidden.jpg", "other/d.jpg")

    code, err = batch("s3://bucket/in", "-o", "s3://bucket/out")

    assert (code, err) == (0, "3 of 3 photos done\nleft out: 1 .txt, 1 hidden\n")
    assert results(s3) == plain(photos, out, batch)
    manifest = pyarrow.parquet.read_table(pyarrow.BufferReader(objects(s3)["out/_pspm/manifest.parquet"])).to_pylist()
    assert [(row["path"], row["status"], row["output"]) for row in manifest] == [
        ("s3://bucket/in/a.jpg", "done", "a.png"),
        ("s3://bucket/in/b.png", "done", "b.png.png"),
        ("s3://bucket/in/sub/c.jpg", "done", "sub/c.png"),
    ]

    before, runs = objects(s3), len(engine.runs)
    code, err = batch("s3://bucket/in/", "-o", "s3://bucket/out/")
    assert (code, err) == (0, "3 of 3 photos done, 3 of them earlier\nleft out: 1 .txt, 1 hidden\n")
    assert (objects(s3), len(engine.runs)) == (before, runs)


def test_from_disk_to_store_and_back(s3: Any, photos: Path, out: Path, tmp_path: Path, batch: Batch) -> None:
    expected = plain(photos, tmp_path / "plain", batch)

    assert batch(photos, "-o", "s3://bucket/out") == (0, "3 of 3 photos done\n")
    assert results(s3) == expected

    put(s3, "in/a.jpg")
    assert batch("s3://bucket/in", "-o", out)[0] == 0
    assert (out / "a.png").read_bytes() == expected["a.png"]


def test_a_list_in_a_store(s3: Any, batch: Batch) -> None:
    put(s3, "lists/a.jpg", "other/b c?#&.jpg")
    rows = ["a.jpg", "s3://bucket/other/b c?#&.jpg", "gone.jpg", "../other/x.jpg"]
    text = "\n".join(json.dumps({"file": row}) for row in rows)
    s3.put_object(Bucket="bucket", Key="lists/list.jsonl", Body=text.encode())

    code, err = batch("s3://bucket/lists/list.jsonl", "--column", "file", "-o", "s3://bucket/out")

    assert code == 1
    assert sorted(results(s3)) == ["a.png", "bucket/other/b c?#&.png"]
    assert "2 of 4 photos done" in err
    assert "s3://bucket/lists/gone.jpg does not exist" in err
    assert "../other/x.jpg leads out of s3://bucket/lists; write its whole address" in err


def test_parquet_with_a_column(s3: Any, photos: Path, out: Path, tmp_path: Path, batch: Batch) -> None:
    table = pyarrow.table({"file": ["in/a.jpg", "in/sub/c.jpg"], "size": [1, 2]})
    pyarrow.parquet.write_table(table, tmp_path / "list.parquet")
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 no")

    assert batch(tmp_path / "list.parquet", "--column", "file", "-o", out) == (0, "2 of 2 photos done\n")
    assert (out / "_pspm/manifest.parquet").exists()
    code, err = batch(tmp_path / "list.parquet", "-o", out)
    assert code == 1
    assert "list.parquet has no column path; its columns are file, size" in err
    code, err = batch(tmp_path / "broken.parquet", "-o", out)
    assert code == 1
    assert "broken.parquet is not a parquet file that can be read" in err


def test_the_output_in_the_place_of_the_photos(s3: Any, batch: Batch) -> None:
    put(s3, "a.jpg", "in/b.jpg")

    assert batch("s3://bucket", "-o", "s3://bucket/out")[0] == 0
    assert sorted(results(s3)) == ["a.png", "in/b.png"]
    code, err = batch("s3://bucket", "-o", "s3://bucket/out")
    assert (code, err) == (0, "2 of 2 photos done, 2 of them earlier\nleft out: 1 folder of results\n")
    code, err = batch("s3://bucket/in", "-o", "s3://bucket/in/")
    assert (code, err) == (1, "pspm: s3://bucket/in is the place of the photos; give another one with -o\n")
    code, err = batch("s3://bucket", "-o", "s3://bucket/other")
    assert "left out: 2 made by an earlier run" in err


def test_an_object_with_other_content_is_kept_without_force(s3: Any, batch: Batch) -> None:
    put(s3, "in/a.jpg")
    s3.put_object(Bucket="bucket", Key="out/a.png", Body=b"another's")

    code, err = batch("s3://bucket/in", "-o", "s3://bucket/out")
    assert code == 1
    assert "s3://bucket/out/a.png exists already, with other content; give --force" in err
    assert results(s3) == {"a.png": b"another's"}

    assert batch("s3://bucket/in", "-o", "s3://bucket/out", "--force")[0] == 0
    assert results(s3)["a.png"].startswith(b"\x89PNG")


def test_buckets_and_photos_that_are_not_there(s3: Any, photos: Path, batch: Batch) -> None:
    for arguments, sentence in {
        ("s3://nothing-here/in", "-o", "out"): "s3://nothing-here/in cannot be listed (",
        ("s3://bucket/nothing", "-o", "out"): "s3://bucket/nothing holds no photos (",
        ("s3://bucket/gone.csv", "-o", "out"): "s3://bucket/gone.csv does not exist",
        ("s3://bucket/in?region=a b&c=1", "-o", "out"): "s3://bucket?region=a b&c=1 cannot be opened (",
    }.items():
        code, err = batch(*arguments)
        assert code == 1
        assert err.startswith(f"pspm: {sentence}")
        assert err.count("\n") == 1
    code, err = batch(photos, "-o", "s3://nothing-here/out")
    assert code == 1
    assert err.count("pspm:") == 1
    assert "s3://nothing-here/out/_pspm/ledger" in err
    assert "; check the address and the credentials" in err


class Refusing(BaseHTTPRequestHandler):
    """Refuses everything, as a store does without the right credentials or when it is too busy."""

    status, code = 403, "AccessDenied"
    count = 0

    def answer(self) -> None:
        type(self).count += 1
        body = f"<Error><Code>{self.code}</Code><Message>no</Message></Error>".encode()
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", "application/xml")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_PUT = do_HEAD = do_POST = answer  # noqa: N815

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def refusing(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Refusing]]:
    running = ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{running.server_port}"
    for name, value in {**KEYS, "AWS_ENDPOINT_URL": address, "AWS_EC2_METADATA_DISABLED": "true"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(back_off, "WAITS", (0.01, 0.01))
    monkeypatch.setattr(Refusing, "status", 403)
    monkeypatch.setattr(Refusing, "code", "AccessDenied")
    store.bucket.cache_clear()
    yield Refusing
    running.shutdown()
    store.bucket.cache_clear()


def test_without_the_right_credentials(refusing: Any, photos: Path, batch: Batch) -> None:
    for arguments in (("s3://bucket/in", "-o", "out"), (photos, "-o", "s3://bucket/out")):
        code, err = batch(*arguments)
        assert code == 1
        assert "ACCESS_DENIED" in err
        assert "; check the address and the credentials" in err
        assert err.count("pspm:") == 1


def test_a_store_that_stays_busy_ends_the_job(refusing: Any, monkeypatch: pytest.MonkeyPatch, batch: Batch) -> None:
    monkeypatch.setattr(refusing, "status", 503)
    monkeypatch.setattr(refusing, "code", "SlowDown")
    monkeypatch.setattr(back_off, "WAITS", ())  # pyarrow has tried several times itself

    code, err = batch("s3://bucket/in", "-o", "out")

    assert code == 1
    assert "s3://bucket/in cannot be reached (" in err
    assert "give the command again later to go on" in err


def test_a_store_that_is_busy_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(back_off.time, "sleep", waited.append)
    answers: list[OSError | int] = [OSError("AWS Error SLOW_DOWN during PutObject: Please reduce your rate")] * 3
    answers.append(7)

    def action() -> int:
        answer = answers.pop(0)
        if isinstance(answer, OSError):
            raise answer
        return answer

    assert back_off.patiently(action, "s3://bucket/a") == 7
    assert len(waited) == 3
    assert 0.25 <= waited[0] <= 0.75
    assert 1 <= waited[2] <= 3


def test_errors_that_do_not_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(back_off.time, "sleep", lambda _: pytest.fail("it waited"))

    def denied() -> None:
        raise OSError("AWS Error ACCESS_DENIED during GetObject operation: Access Denied")

    with pytest.raises(OSError, match="ACCESS_DENIED"):
        back_off.patiently(denied, "s3://bucket/a")


def test_parts_and_failures(s3: Any, batch: Batch) -> None:
    put(s3, *(f"in/{i}.jpg" for i in range(8)))
    put(s3, "in/bad.jpg", data=b"no photo")

    codes = [batch("s3://bucket/in", "-o", "s3://bucket/out", "--shard", f"{i}/2")[0] for i in (1, 2)]

    assert sorted(codes) == [0, 1]
    assert len(results(s3)) == 8
    manifest = pyarrow.parquet.read_table(pyarrow.BufferReader(objects(s3)["out/_pspm/manifest.parquet"])).to_pylist()
    assert sum(row["status"] == "done" for row in manifest) == 8
    assert [row["path"] for row in manifest if row["status"] == "failed"] == ["s3://bucket/in/bad.jpg"]


def test_photos_of_a_disk_are_unharmed(s3: Any, tmp_path: Path, batch: Batch) -> None:
    source = make(tmp_path / "in", "a.jpg")
    before = snapshot(source)

    assert batch(source, "-o", "s3://bucket/out")[0] == 0
    assert snapshot(source) == before
