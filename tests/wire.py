# SPDX-License-Identifier: Apache-2.0
"""A stretch of network between a worker and its broker, that can fail in ways
in which networks do: without a word."""
import contextlib
import socket
import struct
import threading

BOTH = ("up", "down")  # to the broker, and from it
PIECE = 65536
CONFIRMS = ((60, 80), (60, 120))  # basic.ack, basic.nack
METHOD = 1  # the type of a frame (AMQP 0-9-1, section 4.2.3)


class Line:
    """One connection. What is held is neither read nor passed on, an end of
    the connection included, while both sides think that it stands."""

    def __init__(self, wire, client, server):
        self.wire = wire
        self.gates = {way: threading.Event() for way in BOTH}
        for gate in self.gates.values():
            gate.set()
        for way, source, sink in (("up", client, server),
                                  ("down", server, client)):
            threading.Thread(target=self.carry, args=(way, source, sink),
                             daemon=True).start()

    def carry(self, way, source, sink):
        pieces = frames if way == "down" else chunks
        with contextlib.suppress(OSError):
            for piece in pieces(source):
                self.gates[way].wait()
                if not (way == "down" and self.wire.is_muted
                        and is_confirm(piece)):
                    sink.sendall(piece)
        self.gates[way].wait()
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)


def chunks(source):
    while piece := source.recv(PIECE):
        yield piece


def frames(source):
    """Whole frames of AMQP, as the broker sends them."""
    held = b""
    for piece in chunks(source):
        held += piece
        while len(held) >= 7:
            size = 8 + struct.unpack_from(">I", held, 3)[0]
            if len(held) < size:
                break
            yield held[:size]
            held = held[size:]
    yield held


def is_confirm(frame):
    return (len(frame) > 11 and frame[0] == METHOD
            and struct.unpack_from(">HH", frame, 7) in CONFIRMS)


class Wire:
    """Listens on `port`, and carries each connection to another."""

    def __init__(self, port, host="127.0.0.1"):
        self.to_port = port
        self.lines = []
        self.is_muted = False  # True: no confirm gets through
        self.listener = socket.create_server((host, 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.to_port))
            except OSError:
                client.close()
                continue
            self.lines.append(Line(self, client, server))

    def hold(self, *ways):
        """Nothing more goes these ways on the connections that there are;
        later ones are fine."""
        for line in self.lines:
            for way in ways:
                line.gates[way].clear()

    def stop(self):
        self.listener.close()
        for line in self.lines:
            for gate in line.gates.values():
                gate.set()
