#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The exact search beside FAISS and usearch, on this machine, in one run.

    bench/scan.py [--program build/facesearch] [--vectors N,..] [--rounds R] [--write FILE]

Makes a virtual environment below build/bench with faiss-cpu, usearch and numpy from PyPI. In every
round each contender searches the 10 best of the same number of random vectors of 512 numbers, one
after the other, so that what else the machine does disturbs all alike; the table has medians over the
rounds, and ratios are medians of each round's ratio. --write puts the table between the marks
"<!-- scan -->" and "<!-- /scan -->" of a file.
"""
import argparse
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import time
import venv

ROOT = pathlib.Path(__file__).resolve().parent.parent
HOME = ROOT / "build" / "bench" / "python"
PACKAGES = ["faiss-cpu", "usearch", "numpy"]
DIM = 512
TOP = 10


def enter_environment():
    """Run this script again with the packages at hand."""
    python = HOME / "bin" / "python"
    if pathlib.Path(sys.prefix) == HOME:
        return
    if not python.exists():
        venv.create(HOME, with_pip=True)
    probe = [str(python), "-c", "import faiss, usearch, numpy"]
    if subprocess.run(probe, capture_output=True).returncode != 0:
        subprocess.run([str(python), "-m", "pip", "install", "-q", *PACKAGES], check=True)
    os.execv(str(python), [str(python), *sys.argv])


def make_vectors(count, np):
    """Random directions; made in parts, to keep memory low."""
    vectors = np.empty((count, DIM), np.float32)
    random = np.random.default_rng(1)
    for first in range(0, count, 50000):
        part = random.standard_normal((min(50000, count - first), DIM), dtype=np.float32)
        part /= np.linalg.norm(part, axis=1, keepdims=True)
        vectors[first:first + len(part)] = part
    return vectors


def make_queries(vectors, np):
    """64 of them, each with a cosine of about 0.6 to one of the vectors, as `bench scan` does."""
    random = np.random.default_rng(2)
    noise = random.standard_normal((64, DIM), dtype=np.float32)
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    queries = 0.6 * vectors[np.linspace(0, len(vectors) - 1, 64, dtype=np.int64)] + 0.8 * noise
    return queries / np.linalg.norm(queries, axis=1, keepdims=True)


def timed(search, passes):
    """Median milliseconds of some passes, after one that warms up."""
    search()
    times = []
    for _ in range(passes):
        start = time.perf_counter()
        search()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


class Faiss:
    """blas: from how many queries on it multiplies matrices; None: as installed."""

    def __init__(self, name, index, queries, blas=None):
        import faiss
        self.name, self.index, self.queries, self.faiss = name, index, queries, faiss
        self.blas = blas or faiss.cvar.distance_compute_blas_threshold

    def measure(self, queries, threads):
        self.faiss.omp_set_num_threads(threads)
        old = self.faiss.cvar.distance_compute_blas_threshold
        self.faiss.cvar.distance_compute_blas_threshold = self.blas
        some = self.queries[:queries]
        ms = timed(lambda: self.index.search(some, TOP), 5 if queries == 1 else 2)
        self.faiss.cvar.distance_compute_blas_threshold = old
        return ms


class Usearch:
    name = "usearch exact int8"

    def __init__(self, vectors, queries, np):
        def to_int8(x):
            return np.clip(np.rint(x * 736), -127, 127).astype(np.int8)
        self.vectors = np.empty(vectors.shape, np.int8)
        for first in range(0, len(vectors), 50000):
            self.vectors[first:first + 50000] = to_int8(vectors[first:first + 50000])
        self.queries = to_int8(queries)

    def measure(self, queries, threads):
        from usearch.index import MetricKind, search
        some = self.queries[:queries]
        return timed(lambda: search(self.vectors, some, TOP, MetricKind.IP, exact=True,
                                    threads=threads), 5 if queries == 1 else 2)


def measure_ours(program, count, queries, threads):
    """The program's own report; ms is of one pass with all queries."""
    out = subprocess.run([program, "bench", "scan", "--vectors", str(count), "--dim", str(DIM),
                          "--queries", str(queries), "--threads", str(threads), "--json"],
                         check=True, capture_output=True, text=True).stdout
    report = json.loads(out)
    assert report["verified"], "the result differs from brute force"
    return report["ms_per_query"] * queries, report


