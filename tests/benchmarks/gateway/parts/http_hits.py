"""The same page out of the gateway's memory, from nginx's file and from Varnish's memory."""

import pathlib
import statistics
import tempfile

import contenders
import load


class Case:
    """One way of asking. `goals`: name of a peer -> how many times its requests per CPU second are wanted."""

    def __init__(self, name, peers, ask, goals, http2=False):
        self.name, self.peers, self.ask, self.goals, self.http2 = name, peers, ask, goals, http2


def cases():
    gzip = {"Accept-Encoding": "gzip"}

    def conditional(server, url, seconds):
        return load.wrk(url, seconds, gzip | {"If-None-Match": server.etags["gzip"]})

    return [
        Case("hit", ("gateway", "nginx", "varnish"), lambda server, url, seconds: load.wrk(url, seconds, gzip),
             {"nginx": 1.35, "varnish": 3.0}),
        Case("not_modified", ("gateway", "nginx"), conditional, {"nginx": 1.25}),
        Case("head", ("gateway", "nginx"), lambda server, url, seconds: load.head_load(url, seconds, gzip),
             {"nginx": 1.25}),
        Case("http2_hit", ("gateway", "nginx"),
             lambda server, url, seconds: load.h2load(url, seconds, gzip, streams=1), {"nginx": 3.0}, http2=True),
        Case("http2_hit_10_streams", ("gateway", "nginx"),
             lambda server, url, seconds: load.h2load(url, seconds, gzip, streams=10), {"nginx": 3.0}, http2=True),
    ]


def check_same_bytes(servers, site):
    """Who sends something else wins nothing."""
    for server in servers.values():
        status, fields, body = server.fetch(site.path, Accept_Encoding="gzip")
        assert (status, body) == (200, site.gzip), f"{server.name} serves something else"
        server.etags["gzip"] = fields["ETag"]
        assert server.fetch(site.path, Accept_Encoding="gzip", If_None_Match=fields["ETag"])[0] == 304, server.name
        assert server.fetch(site.path, "HEAD", Accept_Encoding="gzip")[0] == 200, server.name


def measure(case, server, path, seconds):
    """(requests per CPU second, requests per second)"""
    url = server.url(path, case.http2)
    before = server.cpu_seconds()
    requests = case.ask(server, url, seconds)
    cpu = server.cpu_seconds() - before
    contenders.pause()
    return requests / max(cpu, 1 / contenders.TICKS), requests / seconds


def compare(case, servers, path, rounds, seconds):
    """For each server its (requests per CPU second, requests per second), a round after the other."""
    results = {name: [] for name in case.peers}
    for number in range(rounds):
        turn = number % len(case.peers)  # nobody is always first
        for name in case.peers[turn:] + case.peers[:turn]:
            results[name].append(measure(case, servers[name], path, seconds))
    return results


def report(case, results):
    for name, rounds in results.items():
        per_cpu, per_second = (statistics.median(column) for column in zip(*rounds))
        micros = 1e6 / per_cpu if per_cpu else float("nan")
        print(f"  {case.name:22} {name:8} {per_cpu:10.0f} requests per CPU second {micros:7.2f} us "
              f"{per_second:9.0f} requests per second", flush=True)
    bars = []
    for peer, goal in case.goals.items():
        # Round by round, so that what else the machine does meanwhile weighs on both.
        ratio = statistics.median(ours / max(theirs, 1e-9) for (ours, _), (theirs, _) in zip(results["gateway"], results[peer]))
        bars.append((f"{case.name}_times_{peer}", ratio, goal, ratio >= goal))
    return bars


def bars(binaries, quick):
    if absent := contenders.missing("nginx", "varnishd", "wrk", "h2load"):
        raise SystemExit(f"not installed: {' '.join(absent)}")
    rounds, seconds = (3, 1) if quick else (9, 3)
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        site, servers = contenders.SiteWithPage(folder), {}
        try:
            site.start()
            servers["gateway"] = site.gateway
            servers["nginx"] = contenders.start_nginx(folder, site)
            servers["varnish"] = contenders.start_varnish(folder, site, servers["nginx"])
            print(f"{site.path}: {len(site.identity)} bytes, {len(site.gzip)} as gzip; {contenders.WORKERS} worker(s), "
                  f"{load.CONNECTIONS} connections, {rounds} rounds of {seconds} s", flush=True)
            check_same_bytes(servers, site)
            results = []
            for case in cases():
                results += report(case, compare(case, servers, site.path, rounds, seconds))
            return results
        finally:
            for name in ("varnish", "nginx"):
                if name in servers:
                    servers[name].stop()
            site.stop()
