"""The servers that are compared, each with what it takes to ask it for the page and to charge it for the work."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import time
import urllib.error
import urllib.request

from suite import EDITION, Suite, free, port_base, wait_until

# One core for who serves, one for who asks; more of both where there are more.
WORKERS = max(1, (os.cpu_count() or 2) // 2)
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    """CPU time of a process with all its threads, user and kernel."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def children(pid):
    with contextlib.suppress(FileNotFoundError):
        for child in map(int, pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()):
            yield child
            yield from children(child)


class Contender:
    """A server process, its children included."""

    def __init__(self, name, process, port, port_http2=None):
        self.name = name
        self.process = process
        self.port = port
        self.port_http2 = port_http2
        self.etags = {}

    def cpu_seconds(self):
        return sum(cpu_seconds(pid) for pid in (self.process.pid, *children(self.process.pid)))

    def url(self, path, http2=False):
        return f"http://127.0.0.1:{self.port_http2 if http2 else self.port}{path}"

    def fetch(self, path, method="GET", **fields):
        """(status, fields, body)"""
        headers = {name.replace("_", "-"): value for name, value in fields.items()}
        request = urllib.request.Request(self.url(path), method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return response.status, response.headers, response.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class SiteWithPage:
    """The real gateway with what is behind it, the sample edition, and the page that everybody serves."""

    PAGE_BYTES = 14_000  # as gzip: a long article

    def __init__(self, folder, flags=(), in_memory=True):
        self.in_memory = in_memory  # whether the gateway's memory is large enough for the page
        self.suite = Suite(folder)
        command = self.suite.command
        self.suite.command = lambda name: command(name) + (
            [f"--threads={WORKERS}", *flags] if name == "gateway" else [])

    def start(self):
        self.suite.start()
        self.suite.cli("import", EDITION)
        port = self.suite.port("gateway")
        self.gateway = Contender("gateway", self.suite.processes["gateway"], port, port)
        self.path = min(self.article_paths(), key=lambda path: abs(len(self.gzip_of(path)) - self.PAGE_BYTES))
        # Smaller codings take the place of the first ones in the background; wait for the final bytes.
        if self.in_memory:
            wait_until(lambda: self.gateway.fetch(self.path, Accept_Encoding="br")[1]["Content-Encoding"] == "br",
                       30, "the background's compression")
        self.identity = self.gateway.fetch(self.path)[2]
        self.gzip = self.gzip_of(self.path)

    def article_paths(self):
        maps = [path for path in self.listed("/sitemap.xml") if not path.endswith(("/pages.xml", "/news.xml"))]
        return [path for sitemap in maps for path in self.listed(sitemap) if path.count("/") > 1]

    def listed(self, sitemap):
        """The paths that a sitemap, or the index of them, lists."""
        port = f":{self.suite.port('gateway')}"
        text = self.gateway.fetch(sitemap)[2].decode()
        return [part.partition("</loc>")[0].partition(port)[2] for part in text.split("<loc>")[1:]]

    def gzip_of(self, path):
        return self.gateway.fetch(path, Accept_Encoding="gzip")[2]

    def stop(self):
        self.suite.stop()


def free_ports(count):
    base = port_base() + 4000
    ports = [port for port in range(base, base + 1000) if free(port)]
    return ports[:count]


def wait_for(contender, path):
    """The contender once it serves the page."""
    def answers():
        if contender.process.poll() is not None:
            raise RuntimeError(f"{contender.name} ended with {contender.process.returncode}")
        with contextlib.suppress(OSError):
            return contender.fetch(path)[0] == 200
    try:
        wait_until(answers, 30, f"{contender.name} to answer")
    except Exception:
        contender.stop()
        raise
    return contender


NGINX = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
worker_processes {workers};
events {{ worker_connections 4096; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  tcp_nodelay on;
  keepalive_timeout 65;
  keepalive_requests 1000000000;
  open_file_cache max=1000 inactive=1h;
  open_file_cache_valid 1h;
  gzip_static on;
  etag on;
  default_type "text/html; charset=utf-8";
  add_header Cache-Control "public, max-age=5";
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{port} reuseport backlog=4096; root {folder}/root; }}
  server {{ listen 127.0.0.1:{port_http2} http2 reuseport backlog=4096; root {folder}/root; }}
}}
"""


def start_nginx(folder, site):
    """A static file, compressed beforehand, as nginx's own documentation would have it served."""
    folder = folder / "nginx"
    page = folder / "root" / site.path.lstrip("/")
    page.parent.mkdir(parents=True)
    page.write_bytes(site.identity)
    page.with_name(page.name + ".gz").write_bytes(site.gzip)
    for path in (folder.parent, folder, *folder.rglob("*")):  # its workers are nobody
        path.chmod(0o755 if path.is_dir() else 0o644)
    port, port_http2 = free_ports(2)
    (folder / "nginx.conf").write_text(
        NGINX.format(folder=folder, workers=WORKERS, port=port, port_http2=port_http2))
    process = subprocess.Popen(["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")],
                               stdout=(folder / "log").open("w"), stderr=subprocess.STDOUT)
    return wait_for(Contender("nginx", process, port, port_http2), site.path)


VCL = """
vcl 4.1;
backend origin {{ .host = "127.0.0.1"; .port = "{origin}"; }}
sub vcl_backend_response {{ set beresp.ttl = 1d; }}
"""


def start_varnish(folder, site, origin):
    folder = folder / "varnish"
    folder.mkdir()
    (folder / "site.vcl").write_text(VCL.format(origin=origin.port))
    port, = free_ports(1)
    process = subprocess.Popen(
        ["varnishd", "-F", "-j", "none", "-n", str(folder / "work"), "-a", f"127.0.0.1:{port}", "-f",
         str(folder / "site.vcl"), "-s", "malloc,64m", "-T", "none"],
        stdout=(folder / "log").open("w"), stderr=subprocess.STDOUT)
    return wait_for(Contender("varnish", process, port), site.path)


def missing(*programs):
    return [program for program in programs if not shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin")]


def pause():
    """Lets what the last load left behind come to an end."""
    time.sleep(0.2)
