#!/usr/bin/env python3
"""Import of many stories: `broadsheet import` into the article program, against a plain program's inserts.

    python3 tests/benchmarks/article/import.py [--quick] [--binaries DIR]

100,000 stories (2,000 with --quick) of some 2 KB of text each, in ninjs, 500 a file, HTML bodies: what an
agency's archive looks like. The program is measured from its start to its end, parsing included, on an empty
SQLite database. The plain program then writes the very rows that the import left into tables and indices of the
same make, at the best of several batch sizes; reading them is not counted. Both take turns, and medians count.
"""

import argparse
import contextlib
import datetime
import json
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
LEAST = 5000  # stories a second
SHARE = 0.5  # of the plain program's
MOST_GROWTH = 1.5  # of memory, for four times the stories
STORIES_PER_FILE = 500
BATCHES = (200, 1000, 4000)


def write_corpus(folder: pathlib.Path, count: int) -> list[pathlib.Path]:
    """Stories of made-up words, the same in every run."""
    rng = random.Random(7)
    syllables = "ka ri mo ne tas ver lin dor sha pel un gra ti os bel mer ton fal ir wen".split()
    words = sorted({"".join(rng.choices(syllables, k=rng.randint(1, 4))) for _ in range(3000)})
    sentences = [" ".join(rng.choices(words, k=rng.randint(9, 22))).capitalize() + "." for _ in range(4000)]
    subjects = words[:300]
    files, items = [], []
    for number in range(count):
        paragraphs = [" ".join(rng.choices(sentences, k=2)) for _ in range(8)]
        body = "".join(f"<p>{text}</p>" for text in paragraphs[:3])
        body += f"<h2>{' '.join(rng.choices(words, k=4))}</h2>"
        body += "".join(f"<p>{text}</p>" for text in paragraphs[3:6])
        body += f"<blockquote><p>{paragraphs[6]}</p></blockquote>"
        body += f'<p>More <strong>{rng.choice(words)}</strong> at <a href="https://a.example/x{number}">the site</a>. {paragraphs[7]}</p>'
        published = datetime.datetime(2020, 1, 1) + datetime.timedelta(minutes=20 * number)
        items.append({
            "uri": f"http://wire.example/items/{number}",
            "type": "text",
            "versioncreated": published.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "headline": " ".join(rng.choices(words, k=8)).capitalize(),
            "description_text": rng.choice(sentences),
            "byline": f"By Author {number % 50}",
            "urgency": 4,
            "language": "en",
            "subject": [{"name": name} for name in rng.sample(subjects, 3)],
            "pubstatus": "usable",
            "body_html": body,
        })
        if len(items) == STORIES_PER_FILE or number == count - 1:
            files.append(folder / f"wire-{len(files):03}.json")
            files[-1].write_text(json.dumps(items))
            items = []
    return files


@contextlib.contextmanager
def article_program(binaries: pathlib.Path, data: pathlib.Path):
    """The program on an empty folder; yields its address and its process id."""
    data.mkdir()
    ports = data / "ports"
    with open(data / "log", "wb") as log:
        process = subprocess.Popen(
            [binaries / "article", f"--data={data}", "--grpc_port=0", "--ops_port=0", f"--port_file={ports}"],
            stderr=log)
        try:
            deadline = time.monotonic() + 60
            while not ports.exists():
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"the article program did not start: {(data / 'log').read_text()}")
                time.sleep(0.01)
            port = dict(line.split("=", 1) for line in ports.read_text().split() if "=" in line)["grpc"]
            yield f"127.0.0.1:{port}", process.pid
        finally:
            process.terminate()
            process.wait()


def peak_mib(pid: int) -> float:
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no VmHWM")


def run_import(binaries: pathlib.Path, address: str, paths: list) -> dict:
    command = [binaries / "broadsheet", "import", "--section=news", f"--article_address={address}", *paths]
    begun = time.monotonic()
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(command, stdout=output, stderr=errors)
        peak = 0.0
        while process.poll() is None:
            with contextlib.suppress(OSError, RuntimeError):
                peak = max(peak, peak_mib(process.pid))
            time.sleep(0.02)
        seconds = time.monotonic() - begun
        output.seek(0), errors.seek(0)
        if process.returncode != 0:
            raise RuntimeError(f"the import failed: {output.read()} {errors.read()[-2000:]}")
        return {"seconds": seconds, "peak": peak, "summary": output.read()}


