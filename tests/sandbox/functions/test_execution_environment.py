"""The Runtime API that a function's process asks for work."""

import queue
import socket

from sandbox.functions.execution_environment import Work, runtime_api

REQUEST = b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: localhost\r\n\r\n"
ENOUGH = 65_536
SEVERAL = 5
"""The first answers of a connection are never delayed."""


def test_an_answer_is_one_packet_because_tcp_would_delay_a_second_one() -> None:
    work: queue.Queue[Work | None] = queue.Queue()
    api = runtime_api(work, queue.Queue(), "arn:aws:lambda:us-east-1:123456789012:function:f")
    answers = []
    try:
        with socket.create_connection(("127.0.0.1", api.server_port)) as connection:
            for number in range(SEVERAL):
                connection.sendall(REQUEST)
                work.put(Work(str(number), b'{"is": "work"}', 1))
                answers.append(connection.recv(ENOUGH))
            work.put(None)
    finally:
        api.shutdown()
        api.server_close()
    assert [answer.rpartition(b"\r\n\r\n")[2] for answer in answers] == [b'{"is": "work"}'] * SEVERAL
