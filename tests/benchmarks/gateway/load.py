"""Load generators: each keeps `CONNECTIONS` connections busy for some seconds and returns the number of answers."""

import os
import pathlib
import re
import subprocess

BIN = pathlib.Path(os.environ["BROADSHEET_BIN"])
CONNECTIONS = 64


def output_of(command, seconds):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=seconds + 60)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]}: {done.stdout}{done.stderr}")
    return done.stdout


def field_flags(fields):
    return [word for name, value in fields.items() for word in ("-H", f"{name}: {value}")]


def wrk(url, seconds, fields, *options):
    """HTTP/1.1, GET."""
    text = output_of(["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}", "--timeout", "10", *options, *field_flags(fields),
                      url], seconds)
    if "Socket errors" in text or "Non-2xx" in text:
        raise RuntimeError(text)
    return int(re.search(r"(\d+) requests in", text)[1])


IN_TURN = """
local paths, requests, next = {{ {paths} }}, {{}}, 0
function init() for i, path in ipairs(paths) do requests[i] = wrk.format("GET", path) end end
function request() next = next % #requests + 1; return requests[next] end
"""


def wrk_in_turn(url, paths, seconds, fields, folder):
    """The same, of these paths one after the other, whichever connection is free. `folder`: for wrk's script."""
    script = folder / "in_turn.lua"
    script.write_text(IN_TURN.format(paths=", ".join(f'"{path}"' for path in paths)))
    return wrk(url, seconds, fields, "-s", script)


def head_load(url, seconds, fields):
    """HTTP/1.1, HEAD, which wrk cannot."""
    port, _, path = url.partition("127.0.0.1:")[2].partition("/")
    text = output_of([BIN / "head_load", port, f"/{path}", CONNECTIONS, seconds,
                      *(f"{name}: {value}" for name, value in fields.items())], seconds)
    return int(text)


def h2load(url, seconds, fields, streams):
    """HTTP/2 with prior knowledge, GET, `streams` requests at a time on each connection. 0: it was not answered."""
    text = output_of(["h2load", f"-c{CONNECTIONS}", "-t1", f"-m{streams}", f"-D{seconds}", *field_flags(fields), url],
                     seconds)
    if not re.search(r"status codes: [1-9]\d* 2xx, 0 3xx, 0 4xx, 0 5xx", text):
        return 0  # does not speak HTTP/2, or not like this
    done, failed = map(int, re.search(r"requests: .* (\d+) succeeded, (\d+) failed", text).groups())
    return 0 if failed else done


def each_once(urls, fields, at_a_time, folder):
    """Asks for each of these pages once, over HTTP/2, `at_a_time` on one connection; microseconds of each answer in
    ascending order. `folder`: for what is written meanwhile."""
    listed, log = folder / "urls", folder / "h2load.log"
    listed.write_text("".join(f"{url}\n" for url in urls))
    output_of(["h2load", "-c1", "-t1", f"-m{at_a_time}", f"-n{len(urls)}", f"--input-file={listed}", f"--log-file={log}",
               *field_flags(fields)], 300)
    rows = [line.split("\t") for line in log.read_text().splitlines()]
    log.unlink()
    answered = sum(status == "200" for _, status, *_ in rows)
    if answered != len(urls):
        raise RuntimeError(f"{answered} of {len(urls)} pages were answered with 200")
    return sorted(int(micros) for _, _, micros, *_ in rows)
