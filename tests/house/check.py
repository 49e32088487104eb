#!/usr/bin/python3
"""Checks that the tree is the house that the README describes. Prints one line per breach, then `N passed, N failed`.

The rules, each with its reason:
  top level     exactly the folders of the README, so that a newcomer knows where to look
  includes      protos <- libs <- services; a service never includes another one's code; written from the root;
                what names a library's namespace has its headers, directly or through its own: many sources are compiled
                as one, where a neighbour's would do
  third party   a library's headers stay behind the folder or file that owns it, so that it can be replaced
  stubs         in the gateway only backends.* names other services' stubs, so that every call has one budget
  readme        every folder of libs and services says what it is for
  length        no source file over 400 lines, main.cc at most 80: one idea each
  names         no words that say nothing: Manager, Helper, Util, Impl
"""

import functools
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent

TOP_LEVEL = {"CMakeLists.txt", "CMakePresets.json", "LICENSE", "README.md", "protos", "services", "libs", "deploy",
             "tests"}

# Which library may include which others. Every library may include itself, absl and the standard library.
LIBRARIES = {
    "http": set(),
    "telemetry": {"http"},
    "rpc": {"telemetry", "http"},
    "redis": {"telemetry", "rpc"},
    "change": {"rpc", "telemetry"},
    "upkeep": {"rpc"},
    "testing": {"rpc", "http", "change", "redis", "telemetry"},
}

# Not `change`, which is a package of the protos as well.
NAMES = {library: re.compile(rf"(?:(?<![\w:])|\bbroadsheet::){library}::")
         for library in LIBRARIES if library not in ("change", "testing")}
NO_CODE = re.compile(r"""//.*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])'""")

# Prefix of a third-party header -> where it may be included. What is not listed here may not be included at all, but
# for the standard library, POSIX, Abseil, and, from libs/rpc and libs/change upwards, gRPC and protobuf.
OWNERS = {
    "boost/": ["libs/http/", "libs/testing/"],
    "brotli/": ["libs/http/"],
    "zlib.h": ["libs/http/", "services/media/", "services/recommendation/"],
    "libdeflate.h": ["libs/http/"],
    "isa-l/": ["libs/http/"],
    "openssl/": ["libs/http/", "services/media/", "services/article/", "services/gateway/", "services/cli/"],
    "prometheus/": ["libs/telemetry/"],
    "nlohmann/": ["libs/telemetry/", "services/cli/", "services/gateway/renderer/"],
    "simdjson.h": ["services/cli/"],
    "hiredis/": ["libs/redis/"],
    "event2/": ["libs/redis/", "libs/http/"],
    "nghttp2/": ["libs/http/"],
    "sanitizer/": ["libs/rpc/"],
    "SQLiteCpp/": ["libs/upkeep/", "services/article/", "services/media/"],
    "sqlite3.h": ["services/article/", "services/media/"],
    "libpq-fe.h": ["services/article/postgres.cc"],
    "unicode/": ["services/article/", "services/recommendation/", "services/cli/"],
    "libstemmer.h": ["services/recommendation/"],
    "vips/": ["services/media/"],
    "exiv2/": ["services/media/"],
    "ctemplate/": ["services/gateway/renderer/"],
    "cmark": ["services/cli/"],
    "yaml-cpp/": ["services/cli/"],
    "libxml/": ["services/cli/", "services/gateway/renderer/"],
}
EVERYWHERE = re.compile(r"^(absl|google/protobuf|grpc|grpcpp|gtest|gmock|sys|netinet|arpa|linux|broadsheet|google/rpc)/"
                        r"|^(unistd|fcntl|signal|poll|spawn|netdb|dirent|malloc|pthread|sched|fnmatch|glob|termios|syslog|dlfcn|errno|"
                        r"ftw|time|stdlib|string|stdio)\.h$|^[a-z_]+$|^c[a-z]+$")
# More than one file of a folder may own a header only where a service's part is itself a small library.
INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]')
WORDLESS = re.compile(r"\b(?:class|struct|namespace|enum class)\s+\w*(?:Manager|Helper|Util|Utils|Impl)\b")


