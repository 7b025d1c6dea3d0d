#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kill -9 while a folder that is being changed is indexed, and several processes at once.

    kill.py [KILLS]     default: 20

After each kill: the database is sound, what was committed is there, no photo is there twice, and the
next run goes on from there and does exactly what is left. At the end the index equals a fresh one.

In the environment: FACESEARCH (the program with the inference stub), CLI_PHOTOS (cli/photos.c).
"""
import hashlib
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

PHOTOS = 400
CHANGES = 260  # a round; a run commits every 128 photos, so a kill meets runs that are half done
SLOW_MS = 2

failed = False


def say(good, what, detail=""):
    global failed
    failed = failed or not good
    print(f"{'ok' if good else 'not ok'} - {what}{': ' + detail if detail and not good else ''}",
          flush=True)


class Folder:
    """Photos that nobody has seen before, as many as wanted: a portrait with a number at its end."""

    def __init__(self, path, portraits):
        self.path, self.portraits, self.count = path, portraits, 0

    def fresh(self):
        self.count += 1
        return random.choice(self.portraits) + f"{self.count}\n".encode()

    def names(self):
        found = []
        for folder, folders, files in os.walk(self.path):
            folders[:] = [f for f in folders if not f.startswith(".")]
            found += [os.path.relpath(os.path.join(folder, f), self.path) for f in files]
        return sorted(found)

    def write(self, name, data):
        path = os.path.join(self.path, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)

    def full(self, name):
        return os.path.join(self.path, name)

    def change(self, count):
        """Mostly other bytes; some new, renamed, copied, removed."""
        names = self.names()
        for name in random.sample(names, min(count, len(names))):
            what = random.random()
            other = f"{random.choice('abcd')}/{random.randrange(10**9)}.jpg"
            if what < 0.75:
                self.write(name, self.fresh())
            elif what < 0.82:
                self.write(other, self.fresh())
            elif what < 0.89:
                os.makedirs(os.path.dirname(self.full(other)), exist_ok=True)
                os.rename(self.full(name), self.full(other))
            elif what < 0.93:
                with open(self.full(name), "rb") as file:
                    self.write(other, file.read())
            else:
                os.remove(self.full(name))

    def digests(self):
        result = {}
        for name in self.names():
            with open(self.full(name), "rb") as file:
                result[name] = hashlib.sha256(file.read()).digest()
        return result


def known(database):
    """Path -> digest, size, time of what the index has, after a look at whether it is sound."""
    base = sqlite3.connect(database, isolation_level=None)
    check = base.execute("PRAGMA integrity_check").fetchall()
    foreign = base.execute("PRAGMA foreign_key_check").fetchall()
    if check != [("ok",)] or foreign:
        raise AssertionError(f"integrity_check: {check[:3]}, foreign_key_check: {foreign[:3]}")
    twice = base.execute("SELECT path FROM path GROUP BY path HAVING count(*) > 1").fetchall()
    twice += base.execute("SELECT sha256 FROM content GROUP BY sha256 HAVING count(*) > 1").fetchall()
    twice += base.execute("SELECT content FROM face GROUP BY content, contract, number"
                          " HAVING count(*) > 1").fetchall()
    if twice:
        raise AssertionError(f"there twice: {twice[:3]}")
    half = base.execute(
        "SELECT count(*) FROM analysis a WHERE status = 0 AND faces <>"
        " (SELECT count(*) FROM face f WHERE f.content = a.content AND f.contract = a.contract)"
    ).fetchone()[0]
    lost = base.execute("SELECT count(*) FROM path p WHERE state = 0 AND NOT EXISTS"
                        " (SELECT 1 FROM analysis a WHERE a.content = p.content)").fetchone()[0]
    if half or lost:
        raise AssertionError(f"{half} photos without all their faces, {lost} without analysis")
    rows = base.execute("SELECT path, sha256, size, mtime FROM path JOIN content"
                        " ON content.id = path.content").fetchall()
    base.close()
    return {os.fsdecode(path): (digest, size, mtime) for path, digest, size, mtime in rows}


class Test:
    def __init__(self, scratch):
        self.program = os.environ["FACESEARCH"]
        photos = os.environ["CLI_PHOTOS"]
        os.chdir(scratch)
        os.mkdir("packs")
        subprocess.run([photos, "pack", "packs/stub", "scrfd", "128", str(SLOW_MS)], check=True)
        os.environ["FACESEARCH_MODELS"] = "packs/stub"
        os.environ.pop("FACESEARCH_INDEX", None)
        portraits = []
        for person in range(8):
            subprocess.run([photos, "portrait", "p.jpg", "120", str(person), str(person)], check=True)
            with open("p.jpg", "rb") as file:
                portraits.append(file.read())
        self.folder = Folder("photos", portraits)
        for i in range(PHOTOS):
            self.folder.write(f"{'abcd'[i % 4]}/{i}.jpg", self.folder.fresh())
        self.database = "photos/.facesearch/index.db"
        self.seconds = 1.5

    def run(self, *arguments):
        return subprocess.run([self.program, *arguments], capture_output=True, text=True, check=False)

    def start_index(self):
        return subprocess.Popen([self.program, "index", "photos", "--quiet"],
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def one_kill(self):
        """Returns whether the kill met a run that had committed something, but not all."""
        before = known(self.database) if os.path.exists(self.database) else {}
        self.folder.change(CHANGES)
        process = self.start_index()
        end = time.monotonic() + random.uniform(0, 1.1) * self.seconds
        while time.monotonic() < end:
            time.sleep(0.02)
            self.folder.change(1)
        process.send_signal(signal.SIGKILL)
        process.wait()
        after = known(self.database) if os.path.exists(self.database) else {}
        digests = self.folder.digests()
        for name, (digest, _, _) in before.items():
            if digests.get(name) == digest and after.get(name, (b"",))[0] != digest:
                raise AssertionError(f"{name} was committed and is gone")
        self.resume(after, digests)
        changed = [name for name in digests if after.get(name) != before.get(name)]
        left = [name for name in digests if after.get(name, (b"",))[0] != digests[name]]
        return bool(changed) and bool(left)

    def resume(self, after, digests):
        start = time.monotonic()
        ended = self.run("index", "photos", "--json", "--quiet")
        if ended.returncode != 0:
            raise AssertionError(f"index ended with {ended.returncode}: {ended.stderr}")
        if len(after) < PHOTOS / 4:
            self.seconds = max(time.monotonic() - start, 0.3)
        report = json.loads(ended.stdout)
        added = sum(name not in after for name in digests)
        changed = sum(name in after and after[name][0] != digests[name] for name in digests)
        if (report["new"] + report["renamed"], report["changed"]) != (added, changed):
            raise AssertionError(f"{report}, but {added} paths are new and {changed} changed")
        now = {name: digest for name, (digest, _, _) in known(self.database).items()}
        if now != digests or report["photos"] != len(digests):
            raise AssertionError("the index is not what the folder is")

    def kills(self, count):
        half_done = done = 0
        while done < count or (half_done == 0 and done < 3 * count):
            half_done += self.one_kill()
            done += 1
        say(True, f"{done} kills, {half_done} of them in the middle of a run")
        say(half_done > 0, "some kills met a run that was half done")

    def search(self, *arguments):
        ended = self.run("search", "-q", "p.jpg", "-t", "photos", "--json", "--quiet", "--threshold",
                         "-1", *arguments)
        if ended.returncode != 0:
            raise AssertionError(f"search ended with {ended.returncode}: {ended.stderr}")
        return ended.stdout

    def equals_fresh(self):
        say(self.search() == self.search("--index", "fresh.db"), "the index equals a fresh one")
        say(self.search() == self.search("--no-index"), "the index equals a scan")
        keys = ("photos", "faces", "skipped", "skipped_files", "other", "model", "contract")
        reports = [json.loads(self.run("status", "photos", "--json", *more).stdout)
                   for more in ((), ("--index", "fresh.db"))]
        say(*(lambda a, b: (a == b, "their reports are the same", f"{a} {b}"))(
            *[{key: report[key] for key in keys} for report in reports]))

    def at_once(self, rounds):
        for _ in range(rounds):
            self.folder.change(CHANGES)
            indexers = [self.start_index() for _ in range(2)]
            searchers = [subprocess.Popen([self.program, "-q", "p.jpg", "-t", "photos", "--json",
                                           "--quiet", "--threshold", "-1"], stdout=subprocess.PIPE,
                                          stderr=subprocess.PIPE) for _ in range(5)]
            for process in searchers:
                out, err = process.communicate()
                if process.returncode not in (0, 1):
                    raise AssertionError(f"search ended with {process.returncode}: {err}")
                json.loads(out)
            for process in indexers:
                _, err = process.communicate()
                if process.returncode != 0:
                    raise AssertionError(f"index ended with {process.returncode}: {err}")
            now = {name: digest for name, (digest, _, _) in known(self.database).items()}
            if now != self.folder.digests():
                raise AssertionError("the index is not what the folder is")
        say(True, "two indexers and five searchers at once")


def main():
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    seed = int(os.environ.get("SEED", "0")) or random.randrange(1, 10**6)
    random.seed(seed)
    print(f"# SEED={seed} repeats the changes", flush=True)
    scratch = tempfile.mkdtemp()
    os.environ["HOME"] = scratch
    try:
        test = Test(scratch)
        test.kills(kills)
        test.equals_fresh()
        test.at_once(2)
        test.equals_fresh()
    except AssertionError as error:
        say(False, str(error))
    finally:
        os.chdir("/")
        shutil.rmtree(scratch)
    sys.exit(failed)


main()
