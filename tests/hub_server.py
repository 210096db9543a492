"""A Hub on this machine for the real client: repositories in memory, and faults on demand.

with HubServer(tokens={"hf_good": "mujo"}) as hub:
    subprocess.run(command, env=hub.environment("hf_good", cache))
"""

import base64
import hashlib
import json
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

LFS_BYTES = 10_000  # larger files, and weights and shards of any size, go through LFS
LFS_SUFFIXES = (".safetensors", ".parquet")


@dataclass
class Repository:
    """Commits are path → content; branches name one of them. `sdk` is a Space's."""

    kind: str
    name: str
    private: bool
    sdk: str | None = None
    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)

    def __post_init__(self):
        self.branches["main"] = ""
        self.commit("main", {})

    def commit(self, branch: str, files: dict[str, bytes]) -> str:
        identity = f"{self.kind}{self.name}{len(self.commits)}"
        oid = hashlib.sha1(identity.encode(), usedforsecurity=False).hexdigest()
        self.commits[oid], self.branches[branch] = files, oid
        return oid

    def resolve(self, revision: str) -> str | None:
        return self.branches.get(revision, revision if revision in self.commits else None)

    def files(self, revision: str = "main") -> dict[str, bytes]:
        return self.commits[self.branches[revision]]


class HubServer:
    """
    Serves until the `with` block ends.

    Attributes:
        tokens: token → account.
        repositories: (kind, name) → repository.
        lfs: SHA-256 → content.
        faults: name → how many times: `conflict` answers a commit with 412, `drop_upload` closes the connection in
            the middle of an LFS file, `drop_commit` before a commit is made.
        uploads: SHA-256 → how many times its content arrived whole.
    """

    def __init__(self, tokens: dict[str, str]):
        self.tokens, self.faults = tokens, Counter[str]()
        self.repositories: dict[tuple[str, str], Repository] = {}
        self.lfs: dict[str, bytes] = {}
        self.uploads = Counter[str]()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": self}))
        self.address = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self) -> "HubServer":
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.server.shutdown()
        self.server.server_close()

    def environment(self, token: str | None, cache: Path) -> dict[str, str]:
        """Variables with which the client talks to this Hub, set before it is imported."""
        variables = {
            "HF_ENDPOINT": self.address,
            "HF_HUB_DISABLE_XET": "1",
            "HF_HOME": str(cache),
            "HF_HUB_OFFLINE": "0",
        }
        return variables | ({"HF_TOKEN": token} if token else {})

    def take_fault(self, name: str) -> bool:
        due = self.faults[name] > 0
        self.faults[name] -= due
        return due


