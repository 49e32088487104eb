"""Clients that mean harm, by the thousands: what they may cost is bounded, and readers are served meanwhile."""

import contextlib
import http.client
import os
import pathlib
import resource
import socket
import threading
import time

import pytest

from suite import wait_until

AT_ONCE = 10_000  # connections a gateway keeps: http::ServerOptions::max_connections
THREADS_AT_MOST = 64  # of a gateway; each keeps its share of the connections, rounded up
SLOW_CLIENTS = 14_000  # enough for every share, however unevenly the kernel deals them
OTHER_FILES = 500  # what pytest has open beside
GIVEN_UP_AFTER = 20  # seconds for which a client may be behind: http::ServerOptions::write_timeout
UNREAD_AT_MOST = 192 * 1024  # bytes that the kernel keeps of answers to one client who has room for none
READER_PATIENCE = 2  # seconds; a page from memory takes a millisecond on a machine that is not busy
MIB = 1 << 20


@pytest.fixture
def many_files():
    """Room for every slow client in this process; the gateway makes room for itself."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = SLOW_CLIENTS + OTHER_FILES
    if hard != resource.RLIM_INFINITY and hard < wanted:
        pytest.skip(f"{SLOW_CLIENTS} slow clients: nobody here may open more than {hard} files, and they take {wanted}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def memory(suite):
    """What the gateway holds, in bytes."""
    status = pathlib.Path(f"/proc/{suite.processes['gateway'].pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) * 1024


def sockets_of_readers(suite):
    """The sockets that the kernel has at the gateway's side of its readers' connections, as rows of /proc/net/tcp."""
    port = f":{suite.port('gateway'):04X}"
    rows = [line.split() for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]]
    # The file is read in parts, and a socket may be in two of them when others have come or gone meanwhile.
    return list({row[2]: row for row in rows if row[1].endswith(port)}.values())


def connections_kept(suite):
    """How many connections of readers the gateway has accepted and not closed, nor their clients, as the kernel has it."""
    established = "01"
    return sum(row[3] == established and row[9] != "0" for row in sockets_of_readers(suite))


def unread(suite):
    """What the kernel keeps of answers, for each of the gateway's readers, in bytes."""
    listening = "0A"
    return [int(row[4].split(":")[0], 16) for row in sockets_of_readers(suite) if row[3] != listening]


def connect(suite, timeout=10):
    return socket.create_connection(("127.0.0.1", suite.port("gateway")), timeout)


