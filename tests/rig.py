# SPDX-License-Identifier: Apache-2.0
"""What tests against real things are made of: a private RabbitMQ node, a
downstream that misbehaves, a worker, and patience.

Everything started here ends with the process that started it, also when that
is killed. Debian's /usr/bin/python3; no package but pika (rabbit.py).
"""
import atexit
import base64
import http.client
import json
import os
import pathlib
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent
RABBITMQ = pathlib.Path("/usr/lib/rabbitmq/bin")
PYTHON = "/usr/bin/python3"
SECOND = 1.0

# For programs that are built with ThreadSanitizer.
os.environ.setdefault("TSAN_OPTIONS",
                      f'suppressions="{ROOT / "tests/tsan.supp"}"')


def slowness():
    """How many times longer than on an idle machine things may take on this
    one, as busy as it is: 1 .. 5."""
    return min(5.0, max(1.0, 2 * os.getloadavg()[0] / os.cpu_count()))


def wait_until(predicate, timeout=20 * SECOND, what="it", every=0.02):
    """The first true value of predicate(); TimeoutError after `timeout`, or
    later where the machine is busy: no test waits to see that nothing
    happens (see `stays`)."""
    begun = time.monotonic()
    while True:
        value = predicate()
        if value:
            return value
        waited = time.monotonic() - begun
        if waited > timeout and waited > timeout * slowness():
            text = what() if callable(what) else what
            raise TimeoutError(f"waited {waited:.0f} s for {text}")
        time.sleep(every)


def stays(predicate, seconds):
    """True if predicate() is true all that time."""
    due = time.monotonic() + seconds
    while time.monotonic() < due:
        if not predicate():
            return False
        time.sleep(0.05)
    return True


def free_ports(count):
    """Ports of 127.0.0.1 that nobody listens on."""
    held = [socket.socket() for _ in range(count)]
    for one in held:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def wait_for_port(port, process):
    """Until somebody listens there; the process is the one that should."""
    def is_open():
        if process.poll() is not None:
            raise RuntimeError(f"nobody listens on port {port}: the process "
                               f"ended with {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return True
        except OSError:
            return False
    wait_until(is_open, 10, f"port {port}")


def heed_signals():
    """SIGTERM and SIGHUP end the process as Ctrl-C does: in order. (unittest
    takes any other exception for a failed test, and goes on.)"""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)


def new_folder():
    """A temporary one without a space in its path, which the scripts of
    RabbitMQ do not stand."""
    base = tempfile.gettempdir()
    return pathlib.Path(tempfile.mkdtemp(
        prefix="rebound-", dir="/tmp" if " " in base else base))


def spawn(arguments, **options):
    """Starts a process that is killed when this one dies."""
    return subprocess.Popen(
        ["setpriv", "--pdeathsig", "KILL", "--", *map(str, arguments)],
        **options)


def end(process, number=signal.SIGTERM, patience=10):
    """Ends a process: asks, waits, kills. Takes None. Its exit code."""
    if process is None:
        return None
    if process.poll() is None:
        process.send_signal(number)
    try:
        return process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


# --- the broker ----------------------------------------------------------------


CONFIGURATION = """\
listeners.tcp.1 = {host}:{amqp}
management.tcp.ip = {host}
management.tcp.port = {api}
log.file.level = warning
log.console = false
raft.wal_max_size_bytes = 67108864
collect_statistics_interval = 1000
disk_free_limit.absolute = 10MB
"""

# With a certificate login: users are called as certificates are.
TLS_CONFIGURATION = """\
listeners.ssl.1 = 127.0.0.1:{port}
ssl_options.cacertfile = {ca_file}
ssl_options.certfile = {cert_file}
ssl_options.keyfile = {key_file}
ssl_options.verify = verify_peer
ssl_options.fail_if_no_peer_cert = {wants}
ssl_cert_login_from = common_name
auth_mechanisms.1 = PLAIN
auth_mechanisms.2 = EXTERNAL
"""


class BrokerError(Exception):
    """The node did not do what it was told; the text says what."""


