"""The Hub without a network: the real library speaks to a server that keeps each name as a folder."""

from __future__ import annotations

import base64
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from looped.__main__ import main
from looped.catalogue import hub
from looped.catalogue.checkpoints import CheckpointError, load_checkpoint
from looped.catalogue.hub import pull, push

COMMIT = "0123456789abcdef0123456789abcdef01234567"
Make = Callable[..., Path]


class Hub:
    """A server that answers as the Hub does, for the folders owner/name in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.claimed: dict[str, int] = {}  # sizes that are told in place of the true ones
        self.status = 0  # every answer's, where it is not 0
        shelf = self

        class Door(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = unquote(urlsplit(self.path).path).strip("/")
                if shelf.status:
                    self.reply(shelf.status, b"{}")
                elif path.startswith("api/models/"):
                    self.info(path.removeprefix("api/models/"))
                else:
                    owner, name, _, _, file = path.split("/", 4)  # owner/name/resolve/revision/file
                    self.file(shelf.folder / owner / name / file)

            do_HEAD = do_GET

            def info(self, path: str) -> None:
                name, tree, revision = path.partition("/tree/")
                if not tree:
                    name, _, revision = path.partition("/revision/")
                folder = shelf.folder / name
                if not folder.is_dir():
                    return self.reply(404, b"{}", {"X-Error-Code": "RepoNotFound"})
                if revision not in ("", "main", COMMIT):
                    return self.reply(404, b"{}", {"X-Error-Code": "RevisionNotFound"})
                files = [file.name for file in folder.iterdir()]
                if tree:
                    listed = [
                        {"type": "file", "path": one, "size": self.size(folder / one), "oid": one} for one in files
                    ]
                    return self.reply(200, json.dumps(listed).encode())
                siblings = [{"rfilename": one, "size": self.size(folder / one)} for one in sorted(files)]
                told = {"id": name, "modelId": name, "sha": COMMIT, "siblings": siblings, "tags": [], "downloads": 0}
                return self.reply(200, json.dumps(told | {"private": False}).encode())

            def size(self, file: Path) -> int:
                return shelf.claimed.get(file.name, file.stat().st_size)

            def file(self, file: Path) -> None:
                data = file.read_bytes()
                self.reply(200, data, {"X-Repo-Commit": COMMIT, "ETag": f'"{len(data)}-{file.name}"'})

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                path = urlsplit(self.path).path.strip("/")
                if shelf.status or self.headers.get("Authorization") != "Bearer hf_secret":
                    self.reply(shelf.status or 401, b"{}")
                elif path == "api/repos/create":
                    asked = json.loads(body)
                    name = f"{asked['organization']}/{asked['name']}"
                    (shelf.folder / name).mkdir(parents=True, exist_ok=True)
                    self.reply(200, json.dumps({"url": f"{shelf.address}/{name}", "name": name}).encode())
                elif "/preupload/" in path:
                    files = [{"path": file["path"], "uploadMode": "regular"} for file in json.loads(body)["files"]]
                    self.reply(200, json.dumps({"files": [one | {"shouldIgnore": False} for one in files]}).encode())
                else:
                    self.commit(path.removeprefix("api/models/").partition("/commit/")[0], body)

            def commit(self, name: str, body: bytes) -> None:
                for line in map(json.loads, body.splitlines()):
                    if line["key"] == "file":
                        data = base64.b64decode(line["value"]["content"])
                        (shelf.folder / name / line["value"]["path"]).write_bytes(data)
                told = {"commitOid": COMMIT, "commitUrl": f"{shelf.address}/{name}/commit/{COMMIT}", "success": True}
                self.reply(200, json.dumps(told).encode())

            def reply(self, status: int, data: bytes, headers: dict[str, str] | None = None) -> None:
                self.send_response(status)
                for name, value in (headers or {}).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(data)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.address = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def shelf(tmp_path: Path, make_checkpoint: Make, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A Hub with one checkpoint, someone/small."""
    make_checkpoint(tmp_path / "hub" / "someone" / "small")
    found = Hub(tmp_path / "hub")
    monkeypatch.setattr(hub, "ENDPOINT", found.address)
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    thread = threading.Thread(target=found.server.serve_forever, args=(0.01,))
    thread.start()
    yield found
    found.server.shutdown()
    thread.join()
    found.server.server_close()