def connect_with_little_room(suite):
    """A connection that takes next to nothing of what it is sent, unless that is read."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(10)
    connection.connect(("127.0.0.1", suite.port("gateway")))
    return connection


def read_all(connection):
    """Everything up to the end of the connection, however it ends."""
    received = b""
    with contextlib.suppress(OSError):
        while block := connection.recv(65536):
            received += block
    return received


def assert_readers_are_served(suite, rounds=20):
    for _ in range(rounds):
        began = time.monotonic()
        assert suite.get("/").status == 200
        assert time.monotonic() - began < READER_PATIENCE


def send_to_each(connections, data):
    """To those that the gateway has not closed to make room."""
    for connection in connections:
        with contextlib.suppress(OSError):
            connection.send(data)


def test_ten_thousand_clients_that_never_finish_their_request(suite, many_files):
    assert_readers_are_served(suite)
    before = memory(suite)
    with contextlib.ExitStack() as to_close:
        slow = []
        for number in range(SLOW_CLIENTS):
            if number % 1000 == 0:
                assert_readers_are_served(suite, rounds=2)
            slow.append(to_close.enter_context(connect(suite)))
        # To connect takes time, and a head may take ten seconds: so all heads begin when everybody is there.
        send_to_each(slow, b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        wait_until(lambda: connections_kept(suite) >= AT_ONCE, 5, f"{AT_ONCE} clients to be connected at once")
        assert connections_kept(suite) <= AT_ONCE + THREADS_AT_MOST
        assert_readers_are_served(suite, rounds=5)
        for _ in range(2):  # a byte now and then, to look alive
            send_to_each(slow, b"a")
            assert_readers_are_served(suite, rounds=5)
        assert memory(suite) - before < 200 * MIB
    assert_readers_are_served(suite)


def test_a_body_of_a_gigabyte_is_refused_before_it_is_read(suite):
    before = memory(suite)
    for framing in (b"Content-Length: 1000000000\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n40000000\r\n"):
        with connect(suite) as connection:
            connection.sendall(b"POST /beacon HTTP/1.1\r\nHost: localhost\r\n" + framing)
            sent = 0
            with contextlib.suppress(OSError):
                while sent < 1_000_000_000:
                    sent += connection.send(b"a" * 65536)
            assert sent < 100 * MIB
            answer = read_all(connection)
            assert not answer or answer.startswith(b"HTTP/1.1 413")
    assert memory(suite) - before < 50 * MIB
    assert_readers_are_served(suite)


def test_a_hundred_clients_that_send_headers_without_end(suite):
    before = memory(suite)
    sent = []

    def flood():
        with connect(suite) as connection:
            total = 0
            with contextlib.suppress(OSError):
                connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
                while total < 100 * MIB:
                    total += connection.send(b"X-Flood: " + b"a" * 1000 + b"\r\n")
            sent.append(total)

    threads = [threading.Thread(target=flood) for _ in range(100)]
    for thread in threads:
        thread.start()
    assert_readers_are_served(suite)
    for thread in threads:
        thread.join()
    assert max(sent) < 100 * MIB
    assert memory(suite) - before < 100 * MIB
    assert_readers_are_served(suite)


def test_a_client_that_asks_a_thousand_times_and_reads_nothing(suite):
    before = memory(suite)
    request = f"GET / HTTP/1.1\r\nHost: localhost:{suite.port('gateway')}\r\n\r\n".encode()
    with contextlib.ExitStack() as open_connections:
        for _ in range(50):
            connection = open_connections.enter_context(connect(suite))
            connection.settimeout(0.2)
            with contextlib.suppress(OSError):
                connection.sendall(request * 1000)
        assert_readers_are_served(suite)
        assert memory(suite) - before < 100 * MIB


def http2_frame(kind, flags, stream, payload):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


class NeverReading:
    """Asks over HTTP/1.1 for more than the kernel keeps, and reads nothing."""

    def __init__(self, connection, host):
        self.connection = connection
        self.host = host

    def ask(self):
        self.connection.send(f"GET / HTTP/1.1\r\nHost: {self.host}\r\n\r\n".encode() * 40)

    def drip(self):
        pass


class ReadingByDrips(NeverReading):
    """Reads a byte now and then."""

    def drip(self):
        self.connection.recv(1)


class GrantingByDrips(NeverReading):
    """Speaks HTTP/2, and grants a byte now and then."""

    def ask(self):
        settings = http2_frame(4, 0, 0, (4).to_bytes(2, "big") + (1).to_bytes(4, "big"))  # the window of each stream
        authority = self.host.encode()
        fields = b"\x82\x86\x84\x41" + bytes([len(authority)]) + authority  # GET http:/ by the static table
        request = http2_frame(1, 5, 1, fields)
        self.connection.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + settings + request)

    def drip(self):
        self.connection.send(http2_frame(8, 0, 1, (1).to_bytes(4, "big")))


# Most of them over HTTP/2: of those the kernel has to keep nothing, so ten thousand fit into any machine.
KINDS = [NeverReading, ReadingByDrips, *[GrantingByDrips] * 5]


def each(clients, do):
    """With those that the gateway has not closed to make room."""
    for client in clients:
        with contextlib.suppress(OSError):
            do(client)


def given_up(suite, reason):
    """How many clients the gateway says it has given up for that."""
    connection = http.client.HTTPConnection("127.0.0.1", suite.ops_port("gateway"), timeout=10)
    with contextlib.closing(connection):
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
    return float(text.split(f'broadsheet_gateway_http_given_up_total{{reason="{reason}"}} ')[1].split()[0])


def is_served(suite):
    with contextlib.suppress(OSError, http.client.HTTPException):
        return suite.get("/").status == 200
    return False


def are_served(suite):
    """So many in a row that each of the gateway's loops had some: each knows its own clients only."""
    return all(is_served(suite) for _ in range(10 * os.cpu_count()))


def test_ten_thousand_clients_that_do_not_read_what_they_have_asked_for(suite, many_files):
    assert_readers_are_served(suite)
    before = memory(suite)
    host = f"localhost:{suite.port('gateway')}"
    with contextlib.ExitStack() as to_close:
        slow = [KINDS[number % len(KINDS)](to_close.enter_context(connect_with_little_room(suite)), host)
                for number in range(SLOW_CLIENTS)]
        began = time.monotonic()
        each(slow, lambda client: client.ask())
        evicted = given_up(suite, "slow_client_evicted")
        # When all have just begun nobody can say who is slow, but soon after, and before the first are given up.
        left = GIVEN_UP_AFTER * 3 / 4 - (time.monotonic() - began)
        wait_until(lambda: are_served(suite), max(left, 5), "readers to be served")
        assert connections_kept(suite) >= AT_ONCE - 100
        refused = given_up(suite, "refused")
        for _ in range(4):
            each(slow, lambda client: client.drip())
            assert_readers_are_served(suite, rounds=30)
            assert max(unread(suite)) < UNREAD_AT_MOST
        assert given_up(suite, "refused") == refused
        assert given_up(suite, "slow_client_evicted") > evicted
        assert memory(suite) - before < 300 * MIB
    assert_readers_are_served(suite)
