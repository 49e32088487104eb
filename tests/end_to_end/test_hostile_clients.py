"""Clients that mean harm, by the thousands: what they may cost is bounded, and readers are served meanwhile."""

import contextlib
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


def connections_kept(suite):
    """How many connections of readers the gateway has accepted and not closed, nor their clients, as the kernel has it."""
    established, port = "01", f":{suite.port('gateway'):04X}"
    rows = [line.split() for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(row[1].endswith(port) and row[3] == established and row[9] != "0" for row in rows)


def connect(suite, timeout=10):
    return socket.create_connection(("127.0.0.1", suite.port("gateway")), timeout)


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
