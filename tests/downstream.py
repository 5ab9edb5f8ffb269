#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""An HTTP service that misbehaves by rules, and counts what it received.

Without rules it accepts every request with 200. The rules, and what can be
asked of it over HTTP, are in tests/README.md. Standard library only.

    downstream.py --port 8081 --rule 'status=503 seen=1-2' --rule 'share=0.1 do=reset'
"""
import argparse
import collections
import email.utils
import fnmatch
import hashlib
import http.client
import http.server
import json
import random
import select
import shlex
import signal
import socket
import struct
import sys
import threading
import time

ACTIONS = ("answer", "cut", "close", "reset", "hang", "refuse")
CUTS = ("status-line", "headers", "body", "chunk")
REQUESTS_KEPT = 5000
CHUNK = 1 << 20


class RuleError(ValueError):
    """A rule that cannot be used; the text says why."""


def parse_span(text):
    """'2' -> (2, 2), '1-3' -> (1, 3), '3-' -> (3, no end)."""
    first, dash, last = str(text).partition("-")
    try:
        low = int(first)
        high = low if not dash else int(last) if last else sys.maxsize
    except ValueError:
        raise RuleError(f'seen: "{text}" is not like "2", "1-3" or "3-"')
    return low, high


class Rule:
    """Which requests it is for, and what is done to them."""

    # name -> (type, default). The first group matches, the second acts.
    MATCHES = {
        "method": (str, None), "path": (str, None), "id": (str, None),
        "header": (dict, {}), "seen": ((str, int), None),
        "share": ((int, float), 1), "requests": (int, None),
        "for": ((int, float), None),
    }
    ACTS = {
        "do": (str, "answer"), "status": (int, 200),
        "retry_after": ((int, float, str), None),
        "retry_date": ((int, float), None), "headers": (dict, {}),
        "body": (str, None), "bytes": (int, None),
        "delay": ((int, float), 0), "at": ((str, int), "headers"),
        "seconds": ((int, float), None), "unread": (bool, False),
    }

    def __init__(self, given):
        self.given = given
        known = {**self.MATCHES, **self.ACTS}
        for name, value in given.items():
            if name not in known:
                raise RuleError(f'"{name}" is no part of a rule; there are '
                                + ", ".join(sorted(known)))
            if not isinstance(value, known[name][0]):
                raise RuleError(f"{name}: {value!r} is of the wrong type")
        for name, (_, default) in known.items():
            setattr(self, "for_" if name == "for" else name,
                    given.get(name, default))
        if self.do not in ACTIONS:
            raise RuleError(f'do: "{self.do}" is none of {", ".join(ACTIONS)}')
        if self.do == "cut" and isinstance(self.at, str) and self.at not in CUTS:
            raise RuleError(f'at: "{self.at}" is neither a number of bytes '
                            f'nor one of {", ".join(CUTS)}')
        self.span = parse_span(self.seen) if self.seen is not None else None
        self.used = 0
        self.begun = time.monotonic()

    def matches(self, request, seen, dice):
        """Whether it is for a request whose message was seen `seen` times."""
        if self.requests is not None and self.used >= self.requests:
            return False
        if self.for_ is not None and time.monotonic() - self.begun > self.for_:
            return False
        if self.span and not self.span[0] <= seen <= self.span[1]:
            return False
        for wanted, value in ((self.method, request.command),
                              (self.path, request.path),
                              (self.id, request.message_id)):
            if wanted is not None and not fnmatch.fnmatchcase(value, wanted):
                return False
        for name, wanted in self.header.items():
            if not fnmatch.fnmatchcase(request.headers.get(name, ""), wanted):
                return False
        return self.share >= 1 or dice.random() < self.share

    def response_body(self):
        """What an answer holds, as bytes."""
        if self.bytes is not None:
            return b"." * self.bytes
        if self.body is not None:
            return self.body.encode()
        return b'{"status": %d}\n' % self.status

    def response_headers(self):
        """The headers of an answer but those of its length."""
        headers = {"Content-Type": "application/json", **self.headers}
        if self.retry_after is not None:
            headers["Retry-After"] = str(self.retry_after)
        if self.retry_date is not None:
            due = time.time() + self.retry_date
            headers["Retry-After"] = email.utils.formatdate(due, usegmt=True)
        return headers


def parse_words(text):
    """'status=503 header.X-Type=lab.*' -> a rule as it is given in JSON."""
    given = {}
    for word in shlex.split(text):
        name, equals, value = word.partition("=")
        if not equals:
            raise RuleError(f'"{word}" is not like name=value')
        try:
            value = json.loads(value)
        except ValueError:
            pass
        group, dot, key = name.partition(".")
        if dot:
            given.setdefault(group, {})[key] = str(value)
        else:
            given[name] = value
    return given


class Book:
    """Rules, and what was received. Any thread."""

    def __init__(self, seed):
        self.lock = threading.Lock()
        self.dice = random.Random(seed)
        self.rules = []
        self.open = 0
        self.forget()

    def forget(self):
        """Counts from zero."""
        with self.lock:
            self.totals = collections.Counter()
            self.messages = {}
            self.recent = collections.deque(maxlen=REQUESTS_KEPT)

    def set_rules(self, rules):
        with self.lock:
            self.rules = rules

    def choose(self, request):
        """The rule that a request comes under."""
        with self.lock:
            noted = self.messages.get(request.message_id)
            seen = noted["seen"] + 1 if noted else 1
            for rule in self.rules:
                if rule.matches(request, seen, self.dice):
                    rule.used += 1
                    return rule
        return Rule({})

    def arrived(self, request, body_hash, body_len):
        """Notes a request; returns what is noted of it, and of its
        message."""
        now = int(time.time() * 1000)
        noted = {"id": request.message_id, "method": request.command,
                 "path": request.path, "at_ms": now, "bytes": body_len,
                 "sha256": body_hash, "headers": request.headers.items(),
                 "answer": None}
        with self.lock:
            self.totals["requests"] += 1
            self.recent.append(noted)
            message = self.messages.setdefault(request.message_id, {
                "seen": 0, "accepted": 0, "keys": [], "sha256": [],
                "bytes": body_len, "answers": [], "at_ms": []})
            message["seen"] += 1
            message["at_ms"].append(now)
            for name, value in (
                    ("keys", request.headers.get("Idempotency-Key")),
                    ("sha256", body_hash)):
                if value is not None and value not in message[name]:
                    message[name].append(value)
            return noted, message

    def answered(self, noted, answer, is_accepted):
        request, message = noted
        with self.lock:
            request["answer"] = answer
            message["answers"].append(answer)
            message["accepted"] += is_accepted
            self.totals["accepted"] += is_accepted

    def connection(self, opened):
        with self.lock:
            self.open += 1 if opened else -1
            self.totals["connections"] += opened

    def stats(self):
        with self.lock:
            return json.dumps({
                "requests": self.totals["requests"],
                "accepted": self.totals["accepted"],
                "connections": self.totals["connections"],
                "open": self.open, "messages": self.messages})

    def requests(self):
        with self.lock:
            return json.dumps(list(self.recent))


def spell_head(status, headers):
    """Status line and headers, as bytes, with the empty line."""
    lines = [f"HTTP/1.1 {status} {http.client.responses.get(status, 'Odd')}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def cut_bytes(rule):
    """The beginning of an answer to `rule`, up to where it is cut."""
    headers = rule.response_headers()
    body = rule.response_body()
    if rule.at == "chunk":
        head = spell_head(rule.status,
                          {**headers, "Transfer-Encoding": "chunked"})
        return head + b"%x\r\n" % (len(body) + 10) + body
    length = max(len(body), 2)
    head = spell_head(rule.status, {**headers, "Content-Length": length})
    if rule.at == "status-line":
        return head[:10]
    if rule.at == "headers":
        return head[:head.index(b"\r\n", head.index(b"\r\n") + 2) + 2]
    if rule.at == "body":
        return head + body.ljust(length)[:length // 2]
    return (head + body)[:rule.at]


class Handler(http.server.BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    rbufsize = 1 << 16
    book = None
    is_counted = False  # among the connections: it has delivered

    def finish(self):
        if self.is_counted:
            self.book.connection(opened=False)
        try:
            super().finish()
        except OSError:
            pass

    def handle(self):
        try:
            super().handle()
        except OSError:
            pass  # the other side is gone

    def log_message(self, *_):
        """Silent: the worker logs."""

    @property
    def message_id(self):
        return self.headers.get("X-Message-Id", "")

    # --- reading -------------------------------------------------------------

    def body_length(self):
        return int(self.headers.get("Content-Length") or 0)

    def read_hash(self):
        """Reads the body; its SHA-256. A body may be large, so it is not
        kept. Raises OSError when the other side stops in the middle."""
        left = self.body_length()
        digest = hashlib.sha256()
        while left > 0:
            piece = self.rfile.read(min(left, CHUNK))
            if not piece:
                raise ConnectionResetError
            digest.update(piece)
            left -= len(piece)
        return digest.hexdigest()

    # --- answering -----------------------------------------------------------

    def send(self, status, headers, body):
        self.connection.sendall(
            spell_head(status, {**headers, "Content-Length": len(body)})
            + body)

    def end(self):
        """Closes the connection after this request."""
        self.close_connection = True

    def answer(self, rule):
        self.send(rule.status, rule.response_headers(), rule.response_body())
        if rule.unread:
            self.end()
        return rule.status, 200 <= rule.status <= 299

    def cut(self, rule):
        self.connection.sendall(cut_bytes(rule))
        self.end()
        return f"cut {rule.at}", False

    def close(self, _rule):
        self.end()
        return "close", False

    def reset(self, _rule):
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.server.close_now(self.connection)
        self.end()
        return "reset", False

    def hang(self, rule):
        """Says nothing until the other side goes, or time is up."""
        select.select([self.connection], [], [], rule.seconds or 3600)
        self.end()
        return "hang", False

    def refuse(self, rule):
        self.server.refuse(rule.seconds or 1)
        self.end()
        return "refuse", False

    # --- requests ------------------------------------------------------------

    def deliver(self):
        """What a worker sends: everything but what begins with /_."""
        if "Transfer-Encoding" in self.headers:
            self.send(411, {}, b"this server wants a Content-Length\n")
            return self.end()
        if not self.is_counted:
            self.is_counted = True
            self.book.connection(opened=True)
        rule = self.book.choose(self)
        digest = None if rule.unread else self.read_hash()
        noted = self.book.arrived(self, digest, self.body_length())
        if rule.delay:
            time.sleep(rule.delay)
        try:
            answer, is_accepted = getattr(self, rule.do)(rule)
        except OSError:
            self.book.answered(noted, "gone", False)
            raise
        self.book.answered(noted, answer, is_accepted)

    def control(self):
        body = self.rfile.read(self.body_length())
        reply = self.carry_out(self.command, self.path, body)
        status = 200 if reply is not None else 404
        self.send(status, {"Content-Type": "application/json"},
                  (reply or '"there is no such thing"').encode())

    def carry_out(self, command, path, body):
        """The reply to a question or an order, or None."""
        book = self.book
        if path == "/_stats":
            reply = book.stats()
            if command == "DELETE":
                book.forget()
            return reply
        if path == "/_requests":
            return book.requests()
        if path == "/_rules":
            if command == "POST":
                book.set_rules([Rule(given) for given in json.loads(body)])
            elif command == "DELETE":
                book.set_rules([])
            return json.dumps([rule.given for rule in book.rules])
        return None

    def do_any(self):
        if not self.path.startswith("/_"):
            return self.deliver()
        try:
            self.control()
        except (RuleError, ValueError, TypeError, AttributeError) as error:
            self.send(400, {}, f"{error}\n".encode())

    do_POST = do_PUT = do_PATCH = do_GET = do_DELETE = do_any


class Server(http.server.ThreadingHTTPServer):
    """Listens, and can stop to listen for a time."""

    daemon_threads = True
    request_queue_size = 512
    timeout = 0.1

    def __init__(self, address, handler):
        self.refused_until = None
        self.open_sockets = set()
        super().__init__(address, handler)

    def handle_error(self, request, client_address):
        """Of one connection: no matter for the others."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    def process_request(self, request, client_address):
        self.open_sockets.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request):
        self.open_sockets.discard(request)
        super().shutdown_request(request)

    def close_now(self, connection):
        """Closes without a goodbye (shutdown would send a FIN). The system
        does so when the handler has closed its files too."""
        self.open_sockets.discard(connection)
        connection.close()

    def refuse(self, seconds):
        """No new connections from the next moment on; old ones are cut."""
        self.refused_until = time.monotonic() + seconds
        self.socket.close()

    def wait_closed(self):
        """Holds the port without listening, so that nobody else takes it
        and whoever connects is refused."""
        self.socket = socket.socket(self.address_family, self.socket_type)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        while True:
            try:
                self.socket.bind(self.server_address)
                break
            except OSError:  # somebody was quicker, with a call of theirs
                time.sleep(0.02)
        for connection in list(self.open_sockets):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        time.sleep(max(0, self.refused_until - time.monotonic()))
        self.socket.listen(self.request_queue_size)
        self.refused_until = None

    def run(self):
        while True:
            if self.refused_until is not None:
                self.wait_closed()
            try:
                self.handle_request()
            except (OSError, ValueError):
                if self.refused_until is None:
                    raise


