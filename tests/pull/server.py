#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A server on loopback for test_pull: good packs, and everything that can go wrong.

    server.py FOLDER

makes packs for the inference stub in FOLDER: manifests as NAME.json, what they download as files.
Then it prints its port and serves http://127.0.0.1:PORT/MODE/FILE until its standard input ends.
MODE says how it behaves. Each request is appended to FOLDER/requests.log: mode, file, range.
"""
import hashlib
import io
import json
import os
import re
import stat
import sys
import tarfile
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FOLDER = sys.argv[1]


def model(kind):
    """A stub model, large enough to break off in the middle."""
    return ("facesearch-stub %s\n" % kind + "padding\n" * 40000).encode()


DETECTOR, EMBEDDER = model("scrfd"), model("embedder 128")


def write(name, data):
    with open(os.path.join(FOLDER, name), "wb") as file:
        file.write(data)
    return data


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def zipped(entries):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content, mode in entries:
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            archive.writestr(info, content)
    return data.getvalue()


def tarred(entries):
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as archive:
        for name, content, kind, target in entries:
            info = tarfile.TarInfo(name)
            info.size, info.type, info.linkname = len(content), kind, target
            archive.addfile(info, io.BytesIO(content))
    return data.getvalue()


def manifest(name, downloads, **more):
    pack = {
        "format": 1, "name": name, "license": "MIT", "license_notes": "Notes.",
        "detector": {"family": "scrfd", "file": "det.onnx", "sha256": sha256(DETECTOR),
                     "bytes": len(DETECTOR)},
        "embedder": {"file": "rec.onnx", "sha256": sha256(EMBEDDER), "bytes": len(EMBEDDER),
                     "dim": 128},
        "downloads": downloads,
    }
    pack.update(more)
    write(name + ".json", json.dumps(pack).encode())


def download(name, data, file=None):
    entry = {"url": "https://example.org/some/folder/" + name, "sha256": sha256(data),
             "bytes": len(data)}
    return dict(entry, file=file) if file else entry


def archive_pack(name, data, **more):
    extension = ".zip" if data[:2] == b"PK" else ".tgz"
    write(name + extension, data)
    manifest(name, [download(name + extension, data)], **more)


def make_packs():
    plain, link = stat.S_IFREG | 0o644, stat.S_IFLNK | 0o777
    singles = [download("det.onnx", write("det.onnx", DETECTOR), "det.onnx"),
               download("rec.onnx", write("rec.onnx", EMBEDDER), "rec.onnx")]
    manifest("single", singles)
    manifest("licensed", singles, needs_acceptance=True)
    archive_pack("zipped", zipped([("zipped/other.onnx", b"other", plain),
                                   ("zipped/det.onnx", DETECTOR, plain),
                                   ("rec.onnx", EMBEDDER, plain)]))
    archive_pack("tarred", tarred([("package/det.onnx", DETECTOR, tarfile.REGTYPE, ""),
                                   ("package/rec.onnx", EMBEDDER, tarfile.REGTYPE, "")]))
    climbing = [("../det.onnx", DETECTOR, plain), ("/tmp/rec.onnx", EMBEDDER, plain),
                ("a/../../rec.onnx", EMBEDDER, plain), ("det.onnx", b"/etc/passwd", link)]
    archive_pack("climbing", zipped(climbing))
    archive_pack("climbing-and-good", zipped(climbing + [("det.onnx", DETECTOR, plain),
                                                         ("rec.onnx", EMBEDDER, plain),
                                                         ("../../evil", b"evil", plain)]))
    archive_pack("linked", tarred([("det.onnx", b"", tarfile.SYMTYPE, "/etc/passwd"),
                                   ("rec.onnx", b"", tarfile.LNKTYPE, "/etc/passwd")]))
    archive_pack("swapped", zipped([("det.onnx", EMBEDDER, plain), ("rec.onnx", EMBEDDER, plain)]))
    archive_pack("swollen", zipped([("det.onnx", DETECTOR + b"x" * 5000000, plain),
                                    ("rec.onnx", EMBEDDER, plain)]))
    archive_pack("no-archive", b"PKxx this is no archive")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen = set()
    lock = threading.Lock()

    def log_message(self, *args):
        pass

    def do_GET(self):
        mode, _, name = self.path[1:].rpartition("/")
        asked = self.headers.get("Range", "-")
        with self.lock:
            first = (mode, name) not in self.seen
            self.seen.add((mode, name))
            with open(os.path.join(FOLDER, "requests.log"), "a") as log:
                log.write("%s %s %s\n" % (mode, name, asked))
        try:
            with open(os.path.join(FOLDER, os.path.basename(name)), "rb") as file:
                data = file.read()
        except OSError:
            return self.answer(404, b"there is nothing here")
        match = re.fullmatch(r"bytes=(\d+)-", asked)
        start = int(match[1]) if match else 0
        {
            "good": lambda: self.part(data, start),
            "breaks": lambda: self.breaks(data, start, first),
            "breaks-ignores-range": lambda: self.breaks(data, 0, first),
            "breaks-wrong-range": lambda: self.breaks(data, start, first, wrong=True),
            "lies": lambda: self.part(b"y" + data[1:], start),
            "spoils": lambda: self.breaks(data if not first else b"y" + data[1:], start, first),
            "missing": lambda: self.answer(404, b"there is nothing here"),
            "fails": lambda: self.answer(500, b"out of order"),
            "endless": self.endless,
            "too-long": lambda: self.answer(200, data + b"more"),
            "too-short": lambda: self.answer(200, data[:-10]),
            "redirects": lambda: self.redirect("/good/" + name),
            "redirects-out": lambda: self.redirect("http://example.org/" + name),
            "redirects-to-file": lambda: self.redirect("file:///etc/passwd"),
            "redirects-to-user": lambda: self.redirect("http://127.0.0.1@example.org/" + name),
            "circles": lambda: self.redirect("/circles/" + name),
        }.get(mode, lambda: self.answer(404, b""))()

    def answer(self, code, data, headers=()):
        self.send_response(code)
        for key, value in headers:
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.send(data)

    def send(self, data):
        try:
            self.wfile.write(data)
        except OSError:
            self.close_connection = True

    def part(self, data, start, wrong=False):
        if start == 0:
            return self.answer(200, data)
        if start >= len(data):
            return self.answer(416, b"")
        shift = 1 if wrong else 0
        content_range = "bytes %d-%d/%d" % (start + shift, len(data) - 1, len(data))
        self.answer(206, data[start:], [("Content-Range", content_range)])

    def breaks(self, data, start, first, wrong=False):
        """The first answer ends in the middle of the file."""
        if not first:
            return self.part(data, start, wrong)
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.send(data[:len(data) // 2])
        self.wfile.flush()
        self.close_connection = True

    def endless(self):
        self.send_response(200)
        self.end_headers()
        while not self.close_connection:
            self.send(b"x" * 65536)

    def redirect(self, where):
        self.answer(302, b"elsewhere", [("Location", where)])


class Server(ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        """Clients that go away are what the tests are about."""


if __name__ == "__main__":
    make_packs()
    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()