def import_once(binaries: pathlib.Path, folder: pathlib.Path, files: list, count: int, again: bool) -> dict:
    """Imports everything into an empty database, and once more."""
    data = folder / "data"
    shutil.rmtree(data, ignore_errors=True)
    edition = folder / "edition"
    (edition / "stories").mkdir(parents=True, exist_ok=True)
    (edition / "sections.yaml").write_text("- {id: news, name: News}\n")
    with article_program(binaries, data) as (address, pid):
        run_import(binaries, address, [edition])
        first = run_import(binaries, address, files)
        if f"{count} created, {count} published" not in first["summary"]:
            raise RuntimeError(f"not every story was imported: {first['summary']}")
        result = {"rate": count / first["seconds"], "cli": first["peak"], "article": peak_mib(pid)}
        if again:
            second = run_import(binaries, address, files)
            if f"{count} unchanged" not in second["summary"]:
                raise RuntimeError(f"the second import changed something: {second['summary']}")
            result["again"] = count / second["seconds"]
    return result


def plain_once(binaries: pathlib.Path, folder: pathlib.Path, batch: int) -> float:
    target = folder / "plain"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    printed = subprocess.run(
        [binaries / "plain_import", folder / "data" / "article.sqlite", target / "plain.sqlite", str(batch)],
        check=True, capture_output=True, text=True).stdout
    return float(printed)


def bars(binaries: pathlib.Path, quick: bool) -> list[tuple[str, float, float, bool]]:
    """Measures; the bars as (name, value, goal, ok). With `quick` the numbers show that it works, no more."""
    count, rounds = (2000, 1) if quick else (100_000, 3)
    with tempfile.TemporaryDirectory(prefix="import-") as name:
        folder = pathlib.Path(name)
        (folder / "corpus").mkdir()
        files = write_corpus(folder / "corpus", count)
        small = import_once(binaries, folder, files[: max(1, len(files) // 4)],
                            min(count, max(1, len(files) // 4) * STORIES_PER_FILE), again=False)
        runs, plain, best = [], [], BATCHES[0]
        for number in range(rounds):
            runs.append(import_once(binaries, folder, files, count, again=True))
            if number == 0:
                best = max(BATCHES, key=lambda batch: plain_once(binaries, folder, batch))
            plain.append(plain_once(binaries, folder, best))
    rate = statistics.median(run["rate"] for run in runs)
    peer = statistics.median(plain)
    cli = max(run["cli"] for run in runs)
    article = max(run["article"] for run in runs)
    print(f"import of {count:,} stories (ninjs), medians of {rounds}")
    print(f"  {'broadsheet import':<34}{rate:>10,.0f} stories/s")
    print(f"  {'the same again, all unchanged':<34}{statistics.median(run['again'] for run in runs):>10,.0f} stories/s")
    print(f"  {f'plain inserts, {best} a transaction':<34}{peer:>10,.0f} stories/s")
    print(f"  {'peak memory, broadsheet':<34}{cli:>10,.0f} MiB (a quarter of the stories: {small['cli']:,.0f})")
    print(f"  {'peak memory, article':<34}{article:>10,.0f} MiB (a quarter of the stories: {small['article']:,.0f})")
    goal = max(LEAST, SHARE * peer)
    growth = max(cli / small["cli"], article / small["article"])
    return [("import_stories_per_second", round(rate), round(goal), rate >= goal),
            ("import_memory_growth", round(growth, 2), MOST_GROWTH, growth <= MOST_GROWTH)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="few stories, one round")
    parser.add_argument("--binaries", type=pathlib.Path, default=ROOT / "build" / "release" / "bin")
    arguments = parser.parse_args()
    results = bars(arguments.binaries, arguments.quick)
    for name, value, goal, ok in results:
        print(f"bar: {name} {value} {goal} {'ok' if ok else 'short'}")
    return 0 if all(ok for *_, ok in results) else 1


if __name__ == "__main__":
    sys.exit(main())