def parse_arguments():
    parser = argparse.ArgumentParser(
        description="An HTTP service that misbehaves by rules and counts what "
                    "it received. Without rules it accepts everything.",
        epilog="The first rule that matches a request decides. Rules are "
               "described in tests/README.md. GET /_stats tells what was "
               "received; POST /_rules sets other rules.")
    parser.add_argument("--host", default="127.0.0.1",
                        help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=0,
                        help="0, the default: any free one; it is printed")
    parser.add_argument("--rules", metavar="FILE",
                        help="a JSON file with a list of rules")
    parser.add_argument("--rule", action="append", default=[],
                        metavar="WORDS",
                        help="one rule as name=value words, after those of "
                             "the file; may be repeated")
    parser.add_argument("--seed", type=int, default=1,
                        help="of the dice of rules with a share")
    return parser.parse_args()


def read_rules(arguments):
    given = []
    if arguments.rules:
        with open(arguments.rules, encoding="utf-8") as file:
            given += json.load(file)
    given += [parse_words(words) for words in arguments.rule]
    return [Rule(one) for one in given]


def main():
    arguments = parse_arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    Handler.book = Book(arguments.seed)
    try:
        Handler.book.set_rules(read_rules(arguments))
        server = Server((arguments.host, arguments.port), Handler)
    except (RuleError, ValueError, OSError) as error:
        print(f"downstream.py: {error}", file=sys.stderr)
        return 64
    print(f"listening on {server.server_address[1]}", flush=True)
    try:
        server.run()
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
