# SPDX-License-Identifier: Apache-2.0
"""Certificates made on the spot, and an nginx that shows them."""
import pathlib
import socket
import subprocess
import threading

import rig

NGINX = "/usr/sbin/nginx"
NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
           "-nodes")
LOCAL = "DNS:localhost,IP:127.0.0.1"

AUTHORITY = """\
[ca]
default_ca = here
[here]
new_certs_dir = .
database = index
rand_serial = yes
default_md = sha256
default_days = 1
default_crl_days = 1
unique_subject = no
policy = any
[any]
commonName = supplied
"""


class Authority:
    """One that signs certificates, and revokes them; with its own folder."""

    def __init__(self, folder, name):
        self.folder = pathlib.Path(folder) / name
        self.folder.mkdir(parents=True)
        (self.folder / "conf").write_text(AUTHORITY)
        (self.folder / "index").write_text("")
        self.openssl("req", "-x509", *NEW_KEY, "-keyout", "ca.key", "-out",
                     "ca.pem", "-days", "2", "-subj", f"/CN={name}")
        self.ca_file = str(self.folder / "ca.pem")

    def openssl(self, *arguments):
        done = subprocess.run(["openssl", *arguments], cwd=self.folder,
                              capture_output=True, text=True, timeout=30)
        if done.returncode != 0:
            raise RuntimeError(f"openssl {arguments[0]}: {done.stderr}")

    def sign(self, *arguments):
        self.openssl("ca", "-config", "conf", "-cert", "ca.pem", "-keyfile",
                     "ca.key", *arguments)

    def issue(self, name, names=LOCAL, lifetime=()):
        """A certificate for these names; its settings, as in a
        configuration. `lifetime` is options of openssl ca."""
        (self.folder / f"{name}.ext").write_text(f"subjectAltName={names}\n")
        self.openssl("req", *NEW_KEY, "-keyout", f"{name}.key", "-out",
                     f"{name}.csr", "-subj", f"/CN={name}")
        self.sign("-batch", "-notext", "-in", f"{name}.csr", "-out",
                  f"{name}.pem", "-extfile", f"{name}.ext", *lifetime)
        return {"cert_file": str(self.folder / f"{name}.pem"),
                "key_file": str(self.folder / f"{name}.key")}

    def expired(self, name):
        return self.issue(name, lifetime=(
            "-startdate", "20200101000000Z", "-enddate", "20200102000000Z"))

    def revoke(self, name):
        self.sign("-revoke", f"{name}.pem")

    def crl_file(self, name="crl.pem", lifetime=()):
        """What it has revoked so far. `lifetime` is options of openssl ca."""
        self.sign("-gencrl", "-out", name, *lifetime)
        return str(self.folder / name)

    def old_crl_file(self):
        return self.crl_file("old.pem", (
            "-crl_lastupdate", "20200101000000Z",
            "-crl_nextupdate", "20200102000000Z"))


class Front:
    """An nginx with TLS before a server, on a port for each certificate."""

    def __init__(self, folder, behind, speaks="", **shown):
        """`shown` maps names to a certificate and lines of nginx; `speaks`
        "http2", if that is what it should."""
        self.folder = pathlib.Path(folder)
        self.ports = dict(zip(shown, rig.free_ports(len(shown))))
        servers = "".join(
            f"server {{ listen 127.0.0.1:{self.ports[name]} ssl {speaks};\n"
            f"ssl_certificate {one['cert_file']};\n"
            f"ssl_certificate_key {one['key_file']};\n{lines}\n"
            f"location / {{ proxy_pass {behind}; }} }}\n"
            for name, (one, lines) in shown.items())
        temporary = "".join(f"{kind}_temp_path tmp;\n" for kind in (
            "client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (self.folder / "nginx.conf").write_text(
            "daemon off; master_process off; pid pid; error_log log;\n"
            "events { }\nhttp {\n"
            "log_format short '$server_protocol $connection';\n"
            "access_log requests short;\n"
            f"{temporary}{servers}}}\n")
        self.process = rig.spawn(
            [NGINX, "-p", self.folder, "-c", "nginx.conf"],
            stderr=subprocess.DEVNULL)
        for port in self.ports.values():
            rig.wait_for_port(port, self.process)

    def url(self, name, path="/"):
        return f"https://localhost:{self.ports[name]}{path}"

    def requests(self):
        """The protocol and the number of the connection of each request, in
        the order of their ends."""
        lines = (self.folder / "requests").read_text().splitlines()
        return [tuple(line.split()) for line in lines]

    def stop(self):
        rig.end(self.process)


class Proxy:
    """An HTTP proxy that carries connections wherever it is asked to, and
    notes where."""

    def __init__(self):
        self.asked = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,),
                             daemon=True).start()

    def serve(self, client):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            more = client.recv(1)
            if not more:
                return
            head += more
        method, target, _ = head.decode().split(" ", 2)
        self.asked.append((method, target))
        host, _, port = target.rpartition(":")
        server = socket.create_connection((host, int(port)))
        client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
        threading.Thread(target=self.carry, args=(client, server),
                         daemon=True).start()
        self.carry(server, client)

    @staticmethod
    def carry(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def stop(self):
        self.listener.close()