class Administered:
    """What its administrator does, by ask()."""

    def set_user(self, name, password, tags=""):
        self.ask("PUT", f"/users/{quote(name)}",
                 {"password": password, "tags": tags})

    def new_vhost(self, name=None):
        vhost = Vhost(self, name or "t-" + secrets.token_hex(4))
        self.ask("PUT", f"/vhosts/{quote(vhost.name)}", {})
        vhost.permit("guest", ".*", ".*", ".*")
        return vhost


class Broker(Administered):
    """A RabbitMQ node of its own: its own ports, folder, cookie and epmd.

    guest/guest is its administrator. As root or as anybody, beside any other
    broker. Start it from the main thread: it dies with the one that started
    it.
    """

    host = "127.0.0.1"  # an address, where it listens
    within = ()         # a command that runs what stands behind it

    def __init__(self, tls=None, wants_certificate=False, lines=""):
        """`tls`: an authority, whose certificate the node shows on tls_port,
        and whose certificates it takes. `lines`: more of rabbitmq.conf."""
        self.folder = new_folder()
        self.tls = tls
        self.wants_certificate = wants_certificate
        self.lines = lines
        self.owner = os.getpid()
        self.process = None
        self.epmd = None
        self.name = f"rebound-{secrets.token_hex(4)}@localhost"
        atexit.register(self.remove)

    # --- its life --------------------------------------------------------------

    def start(self):
        """Starts it for the first time, and waits until it is ready."""
        for attempt in range(3):
            self.choose_ports()
            try:
                return self.run()
            except BrokerError:
                # Perhaps somebody took one of the ports in the meantime.
                self.end_processes()
                if attempt == 2:
                    raise

    def choose_ports(self):
        self.port, self.api, self.dist, self.epmd_port = free_ports(4)
        self.write("rabbitmq.conf", CONFIGURATION.format(
            host=self.host, amqp=self.port, api=self.api)
            + self.tls_configuration() + self.lines)
        self.write("advanced.config", self.advanced_configuration())
        self.write("plugins", "[rabbitmq_management"
                   + (",rabbitmq_auth_mechanism_ssl" if self.tls else "")
                   + "].\n")
        self.write("empty-env.conf", "")
        (self.folder / "conf.d").mkdir(exist_ok=True)

    def advanced_configuration(self):
        """How often a quorum queue counts its messages, in ms."""
        return "[{rabbit, [{quorum_tick_interval, 250}]}].\n"

    def tls_configuration(self):
        if self.tls is None:
            return ""
        self.tls_port, = free_ports(1)
        return TLS_CONFIGURATION.format(
            port=self.tls_port, ca_file=self.tls.ca_file,
            wants=str(self.wants_certificate).lower(),
            **self.tls.issue("broker", names="DNS:localhost"))

    def urls(self):
        """For the setting broker.nodes."""
        return [f"amqp://{self.host}:{self.port}"]

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")

    def environment(self):
        """Nothing of ours but the path, so that no setting of another broker
        gets in."""
        f = str(self.folder)
        return {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": f,
            "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8",
            "ERL_EPMD_PORT": str(self.epmd_port),
            "ERL_EPMD_ADDRESS": self.host,
            "RABBITMQ_NODENAME": self.name,
            "RABBITMQ_DIST_PORT": str(self.dist),
            "RABBITMQ_CONF_ENV_FILE": f"{f}/empty-env.conf",
            "RABBITMQ_CONFIG_FILE": f"{f}/rabbitmq.conf",
            "RABBITMQ_CONFIG_FILES": f"{f}/conf.d",
            "RABBITMQ_ADVANCED_CONFIG_FILE": f"{f}/advanced.config",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{f}/plugins",
            "RABBITMQ_MNESIA_BASE": f"{f}/data",
            "RABBITMQ_LOG_BASE": f"{f}/log",
            "RABBITMQ_PID_FILE": f"{f}/pid",
            # Then the script becomes the node, instead of its guardian.
            "RUNNING_UNDER_SYSTEMD": "1",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS":
                "+S 2:2 +SDio 4 +A 8 +sbwt none +sbwtdcpu none +sbwtdio none",
        }

    def run(self):
        """Starts the node, which may have data, and waits for it."""
        self.launch()
        self.wait_ready()

    def launch(self):
        """Starts the node, which is not ready for some seconds."""
        if self.epmd is None:
            self.epmd = self.start_epmd()
        with open(self.folder / "output", "ab") as output:
            self.process = spawn(
                [*self.within, RABBITMQ / "rabbitmq-server"],
                env=self.environment(), cwd=self.folder,
                start_new_session=True, stdin=subprocess.DEVNULL,
                stdout=output, stderr=output)

    def start_epmd(self):
        return spawn(
            [*self.within, "epmd", "-port", self.epmd_port,
             "-address", self.host],
            env=self.environment(), start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)

    def wait_ready(self, timeout=60):
        """Until AMQP and the management API answer. Both come last."""
        wait_until(lambda: self.is_up() or self.process.poll() is not None,
                   timeout, "the node to start", every=0.1)
        if self.process.poll() is not None:
            raise BrokerError("the node did not start:\n" + self.output())

    def is_up(self):
        try:
            socket.create_connection((self.host, self.port), 1).close()
            return self.ask("GET", "/overview") is not None
        except (OSError, http.client.HTTPException, BrokerError):
            return False

    def output(self):
        return (self.folder / "output").read_text(errors="replace")[-3000:]

    def stop(self):
        """Stops it in order; its data stay."""
        end(self.process, patience=60)

    def kill(self):
        """As if the power had failed."""
        self.thaw()
        end(self.process, signal.SIGKILL)

    def freeze(self):
        """It holds its connections and says nothing more."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def end_processes(self):
        end(self.process, signal.SIGKILL)
        end(self.epmd, signal.SIGKILL)
        self.process = self.epmd = None

    def remove(self):
        """Ends it and leaves no trace. Not in a fork of its owner."""
        if os.getpid() != self.owner:
            return
        self.end_processes()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.remove()

    # --- asking it -------------------------------------------------------------

    def ctl(self, *arguments):
        """rabbitmqctl; its output. Takes a second: ask() where it suffices."""
        done = subprocess.run(
            [*self.within, RABBITMQ / "rabbitmqctl", "-q",
             *map(str, arguments)],
            env=self.environment(), capture_output=True, text=True, timeout=90)
        if done.returncode != 0:
            raise BrokerError(f"rabbitmqctl {arguments[0]}: {done.stderr}")
        return done.stdout

    def ctl_command(self):
        """A shell script that runs rabbitmqctl against this node."""
        script = self.folder / "ctl"
        lines = [f"export {k}='{v}'" for k, v in self.environment().items()]
        script.write_text("#!/bin/sh\n" + "\n".join(lines)
                          + f'\nexec {RABBITMQ}/rabbitmqctl "$@"\n')
        script.chmod(0o755)
        return script

    def ask(self, method, path, body=None):
        """The management API: what it answers, None for nothing there."""
        connection = http.client.HTTPConnection(self.host, self.api,
                                                timeout=30)
        token = base64.b64encode(b"guest:guest").decode()
        try:
            connection.request(
                method, "/api" + path,
                body=None if body is None else json.dumps(body),
                headers={"Authorization": f"Basic {token}",
                         "Content-Type": "application/json"})
            response = connection.getresponse()
            text = response.read()
        finally:
            connection.close()
        if response.status == 404:
            return None
        if response.status >= 300:
            raise BrokerError(f"{method} {path}: {response.status} "
                              f"{text.decode(errors='replace')}")
        return json.loads(text) if text else {}

    def set_alarm(self, is_on):
        """A memory alarm: the node takes no publishes."""
        self.ctl("set_vm_memory_high_watermark", "0.00001" if is_on else "0.4")


def quote(name):
    return urllib.parse.quote(name, safe="")


class Vhost:
    """A part of a node that a test has for itself."""

    def __init__(self, broker, name):
        self.broker = broker
        self.name = name

    def path(self, kind, *names):
        return "/".join([f"/{kind}", quote(self.name), *map(quote, names)])

    def permit(self, user, configure, write, read):
        self.broker.ask("PUT", self.path("permissions", user), {
            "configure": configure, "write": write, "read": read})

    def remove(self):
        self.broker.ask("DELETE", f"/vhosts/{quote(self.name)}")

    def queues(self):
        """name -> what the broker says of it, at this very moment."""
        found = self.broker.ask(
            "GET", self.path("queues")
            + "?disable_stats=true&enable_queue_totals=true")
        return {queue["name"]: queue for queue in found}

    def depths(self):
        """name -> messages, those in hand and dead letters under way too; but
        for what is read without being taken, the audit trail."""
        return {name: queue.get("messages", 0)
                for name, queue in self.queues().items()
                if queue.get("type") != "stream"}

    def depth(self, queue):
        return self.depths().get(queue, 0)

    def delete_queue(self, name):
        self.broker.ask("DELETE", self.path("queues", name))

    def bindings(self, queue):
        return self.broker.ask("GET", self.path("queues", queue)
                               + "/bindings") or []

    def unbind(self, exchange, queue, key):
        self.broker.ask("DELETE", "/".join([
            self.path("bindings"), "e", quote(exchange), "q", quote(queue),
            quote(key)]))

    def connections(self):
        """Names that clients chose for their connections -> process ids."""
        found = {}
        for line in self.broker.ctl("-s", "list_connections", "pid", "vhost",
                                    "client_properties").splitlines():
            pid, vhost, properties = line.split("\t", 2)
            name = re.search(r'{"connection_name","([^"]*)"}', properties)
            if vhost == self.name and name:
                found[name.group(1)] = pid
        return found

    def close_connections(self, part):
        """Closes those whose chosen names hold `part`; how many."""
        found = [pid for name, pid in self.connections().items()
                 if part in name]
        for pid in found:
            self.broker.ctl("close_connection", pid, "closed by a test")
        return len(found)


# --- the downstream --------------------------------------------------------------


class Downstream:
    """tests/downstream.py in a process of its own."""

    def __init__(self, *rules, host="127.0.0.1", port=0, seed=1):
        self.host = host
        self.process = spawn(
            [PYTHON, ROOT / "tests/downstream.py", "--host", host,
             "--port", port, "--seed", seed], stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("listening on "):
            raise RuntimeError("the downstream did not start")
        self.port = int(line.split()[-1])
        atexit.register(self.stop)
        if rules:
            self.rules(*rules)

    def url(self, path="/"):
        return f"http://{self.host}:{self.port}{path}"

    def ask(self, method, path, body=None):
        connection = http.client.HTTPConnection(self.host, self.port,
                                                timeout=30)
        try:
            connection.request(method, path, body=body)
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        if response.status != 200:
            raise ValueError(text)
        return json.loads(text)

    def rules(self, *rules):
        """Sets these rules instead of all before; none: accept everything."""
        self.ask("POST", "/_rules", json.dumps(rules))

    def stats(self):
        return self.ask("GET", "/_stats")

    def messages(self):
        """message id -> what was received of it."""
        return self.stats()["messages"]

    def accepted(self):
        """Ids of the messages that it accepted at least once; none while it
        refuses connections."""
        try:
            messages = self.messages()
        except OSError:
            return set()
        return {name for name, message in messages.items()
                if message["accepted"]}

    def requests(self, message_id=None):
        """The last requests, with lower-case names of headers."""
        found = [one for one in self.ask("GET", "/_requests")
                 if message_id in (None, one["id"])]
        for one in found:
            one["headers"] = {k.lower(): v for k, v in one["headers"]}
        return found

    def stop(self):
        atexit.unregister(self.stop)
        end(self.process, signal.SIGKILL)
        self.process.stdout.close()


# --- the worker --------------------------------------------------------------------


def configuration(value, depth=0):
    """A dict as the text of a libconfig file."""
    pad = "  " * depth
    if isinstance(value, dict):
        lines = [f"{pad}{name} = {configuration(one, depth + 1)};\n"
                 for name, one in value.items()]
        return "".join(lines) if depth == 0 else (
            "{\n" + "".join(lines) + pad[2:] + "}")
    if isinstance(value, (list, tuple)):
        return "( " + ", ".join(configuration(one, depth + 1)
                                for one in value) + " )"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


class Program:
    """rebound, wherever it was built."""

    def __init__(self, path):
        self.path = pathlib.Path(path).resolve()

    def __call__(self, *arguments, timeout=60):
        """Runs a command to its end; the CompletedProcess."""
        return subprocess.run([self.path, *map(str, arguments)], text=True,
                              capture_output=True, timeout=timeout,
                              stdin=subprocess.DEVNULL)


class Worker:
    """`rebound run` in a process of its own, and what it says."""

    def __init__(self, program, config, *arguments, environment=None,
                 within=()):
        """`within`: a command that runs what stands behind it."""
        self.lines = []
        self.changed = threading.Condition()
        self.errors = tempfile.TemporaryFile("w+")
        self.process = spawn(
            [*within, program.path, "run", "-c", config, "--log-format", "json",
             *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=self.errors, text=True, errors="replace",
            env={**os.environ, **(environment or {})})
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        atexit.register(self.kill)

    def read(self):
        for line in self.process.stdout:
            try:
                said = json.loads(line)
            except ValueError:
                said = {"event": "garbage", "text": line}
            with self.changed:
                self.lines.append(said)
                self.changed.notify_all()

    def mark(self):
        """A point in what it says, for `since`."""
        with self.changed:
            return len(self.lines)

    def said(self, since=0, **fields):
        """All lines after a mark in which these fields have these values.

        What the broker and downstreams show may be there a moment before
        the line about it has been read: so it lets the worker finish."""
        count = -1
        due = time.monotonic() + SECOND
        while count != len(self.lines) and time.monotonic() < due:
            count = len(self.lines)
            time.sleep(0.1)
        return self.find(since, **fields)

    def find(self, since=0, **fields):
        """The same, of what has been read by now."""
        with self.changed:
            return [line for line in self.lines[since:]
                    if all(line.get(k) == v for k, v in fields.items())]

    def wait(self, timeout=20 * SECOND, since=0, count=1, **fields):
        """The count-th such line; waits for it."""
        wait_until(lambda: len(self.find(since, **fields)) >= count
                   or self.process.poll() is not None, timeout,
                   lambda: f"{fields}; {self.story()}")
        found = self.find(since, **fields)
        if len(found) < count:
            self.reader.join(5)
            found = self.find(since, **fields)
        if len(found) < count:
            raise AssertionError(f"it ended without {fields}; {self.story()}")
        return found[count - 1]

    def wait_ready(self, pipelines=1, timeout=30 * SECOND):
        """Until it consumes, and can publish."""
        self.wait(timeout, event="state", part="outlet", state="up")
        self.wait(timeout, event="state", part="intake", state="up",
                  count=pipelines)
        return self

    def complaints(self):
        """What it wrote to standard error."""
        self.errors.seek(0)
        return self.errors.read()

    def story(self, last=12):
        with self.changed:
            lines = [json.dumps(line) for line in self.lines[-last:]]
        return (f"the worker's last words ({self.process.poll()}):\n  "
                + "\n  ".join(lines) + "\n" + self.complaints())

    def signal(self, number):
        self.process.send_signal(number)

    def wait_end(self, timeout=40):
        """Its exit code; negative: the signal that killed it."""
        code = self.process.wait(timeout)
        self.reader.join(5)
        return code

    def stop(self, timeout=40):
        """SIGTERM, and its exit code."""
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        return self.wait_end(timeout)

    def retire(self, patience=3):
        """Ends it in order if it can; what a sanitizer or valgrind said."""
        end(self.process, patience=patience)
        self.kill()
        said = self.complaints()
        return said if re.search(r"Sanitizer|runtime error:|^==\d+==", said,
                                 re.M) else None

    def kill(self):
        atexit.unregister(self.kill)
        end(self.process, signal.SIGKILL)
        self.reader.join(5)
