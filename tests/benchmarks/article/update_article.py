"""Durable updates by 16 writers against the engines' own: a plain program on SQLite, pgbench on PostgreSQL."""

import pathlib
import random
import re
import shutil

import programs

WRITERS = 16
STORIES = 160
SCRIPT = pathlib.Path(__file__).with_name("update.pgbench")
SYLLABLES = ("ha", "bo", "ur", "li", "ne", "sto", "ra", "mi", "ten", "wal", "ker", "du", "so", "vel", "pa", "gri")


def text(size):
    """As hard to compress as the stories of SampleText."""
    chosen = random.Random(1)
    words = []
    while sum(map(len, words)) + len(words) < size:
        words.append("".join(chosen.choice(SYLLABLES) for _ in range(chosen.randint(2, 4))))
    return " ".join(words)[:size]


def updates(binaries, article, seconds, fill=False):
    return programs.load(binaries, article, "update", callers=WRITERS, stories=STORIES, seconds=seconds,
                         fill=str(fill).lower())


def show(title, rates):
    print(f"  {title:48} updates/s")
    for name, values in rates.items():
        print(f"    {name:44} {programs.median(values):11.0f}")
    return {name: programs.median(values) for name, values in rates.items()}


def on_sqlite(binaries, rounds, seconds):
    service, apart, together = "article", "plain, each a commit of its own", "plain, in one thread's commits (no bar)"
    rates = {service: [], apart: [], together: []}
    with programs.folder_of_its_own() as folder:
        with programs.article(binaries, folder) as article:
            updates(binaries, article, 0.2, fill=True)
        shutil.copytree(folder / "data", folder / "copy")
        plain = [binaries / "plain_article_writer", f"--database={folder}/copy/article.sqlite", f"--writers={WRITERS}",
                 f"--stories={STORIES}", f"--seconds={seconds}"]
        for _ in range(rounds):
            with programs.article(binaries, folder) as article:
                rates[service].append(updates(binaries, article, seconds)["per_second"])
            rates[apart].append(programs.json_of(plain)["per_second"])
            rates[together].append(programs.json_of([*plain, "--together"])["per_second"])
    medians = show("SQLite", rates)
    ratio = medians[service] / medians[apart]
    return ("update_sqlite_vs_plain", round(ratio, 2), 0.7, ratio >= 0.7)


def pgbench(server, script, seconds):
    out = server.run("pgbench", "-h", server.folder, "-U", "postgres", "-n", "-M", "prepared", "-c", str(WRITERS), "-j", "2",
                     "-T", str(seconds), "-D", f"draft={text(665)}", "-D", f"body={text(13400)}", "-f", script, "peer")
    return float(re.search(r"tps = ([\d.]+)", out)[1])


def on_postgres(binaries, rounds, seconds):
    service, locked, free = "article", "pgbench", "pgbench without the lock (no bar)"
    rates = {service: [], locked: [], free: []}
    with programs.folder_of_its_own() as folder, programs.Postgres() as server:
        server.execute("CREATE DATABASE article")
        database = f"--database={server.address('article')}"
        with programs.article(binaries, folder, database) as article:
            updates(binaries, article, 0.2, fill=True)
        server.execute("CREATE DATABASE peer TEMPLATE article")
        scripts = {}
        for name, lines in ((locked, SCRIPT.read_text()),
                            (free, re.sub(r"SELECT pg_advisory.*\n", "", SCRIPT.read_text()))):
            scripts[name] = pathlib.Path(server.folder) / f"{len(scripts)}.pgbench"
            scripts[name].write_text(lines)
        for _ in range(rounds):
            with programs.article(binaries, folder, database) as article:
                rates[service].append(updates(binaries, article, seconds)["per_second"])
            for name, script in scripts.items():
                rates[name].append(pgbench(server, script, max(1, round(seconds))))
    medians = show("PostgreSQL", rates)
    ratio = medians[service] / medians[locked]
    return ("update_postgres_vs_pgbench", round(ratio, 2), 0.7, ratio >= 0.7)


def bars(binaries, quick):
    rounds, seconds = (3, 1) if quick else (7, 4)
    return [on_sqlite(binaries, rounds, seconds), on_postgres(binaries, rounds, seconds)]