def test_a_checkpoint_is_fetched_by_its_name_and_nothing_beside_it(shelf: Hub, tmp_path: Path) -> None:
    there = shelf.folder / "someone" / "small"
    (there / "README.md").write_text("# small\n", "utf-8")
    (there / "run.py").write_text("raise SystemExit", "utf-8")
    out = tmp_path / "mine" / "small"
    assert pull("someone/small", out) == sum(
        (there / name).stat().st_size for name in ("config.json", "model.safetensors", "README.md")
    )
    assert sorted(file.name for file in out.iterdir()) == ["README.md", "config.json", "model.safetensors"]
    assert load_checkpoint(str(out)).sha256 == load_checkpoint(str(there)).sha256
    assert [file.name for file in out.parent.iterdir()] == ["small"]
    with pytest.raises(CheckpointError, match=r"is there already; give another --out\.$"):
        pull("someone/small", out)


def test_a_checkpoint_is_published_and_fetched_again(shelf: Hub, tmp_path: Path, make_checkpoint: Make) -> None:
    folder = make_checkpoint(tmp_path / "own", seed=3)
    (folder / "state.pt").write_bytes(b"of a run that is under way")
    address = push(folder, "someone/new", private=True)
    assert address.endswith(f"/someone/new/commit/{COMMIT}")
    there = shelf.folder / "someone" / "new"
    assert sorted(file.name for file in there.iterdir()) == ["config.json", "model.safetensors"]
    pull("someone/new", tmp_path / "again", revision="main")
    for file in ("config.json", "model.safetensors"):
        assert (tmp_path / "again" / file).read_bytes() == (folder / file).read_bytes()


def spoil(folder: Path, what: str) -> None:
    if what == "weights":
        (folder / "model.safetensors").write_bytes(b"x" * 100)
    elif what == "config":
        (folder / "config.json").write_text('{"schema": 1, "name": "small"}', "utf-8")
    else:
        (folder / what).unlink()


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("weights", r"^someone/small/model.safetensors is not the file that config.json describes"),
        ("config", r"^someone/small/config.json lacks task, model, sha256\.$"),
        ("config.json", r"^someone/small is no checkpoint: it has no config.json\.$"),
    ],
)
def test_what_is_no_checkpoint_is_told_and_leaves_nothing(shelf: Hub, tmp_path: Path, what: str, says: str) -> None:
    spoil(shelf.folder / "someone" / "small", what)
    with pytest.raises(CheckpointError, match=says) as caught:
        pull("someone/small", tmp_path / "mine" / "small")
    assert str(tmp_path) not in str(caught.value)
    assert [*(tmp_path / "mine").iterdir()] == []


def test_sizes_are_looked_at_before_anything_is_fetched(shelf: Hub, tmp_path: Path) -> None:
    shelf.claimed = {"model.safetensors": 10**12}
    with pytest.raises(
        CheckpointError, match=r"^someone/small: model.safetensors has 1,000,000,000,000 bytes; at most"
    ):
        pull("someone/small", tmp_path / "small")


def test_a_name_that_is_not_there_and_a_hub_that_is_not_there_are_told_in_a_sentence(
    shelf: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def told(*arguments: str) -> str:
        assert main([*arguments]) == 2
        out, err = capsys.readouterr()
        assert (out, err.count("\n")) == ("", 1)
        return err

    out = str(tmp_path / "small")
    own = str(shelf.folder / "someone" / "small")
    assert told("pull", "someone/none", "--out", out) == (
        "looped: the Hub has no someone/none, or does not show it to you; log in with: hf auth login.\n"
    )
    assert "has no revision 'v9'" in told("pull", "someone/small", "--revision", "v9", "--out", out)
    for name in ("small", "../small", "a/b/c", "a b/c", ""):
        assert "is no name on the Hub, such as someone/sudoku9-tmlt." in told("pull", name, "--out", out)
    assert "there is no checkpoint" in told("push", str(tmp_path / "none"), "someone/new")
    shelf.status = 500
    assert "the Hub answered 500 for someone/small" in told("push", own, "someone/small")
    shelf.status = 403
    assert "does not let you do this with someone/small; log in" in told("push", own, "someone/small")
    monkeypatch.setattr(hub, "ENDPOINT", "http://127.0.0.1:9")
    for command in (("pull", "someone/small", "--out", out), ("push", own, "someone/small")):
        assert told(*command) == "looped: the Hub cannot be reached for someone/small; is there a network?\n"
    assert not (tmp_path / "small").exists()


def test_commands_fetch_and_publish(shelf: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "small"
    assert main(["pull", "someone/small", "--out", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {"checkpoint": str(out), "bytes": sum(file.stat().st_size for file in out.iterdir())}
    assert main(["push", str(out), "someone/second", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["name"] == "someone/second"
    shutil.rmtree(out)
    assert main(["pull", "someone/second", "--out", str(out)]) == 0
    assert "measure it with" in capsys.readouterr().out
