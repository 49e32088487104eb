"""GetPage of a page in memory, against a server that does nothing but return the same prepared bytes."""

import json
import pathlib
import statistics
import subprocess
import tempfile

import contenders
import load

GOAL = 0.9


def measure(server, port, path, seconds, save=None):
    """Calls per CPU second of the server, and per second."""
    command = [load.BIN / "page_load", f"--address=127.0.0.1:{port}", f"--path={path}", f"--seconds={seconds}",
               f"--callers={load.CONNECTIONS}", f"--server_pid={server.pid}"]
    result = json.loads(load.output_of(command + ([f"--save={save}"] if save else []), seconds))
    if result["errors"]:
        raise RuntimeError(f"{result['errors']} calls failed: {result['error']}")
    return 1e6 / result["cpu_us"], result["per_second"]


def start_bare(folder, answer):
    ports = folder / "bare.ports"
    process = subprocess.Popen([load.BIN / "bare_page_server", f"--response={answer}", f"--threads={contenders.WORKERS}",
                                f"--port_file={ports}"])
    contenders.wait_until(ports.exists, 20, "the bare server to start")
    return process, int(ports.read_text().partition("grpc=")[2].split()[0])


def bars(binaries, quick):
    rounds, seconds = (3, 1) if quick else (9, 3)
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        site, bare = contenders.SiteWithPage(folder), None
        try:
            site.start()
            port, answer = site.suite.port("gateway_grpc"), folder / "answer"
            measure(site.gateway.process, port, site.path, 0.2, save=answer)
            bare, bare_port = start_bare(folder, answer)
            servers = {"gateway": (site.gateway.process, port), "bare": (bare, bare_port)}
            results = {name: [] for name in servers}
            for number in range(rounds):
                for name in sorted(servers, reverse=number % 2 == 1):
                    results[name].append(measure(*servers[name], site.path, seconds))
                    contenders.pause()
            print(f"  GetPage of {answer.stat().st_size} bytes, {load.CONNECTIONS} callers")
        finally:
            if bare:
                bare.terminate()
                bare.wait(20)
            site.stop()
    for name, rows in results.items():
        per_cpu, per_second = (statistics.median(column) for column in zip(*rows))
        print(f"  {'grpc_hit':22} {name:8} {per_cpu:10.0f} calls per CPU second {per_second:9.0f} calls per second")
    ratio = statistics.median(ours / theirs for (ours, _), (theirs, _) in zip(results["gateway"], results["bare"]))
    return [("grpc_hit_times_bare", ratio, GOAL, ratio >= GOAL)]
