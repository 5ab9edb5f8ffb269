# SPDX-License-Identifier: Apache-2.0
"""Publishing and reading messages, through pika.

Header tables go out and come in as the bytes they are on the wire: pika makes
one kind of integer out of all, and a test that a header keeps its type must
not. `fields` encodes what AMQP 0-9-1 (as RabbitMQ speaks it) knows.
"""
import contextlib
import struct

import pika
import pika.data


class RawTable(dict):
    """A header table as bytes, beside what pika reads in it.

    `raw` is the table without its length; `entries` maps each name to the
    bytes of its value, whose first is its type.
    """

    def __init__(self, raw, values=()):
        super().__init__(values)
        self.raw = raw
        self.entries = split(raw)


FIXED = {"t": 1, "b": 1, "B": 1, "s": 2, "u": 2, "I": 4, "i": 4, "l": 8,
         "L": 8, "f": 4, "d": 8, "D": 5, "T": 8, "V": 0}


def value_end(raw, at):
    """Where the value that begins at `at` with its type ends."""
    kind = chr(raw[at])
    if kind in FIXED:
        return at + 1 + FIXED[kind]
    if kind not in "SxAF":
        raise ValueError(f"no such type of a field: {kind!r}")
    return at + 5 + struct.unpack_from(">I", raw, at + 1)[0]


def split(raw):
    """name -> bytes of the value, in order."""
    entries = {}
    at = 0
    while at < len(raw):
        name_end = at + 1 + raw[at]
        end = value_end(raw, name_end)
        entries[raw[at + 1:name_end].decode()] = raw[name_end:end]
        at = end
    return entries


def join(entries):
    """The reverse of split."""
    return b"".join(bytes([len(name.encode())]) + name.encode() + value
                    for name, value in entries.items())


def text(value):
    """A long string as a field."""
    value = value.encode() if isinstance(value, str) else value
    return b"S" + struct.pack(">I", len(value)) + value


def number(kind, value):
    """An integer, float or timestamp as a field of that type."""
    formats = {"b": "b", "B": "B", "s": "h", "u": "H", "I": "i", "i": "I",
               "l": "q", "L": "q", "f": "f", "d": "d", "T": "Q"}
    return kind.encode() + struct.pack(">" + formats[kind], value)


def boolean(value):
    return b"t" + bytes([value])


def decimal(scale, value):
    return b"D" + struct.pack(">Bi", scale, value)


def binary(value):
    return b"x" + struct.pack(">I", len(value)) + value


def array(*values):
    body = b"".join(values)
    return b"A" + struct.pack(">I", len(body)) + body


def table(entries):
    body = join(entries)
    return b"F" + struct.pack(">I", len(body)) + body


VOID = b"V"


def encode_table(pieces, values):
    if not isinstance(values, RawTable):
        return encode_of_pika(pieces, values)
    pieces.append(struct.pack(">I", len(values.raw)))
    pieces.append(values.raw)
    return 4 + len(values.raw)


def decode_table(encoded, offset):
    size = struct.unpack_from(">I", encoded, offset)[0]
    raw = bytes(encoded[offset + 4:offset + 4 + size])
    return RawTable(raw, readable(raw)), offset + 4 + size


DEEP = 50  # nobody reads further


def readable(raw, depth=0):
    """name -> what a person would call the value, as far as there is one."""
    if depth > DEEP:
        return {}
    return {name: read(value, depth) for name, value in split(raw).items()}


def read(value, depth):
    kind, body = chr(value[0]), value[1:]
    if kind == "t":
        return body != b"\0"
    formats = {"b": "b", "B": "B", "s": "h", "u": "H", "I": "i", "i": "I",
               "l": "q", "L": "q", "f": "f", "d": "d", "T": "Q"}
    if kind in formats:
        return struct.unpack(">" + formats[kind], body)[0]
    if kind == "D":
        scale, unscaled = struct.unpack(">Bi", body)
        return unscaled / 10 ** scale
    if kind == "V":
        return None
    if kind == "x":
        return body[4:]
    if kind == "S":
        return body[4:].decode(errors="replace")
    if kind == "F":
        return readable(body[4:], depth + 1)
    values = []
    at = 4
    while at < len(body):
        end = value_end(body, at)
        values.append(read(body[at:end], depth + 1))
        at = end
    return values


encode_of_pika = pika.data.encode_table
pika.data.encode_table = encode_table
pika.data.decode_table = decode_table


class Message:
    """What was read from a queue."""

    def __init__(self, method, properties, body):
        self.exchange = method.exchange
        self.key = method.routing_key
        self.redelivered = method.redelivered
        self.properties = properties
        self.id = properties.message_id
        self.headers = properties.headers or RawTable(b"")
        self.body = body


class Client:
    """One login at one vhost. A connection for each call, or one for all
    calls inside `with client:`."""

    def __init__(self, port, vhost, user="guest", password="guest",
                 host="127.0.0.1"):
        self.parameters = pika.ConnectionParameters(
            host, port, vhost, pika.PlainCredentials(user, password),
            heartbeat=0, blocked_connection_timeout=60,
            client_properties={"connection_name": f"test/{user}"})
        self.held = None

    def __enter__(self):
        self.held = pika.BlockingConnection(self.parameters)
        return self

    def __exit__(self, *_):
        with contextlib.suppress(pika.exceptions.AMQPError):
            self.held.close()
        self.held = None

    @contextlib.contextmanager
    def channel(self):
        if self.held is not None:
            channel = self.held.channel()
            yield channel
            if channel.is_open:
                channel.close()
            return
        connection = pika.BlockingConnection(self.parameters)
        try:
            yield connection.channel()
        finally:
            if connection.is_open:
                connection.close()

    def publish(self, exchange, key, bodies, headers=None, **properties):
        """Publishes, confirmed and mandatory. `bodies` is one, or pairs of
        message id and body; raises UnroutableError where no queue is."""
        if isinstance(bodies, bytes):
            bodies = [(properties.pop("message_id", None), bodies)]
        properties.setdefault("delivery_mode", 2)
        with self.channel() as channel:
            channel.confirm_delivery()
            for message_id, body in bodies:
                channel.basic_publish(
                    exchange, key, body, mandatory=True,
                    properties=pika.BasicProperties(
                        message_id=message_id, headers=headers, **properties))

    def get(self, queue):
        """Takes one message, or None."""
        with self.channel() as channel:
            method, properties, body = channel.basic_get(queue, auto_ack=True)
            return Message(method, properties, body) if method else None

    def drain(self, queue):
        """Takes all messages that are ready."""
        found = []
        with self.channel() as channel:
            while True:
                method, properties, body = channel.basic_get(queue,
                                                             auto_ack=True)
                if method is None:
                    return found
                found.append(Message(method, properties, body))

    def declare_queue(self, queue, **arguments):
        with self.channel() as channel:
            channel.queue_declare(queue, durable=True, arguments={
                name.replace("_", "-"): value
                for name, value in arguments.items()})

    def declare_exchange(self, exchange, kind="topic"):
        with self.channel() as channel:
            channel.exchange_declare(exchange, kind, durable=True)

    def bind_queue(self, queue, exchange, key="#"):
        with self.channel() as channel:
            channel.queue_bind(queue, exchange, key)