class _Handler(BaseHTTPRequestHandler):
    hub: HubServer
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        pass

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        parts = self._parts()
        match parts:
            case ["api", "whoami-v2"]:
                account = self._account()
                self._json({"name": account, "type": "user", "orgs": []}, 200 if account else 401)
            case ["api", ("models" | "datasets" | "spaces") as kind, space, name, *rest]:
                self._about(self._repository(kind, f"{space}/{name}"), rest)
            case [("datasets" | "spaces") as kind, space, name, "resolve", revision, *path]:
                self._resolve(self._repository(kind, f"{space}/{name}"), revision, "/".join(path))
            case [space, name, "resolve", revision, *path]:
                self._resolve(self._repository("models", f"{space}/{name}"), revision, "/".join(path))
            case _:
                self._error(404, "EntryNotFound")

    def do_POST(self) -> None:
        parts, body = self._parts(), self._body()
        if parts == ["api", "validate-yaml"]:
            return self._json({"errors": [], "warnings": []})
        if "paths-info" in parts:
            _, kind, space, name, _, revision = parts
            return self._paths(self._repository(kind, f"{space}/{name}"), revision, json.loads(body)["paths"])
        if not self._account():
            return self._json({"error": "Invalid credentials"}, 401)
        match parts:
            case ["api", "repos", "create"]:
                self._create(json.loads(body))
            case ["api", kind, space, name, "preupload", revision]:
                self._preupload(self._repository(kind, f"{space}/{name}"), revision, json.loads(body)["files"])
            case ["api", kind, space, name, "commit", revision]:
                self._commit(self._repository(kind, f"{space}/{name}"), revision, body)
            case ["api", kind, space, name, "branch", branch]:
                self._branch(self._repository(kind, f"{space}/{name}"), branch)
            case [*_, "info", "lfs", "objects", "batch"]:
                self._json({"objects": [self._lfs_action(item) for item in json.loads(body)["objects"]]})
            case _:
                self._error(404, "EntryNotFound")

    def do_PUT(self) -> None:
        length = int(self.headers["Content-Length"])
        if self.hub.take_fault("drop_upload"):
            self.rfile.read(length // 2)
            self.close_connection = True
            self.connection.close()
            return
        content = self.rfile.read(length)
        oid = hashlib.sha256(content).hexdigest()
        self.hub.lfs[oid] = content
        self.hub.uploads[oid] += 1
        self._json({})

    def _create(self, wanted: dict) -> None:
        kind, name = (
            wanted.get("type", "model") + "s",
            f"{wanted.get('organization') or self._account()}/{wanted['name']}",
        )
        exists = (kind, name) in self.hub.repositories
        if not exists:
            self.hub.repositories[kind, name] = Repository(
                kind,
                name,
                wanted.get("visibility") == "private" or bool(wanted.get("private")),
                wanted.get("sdk"),
            )
        prefix = "" if kind == "models" else f"{kind}/"
        answer = {
            "url": f"{self.hub.address}/{prefix}{name}",
            **({"error": "You already created it"} if exists else {}),
        }
        self._json(answer, 409 if exists else 200)

    def _preupload(self, repository: Repository | None, revision: str, files: list[dict]) -> None:
        if repository is None:
            return self._error(404, "RepoNotFound")
        held = repository.files(revision)
        self._json(
            {
                "files": [
                    {
                        "path": file["path"],
                        "uploadMode": "lfs" if _is_lfs(file["path"], file["size"]) else "regular",
                        "shouldIgnore": False,
                        "oid": _oid(file["path"], held[file["path"]]) if file["path"] in held else None,
                    }
                    for file in files
                ]
            }
        )

    def _commit(self, repository: Repository | None, branch: str, body: bytes) -> None:
        if repository is None:
            return self._error(404, "RepoNotFound")
        if self.hub.take_fault("drop_commit"):
            self.close_connection = True
            self.connection.close()
            return
        lines = [json.loads(line) for line in body.splitlines()]
        parent = next(line["value"] for line in lines if line["key"] == "header").get("parentCommit")
        if self.hub.take_fault("conflict") or parent not in (None, repository.branches[branch]):
            return self._json({"error": "A commit has happened since. Please refresh and try again."}, 412)
        files = dict(repository.files(branch))
        for line in lines:
            value = line["value"]
            match line["key"]:
                case "file":
                    files[value["path"]] = base64.b64decode(value["content"])
                case "lfsFile":
                    files[value["path"]] = self.hub.lfs[value["oid"]]
                case "deletedFile":
                    del files[value["path"]]
        oid = repository.commit(branch, files)
        self._json({"commitUrl": f"{self.hub.address}/{repository.name}/commit/{oid}", "commitOid": oid})

    def _branch(self, repository: Repository | None, branch: str) -> None:
        if repository is None:
            return self._error(404, "RepoNotFound")
        exists = branch in repository.branches
        if not exists:
            repository.branches[branch] = repository.branches["main"]
        self._json({}, 409 if exists else 200)

    def _lfs_action(self, item: dict) -> dict:
        if item["oid"] in self.hub.lfs:
            return item
        return {**item, "actions": {"upload": {"href": f"{self.hub.address}/lfs/{item['oid']}", "header": {}}}}

    def _about(self, repository: Repository | None, rest: list[str]) -> None:
        if repository is None:
            return self._error(401 if not self._account() else 404, "RepoNotFound")
        revision = rest[1] if len(rest) > 1 else "main"
        oid = repository.resolve(revision)
        if oid is None:
            return self._error(404, "RevisionNotFound")
        files = repository.commits[oid]
        if rest and rest[0] == "tree":
            return self._json(list(_tree(files, "/".join(rest[2:]), "recursive=true" in self.path.lower())))
        if rest and rest[0] == "commits":
            return self._json([])
        names = [{"rfilename": name} for name in files]
        self._json({"id": repository.name, "sha": oid, "private": repository.private, "siblings": names, "tags": []})

    def _paths(self, repository: Repository | None, revision: str, paths: list[str]) -> None:
        oid = repository and repository.resolve(revision)
        if repository is None or oid is None:
            return self._error(404, "RepoNotFound")
        everything = {entry["path"]: entry for entry in _tree(repository.commits[oid], "", recursive=True)}
        self._json([everything[path] for path in paths if path in everything])

    def _resolve(self, repository: Repository | None, revision: str, path: str) -> None:
        if repository is None:
            return self._error(404, "RepoNotFound")
        oid = repository.resolve(revision)
        if oid is None:
            return self._error(404, "RevisionNotFound")
        if path not in repository.commits[oid]:
            return self._error(404, "EntryNotFound", {"X-Repo-Commit": oid})
        content = repository.commits[oid][path]
        etag = f'"{_oid(path, content)}"'
        headers = {"X-Repo-Commit": oid, "ETag": etag, "Accept-Ranges": "bytes"}
        if _is_lfs(path, len(content)):
            headers |= {"X-Linked-Etag": etag, "X-Linked-Size": str(len(content))}
        status, total = 200, len(content)
        if wanted := self.headers.get("Range"):
            first, _, last = wanted.removeprefix("bytes=").partition("-")
            start, end = int(first), min(int(last) if last else total - 1, total - 1)
            content, status = content[start : end + 1], 206
            headers["Content-Range"] = f"bytes {start}-{end}/{total}"
        self._answer(status, content, headers)

    def _repository(self, kind: str, name: str) -> Repository | None:
        found = self.hub.repositories.get((kind, name))
        return None if found is None or (found.private and not self._account()) else found

    def _account(self) -> str | None:
        return self.hub.tokens.get(self.headers.get("Authorization", "").removeprefix("Bearer "))

    def _parts(self) -> list[str]:
        return [unquote(part) for part in urlsplit(self.path).path.strip("/").replace(".git/", "/").split("/")]

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        chunks = []
        while size := int(self.rfile.readline(), 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def _json(self, content: Any, status: int = 200) -> None:
        self._answer(status, json.dumps(content).encode(), {"Content-Type": "application/json"})

    def _error(self, status: int, code: str, headers: dict[str, str] | None = None) -> None:
        self._answer(status, b"{}", {"X-Error-Code": code, "Content-Type": "application/json", **(headers or {})})

    def _answer(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


def _is_lfs(path: str, size: int) -> bool:
    return path.endswith(LFS_SUFFIXES) or (size > LFS_BYTES and not path.endswith((".py", ".md", ".json")))


def _oid(path: str, content: bytes) -> str:
    """SHA-256 for LFS, git's blob SHA-1 for the rest."""
    if _is_lfs(path, len(content)):
        return hashlib.sha256(content).hexdigest()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _tree(files: dict[str, bytes], folder: str, recursive: bool) -> Iterable[dict]:
    prefix, folders = f"{folder}/" if folder else "", set()
    for path, content in sorted(files.items()):
        if not path.startswith(prefix):
            continue
        inner = path.removeprefix(prefix).split("/")
        for depth in range(1, len(inner) if recursive else min(len(inner), 2)):
            name = prefix + "/".join(inner[:depth])
            if name not in folders:
                folders.add(name)
                yield {"type": "directory", "path": name, "oid": "0" * 40, "size": 0}
        if recursive or len(inner) == 1:
            entry = {"type": "file", "path": path, "oid": _oid(path, content), "size": len(content)}
            if _is_lfs(path, len(content)):
                entry["lfs"] = {"oid": _oid(path, content), "size": len(content), "pointerSize": 130}
            yield entry