def tracked():
    """Every file git tracks or would."""
    out = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True,
                         text=True).stdout
    return [pathlib.PurePosixPath(line) for line in out.splitlines() if (ROOT / line).exists()]


@functools.cache
def included(path):
    """Our own headers that a file has, directly or through others."""
    headers = {match[2] for match in map(INCLUDE.match, (ROOT / path).read_text().splitlines()) if match}
    own = {header for header in headers if header.startswith(("libs/", "services/")) and (ROOT / header).exists()}
    return own.union(*map(included, own))


def breaches_of_names(path, lines):
    """Yields the libraries that a file names without having their headers."""
    code = NO_CODE.sub("", "\n".join(lines))
    for library, name in NAMES.items():
        if name.search(code) and not any(header.startswith(f"libs/{library}/") for header in included(str(path))):
            yield f"names {library}:: without a header of libs/{library}"


def breaches_of_include(path, header, quoted):
    """Yields what is wrong with one include of the file `path`."""
    if header.endswith(".cc"):
        yield f"a source is included: {header}"
    layer, place = path.parts[0], "/".join(path.parts[:2])
    if quoted and header.startswith("services/"):
        owner = "/".join(header.split("/")[:2])
        if layer == "libs":
            yield f"a library includes a service: {header}"
        elif owner != place:
            yield f"a service includes another service: {header}"
        elif not (ROOT / header).exists() and not (ROOT / header.replace(".pb.h", ".proto")).exists():
            yield f"no such file: {header}"
        return
    if quoted and header.startswith("libs/"):
        library = header.split("/")[1]
        if layer == "libs" and library != path.parts[1] and not path.name.endswith("_test.cc"):
            if library not in LIBRARIES.get(path.parts[1], set()):
                yield f"libs/{path.parts[1]} may not depend on libs/{library}: {header}"
        if library == "testing" and layer == "services" and not path.stem.endswith(("_test", "_testing")):
            yield f"libs/testing is for tests: {header}"
        return
    if header.startswith(("broadsheet/", "grpc", "google/protobuf")) and place in ("libs/http", "libs/telemetry"):
        yield f"{place} knows nothing of gRPC and the protos: {header}"
    for prefix, owners in OWNERS.items():
        if header.startswith(prefix):
            if not str(path).startswith(tuple(owners)):
                yield f"{header} belongs behind {', '.join(owners)}"
            return
    if not EVERYWHERE.search(header):
        yield f"not a known dependency, or not written from the root: {header}"


def breaches():
    files = tracked()
    for name in sorted({p.parts[0] for p in files if not p.parts[0].startswith(".")} ^ TOP_LEVEL):
        yield name, "top level differs from the README"
    for folder in sorted({p.parts[:2] for p in files if p.parts[0] in ("libs", "services") and len(p.parts) > 2}):
        if not (ROOT.joinpath(*folder) / "README.md").exists():
            yield "/".join(folder), "has no README.md"
    for path in files:
        if path.suffix not in (".cc", ".h") or path.parts[0] not in ("libs", "services"):
            continue
        lines = (ROOT / path).read_text().splitlines()
        if len(lines) > 400:
            yield path, f"{len(lines)} lines"
        if path.name == "main.cc" and len(lines) > 80:
            yield path, f"main.cc of {len(lines)} lines"
        for breach in breaches_of_names(path, lines):
            yield path, breach
        for number, line in enumerate(lines, 1):
            include = INCLUDE.match(line)
            if include:
                for breach in breaches_of_include(path, include[2], include[1] == '"'):
                    yield f"{path}:{number}", breach
                if (str(path).startswith("services/gateway/") and include[2].endswith(".grpc.pb.h")
                        and not include[2].startswith("broadsheet/page/") and path.stem.split("_test")[0] != "backends"
                        and not path.stem.endswith(("_test", "_testing"))):
                    yield f"{path}:{number}", f"only backends.* names stubs: {include[2]}"
            if WORDLESS.search(line):
                yield f"{path}:{number}", "a name that says nothing: " + line.strip()


def main():
    found = list(breaches())
    for place, breach in found:
        print(f"{place}: {breach}")
    checked = sum(1 for p in tracked() if p.suffix in (".cc", ".h"))
    print(f"{max(checked - len(found), 1)} passed, {len(found)} failed")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