def compare(program, count, cases, rounds, others):
    """A list of (case, our ms, our report, {name: (ms, ratio)})."""
    results = []
    for queries, threads in cases:
        ours, reports, theirs, ratios = [], [], {}, {}
        for _ in range(rounds):
            ms, report = measure_ours(program, count, queries, threads)
            ours.append(ms)
            reports.append(report)
            for other in others:
                their_ms = other.measure(queries, threads)
                theirs.setdefault(other.name, []).append(their_ms)
                ratios.setdefault(other.name, []).append(their_ms / ms)
        median = statistics.median
        results.append(((queries, threads), median(ours), reports[ours.index(sorted(ours)[len(ours) // 2])],
                        median(r["bandwidth_share"] for r in reports),
                        {n: (median(theirs[n]), median(ratios[n])) for n in theirs}))
        print("done:", count, "vectors,", queries, "queries,", threads, "threads", file=sys.stderr)
    return results


def contenders(vectors, queries, np):
    import faiss
    inner = faiss.METRIC_INNER_PRODUCT
    kind = faiss.ScalarQuantizer.QT_8bit
    flat = faiss.IndexFlatIP(DIM)
    flat.add(vectors)
    yield Faiss("FAISS flat", flat, queries)
    # As installed, faiss-cpu 1.15 has a threshold of 128000 queries for BLAS, which 64 never reach.
    yield Faiss("FAISS flat with BLAS", flat, queries, blas=20)
    codes = faiss.IndexScalarQuantizer(DIM, kind, inner)
    codes.train(vectors[:100000])
    codes.add(vectors)
    yield Faiss("FAISS SQ8", codes, queries)
    yield Usearch(vectors, queries, np)


def table(count, results):
    names = list(results[0][4]) if results[0][4] else []
    head = ["vectors", "queries at once", "threads", "facesearch ms", "GB/s", "of read bandwidth",
            *[f"{n} ms (ratio)" for n in names]]
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    for (queries, threads), ms, report, share, others in results:
        row = [f"{count:,}", str(queries), str(threads), f"{ms:.1f}", f"{report['gb_per_s']:.1f}",
               f"{share:.2f}", *[f"{others[n][0]:.0f} ({others[n][1]:.1f}x)" for n in names]]
        lines.append("| " + " | ".join(row) + " |")
    return "\n".join(lines)


def cpu_name():
    for line in open("/proc/cpuinfo", encoding="utf-8"):
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=str(ROOT / "build" / "facesearch"))
    parser.add_argument("--vectors", default="1000000,10000000", help="counts, with commas")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", help="file with the marks of the table")
    arguments = parser.parse_args()
    enter_environment()
    import faiss
    import numpy as np
    import usearch
    cases = [(1, 1), (1, 2), (64, 1), (64, 2)]
    parts, kernel = [], "?"
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    for count in map(int, arguments.vectors.split(",")):
        # 4 + 4 + 1 + 1 bytes a number for the others, 3 for ours, at the same time.
        together = count * DIM * 13 < 0.8 * memory
        others = []
        if together:
            vectors = make_vectors(count, np)
            others = list(contenders(vectors, make_queries(vectors, np), np))
            del vectors
        elif count * DIM * 3.1 > 0.8 * memory:
            count //= 2
            print("too many for this machine's memory: half of them", file=sys.stderr)
        results = compare(arguments.program, count, cases, arguments.rounds, others)
        kernel = results[0][2]["kernel"]
        parts.append(table(count, results))
        del others
    text = (f"{cpu_name()}, {os.cpu_count()} CPUs, {memory / 1e9:.0f} GB; kernel {kernel}; load "
            f"{os.getloadavg()[1]:.1f}; faiss-cpu {faiss.__version__}, usearch {usearch.__version__}; "
            f"{arguments.rounds} rounds.\n\n" + "\n\n".join(parts))
    print(text)
    if arguments.write:
        path = pathlib.Path(arguments.write)
        old = path.read_text(encoding="utf-8")
        before, rest = old.split("<!-- scan -->", 1)
        after = rest.split("<!-- /scan -->", 1)[1]
        path.write_text(f"{before}<!-- scan -->\n{text}\n<!-- /scan -->{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
