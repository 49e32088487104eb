"""Clients that mean harm, by the thousands: what they may cost is bounded, and readers are served meanwhile."""

import contextlib
import pathlib
import resource
import socket
import threading
import time

import pytest

SLOW_CLIENTS = 10_000
READER_PATIENCE = 2  # seconds; a page from memory takes a millisecond on a machine that is not busy
MIB = 1 << 20


@pytest.fixture
def slow_clients():
    """How many: fewer where nobody may open as many files."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    soft = min(before[1], SLOW_CLIENTS + 500)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(before[0], soft), before[1]))
    yield min(SLOW_CLIENTS, max(before[0], soft) - 500)
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def memory(suite):
    """What the gateway holds, in bytes."""
    status = pathlib.Path(f"/proc/{suite.processes['gateway'].pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) * 1024


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


def test_ten_thousand_clients_that_never_finish_their_request(suite, slow_clients):
    assert_readers_are_served(suite)
    before = memory(suite)
    with contextlib.ExitStack() as open_connections:
        slow = []
        for number in range(slow_clients):
            connection = open_connections.enter_context(connect(suite))
            connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
            slow.append(connection)
            if number % 1000 == 999:
                assert_readers_are_served(suite, rounds=2)
        for _ in range(3):  # a byte now and then, to look alive
            for connection in slow:
                with contextlib.suppress(OSError):
                    connection.send(b"a")
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
