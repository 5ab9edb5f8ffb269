# SPDX-License-Identifier: Apache-2.0
"""TLS towards downstreams and the broker: who is trusted, who is not, and what
is said about it. The certificates are made here."""
import itertools
import time

import rig
import tls
from stage import LiveTest

ONCE = {"max_attempts": 1}


class Downstreams(LiveTest):

    def setUp(self):
        super().setUp()
        self.folder = rig.new_folder()
        self.addCleanup(rig.shutil.rmtree, self.folder, True)
        self.ours = tls.Authority(self.folder, "ours")
        self.theirs = tls.Authority(self.folder, "theirs")

    def calls(self, cases, **shown):
        """Delivers a message to each downstream of `cases`, which are
        settings, over what is `shown` in its place; name -> the call."""
        ehr = rig.Downstream()
        self.addCleanup(ehr.stop)
        front = tls.Front(self.folder, ehr.url(), **shown)
        self.addCleanup(front.stop)
        stage = self.set_up(policy=ONCE)
        stage.write(
            pipelines={name: {"deliver_to": [name], "policy": "brisk"}
                       for name in cases},
            downstreams={
                name: {"url": front.url(name if name in shown else "good"),
                       **settings} for name, settings in cases.items()})
        stage.permit()
        self.stage = stage
        self.worker = stage.start()
        for name in cases:
            stage.publish(b"x", message_id=name,
                          exchange=f"rebound.{name}.in")
        found = {}
        for name in cases:
            call = self.worker.wait(event="call", downstream=name)
            found[name] = (call.get("transport", "complete"),
                           call.get("status"))
        self.accepted = ehr.accepted()
        return found

    def bad_certificates(self):
        """Each is wrong in its own way."""
        selfsigned = tls.Authority(self.folder, "localhost")
        revoked = self.ours.issue("revoked")
        self.ours.revoke("revoked")
        return {
            "expired": (self.ours.expired("expired"), ""),
            "misnamed": (self.ours.issue("other", names="DNS:other.test"), ""),
            "selfsigned": ({"cert_file": selfsigned.ca_file, "key_file":
                            str(selfsigned.folder / "ca.key")}, ""),
            "foreign": (self.theirs.issue("foreign"), ""),
            "revoked": (revoked, ""),
        }

    def test_what_proves_nothing_is_refused_before_anything_is_sent(self):
        shown = self.bad_certificates()
        trust = {"ca_file": self.ours.ca_file,
                 "crl_file": self.ours.crl_file()}
        found = self.calls({"good": trust, **{name: trust for name in shown}},
                           good=(self.ours.issue("good"), ""), **shown)
        self.assertEqual(found.pop("good"), ("complete", 200))
        self.assertEqual(found, {name: ("tls", None) for name in shown})
        self.assertEqual(self.accepted, {"good"})

    def test_only_who_names_the_risk_goes_unchecked_and_it_is_said(self):
        shown = self.bad_certificates()
        found = self.calls({name: {"insecure_skip_verify": True}
                            for name in shown}, **shown)
        self.assertEqual(found, {name: ("complete", 200) for name in shown})
        said = [line["text"] for line
                in self.worker.said(event="state", state="insecure")]
        for name in shown:
            self.assertTrue(any(f"downstreams.{name}.insecure_skip_verify"
                                in text for text in said), said)
        checked = self.stage.program("check", "-c", self.stage.config)
        self.assertEqual(checked.returncode, 0)
        self.assertEqual(checked.stderr.count("warning"), len(shown))

    def test_a_service_that_wants_a_certificate_gets_ours(self):
        wants = ("ssl_verify_client on; ssl_client_certificate "
                 f"{self.ours.ca_file};")
        trust = {"ca_file": self.ours.ca_file}
        found = self.calls(
            {"good": {**trust, **self.ours.issue("client")},
             "without": trust,
             "foreign": {**trust, **self.theirs.issue("client")}},
            good=(self.ours.issue("server"), wants))
        self.assertEqual(found, {
            "good": ("complete", 200),
            "without": ("complete", 400),  # so says nginx
            "foreign": ("complete", 400),
        })

    def test_the_lowest_version_of_tls_is_kept_to(self):
        old = (self.ours.issue("server"), "ssl_protocols TLSv1.2;")
        trust = {"ca_file": self.ours.ca_file}
        found = self.calls({"good": trust,
                            "strict": {**trust, "tls_min": "1.3"}}, good=old)
        self.assertEqual(found, {"good": ("complete", 200),
                                 "strict": ("tls", None)})


    def test_a_proxy_carries_what_it_cannot_read(self):
        proxy = tls.Proxy()
        self.addCleanup(proxy.stop)
        trust = {"ca_file": self.ours.ca_file}
        found = self.calls(
            {"good": {**trust, "proxy": proxy.url}, "direct": trust,
             "misnamed": {**trust, "proxy": proxy.url}},
            good=(self.ours.issue("server"), ""),
            misnamed=(self.ours.issue("other", names="DNS:other.test"), ""))
        self.assertEqual(found, {"good": ("complete", 200),
                                 "direct": ("complete", 200),
                                 "misnamed": ("tls", None)})
        self.assertEqual({method for method, _ in proxy.asked}, {"CONNECT"})
        self.assertEqual(len(proxy.asked), 2)


class Http2(LiveTest):
    """The age of connections that many calls share."""

    def running_http2(self, *rules):
        folder = rig.new_folder()
        self.addCleanup(rig.shutil.rmtree, folder, True)
        ours = tls.Authority(folder, "ours")
        stage = self.set_up(*rules)
        front = tls.Front(folder, stage.ehr.url(), "http2",
                          good=(ours.issue("server"), ""))
        self.addCleanup(front.stop)
        stage.write(downstreams={"ehr": {
            "url": front.url("good"), "ca_file": ours.ca_file,
            "concurrency": 4, "connection_max_age": "2s"}})
        return front, stage, stage.start()

    def connections(self, front, worker):
        """The connections that were used, all of them over HTTP/2, and not
        for a failure."""
        self.assertEqual({call["status"] for call
                          in worker.said(event="call")}, {200})
        protocols, used = zip(*front.requests())
        self.assertEqual(set(protocols), {"HTTP/2.0"})
        return set(used)

    def test_a_shared_connection_that_is_idle_at_times_has_its_age(self):
        front, stage, worker = self.running_http2()
        due = time.monotonic() + 5
        for count in itertools.count():
            stage.publish_many(4, f"m{count}-")
            stage.wait_empty()
            if time.monotonic() > due:
                break
        self.assertGreaterEqual(len(self.connections(front, worker)), 2)

    def test_a_shared_connection_that_is_never_idle_outlives_its_age(self):
        # So it is with libcurl: it looks at the age of those that are idle.
        front, stage, worker = self.running_http2({"delay": 0.4})
        ids = stage.publish_many(50)
        self.assert_all_accounted(stage, ids)
        calls = worker.said(event="call")
        self.assertGreater(len(calls) / 4 * 0.4, 2 * 2, "twice its age")
        # One, or two where a busy machine let it be idle for a moment: by
        # their age they would be three.
        used = len(self.connections(front, worker))
        self.assertLessEqual(used, 2)
        # Once it is idle, the next call has a new one.
        time.sleep(2.1)
        stage.publish_many(1, "later")
        stage.wait_accepted(["later0"])
        self.assertEqual(len(self.connections(front, worker)), used + 1)


class TlsBroker(LiveTest):
    """A node that speaks TLS, and takes whoever has a certificate."""

    has_own_node = True
    wants_certificate = False
    lines = ""  # more of the node's configuration

    def new_node(self):
        folder = rig.new_folder()
        self.addCleanup(rig.shutil.rmtree, folder, True)
        self.ours = tls.Authority(folder, "ours")
        self.theirs = tls.Authority(folder, "theirs")
        return rig.Broker(self.ours, self.wants_certificate, self.lines)

    def trusting(self, authority, host="localhost", **settings):
        return {"nodes": [f"amqps://{host}:{self.broker.tls_port}"],
                "ca_file": authority.ca_file, **settings}

    def delivers(self, stage, name, worker):
        worker.wait_ready()
        stage.publish(b"x", message_id=name)
        stage.wait_accepted([name])
        worker.stop()

    def refused(self, stage, broker, *words):
        """The worker cannot connect, goes on trying, and says why."""
        stage.write(broker=broker)
        worker = stage.start_any()
        said = worker.wait(event="state", state="wrong")["text"]
        for word in words:
            self.assertIn(word, said)
        worker.stop()


class NamedBroker(TlsBroker):

    def test_the_node_is_checked_unless_the_risk_is_named(self):
        stage = self.set_up(broker=self.trusting(self.ours))
        self.delivers(stage, "checked", stage.start_any())
        self.refused(stage, self.trusting(self.theirs), "broker.ca_file")
        self.refused(stage, self.trusting(self.ours, host="127.0.0.1"),
                     "another name", "by name")
        stage.write(broker=self.trusting(self.theirs, host="127.0.0.1",
                                         insecure_skip_verify=True))
        worker = stage.start_any()
        self.delivers(stage, "unchecked", worker)
        self.assertIn("broker.insecure_skip_verify",
                      worker.said(state="insecure")[0]["text"])


class RevokedBroker(TlsBroker):

    def test_a_node_whose_certificate_was_revoked_is_refused(self):
        before = self.ours.crl_file("before.pem")
        old = self.ours.old_crl_file()
        self.ours.revoke("broker")
        stage = self.set_up(broker=self.trusting(self.ours, crl_file=before))
        self.delivers(stage, "not-revoked", stage.start_any())
        for crl_file, words in (
                (self.ours.crl_file(), ("revoked",)),
                (old, ("out of date", "anew")),
                (self.theirs.crl_file(), ("no list of an authority",))):
            self.refused(stage, self.trusting(self.ours, crl_file=crl_file),
                         "broker.crl_file", *words)
        self.refused(stage, self.trusting(
            self.ours, crl_file=self.ours.ca_file), "crl_file", "readable")
        # Nobody is checked, so that nobody is asked what was revoked.
        stage.write(broker=self.trusting(
            self.ours, crl_file=self.ours.crl_file(),
            insecure_skip_verify=True))
        self.delivers(stage, "unchecked", stage.start_any())

    def test_a_list_is_read_anew_for_each_connection(self):
        crl_file = self.ours.crl_file()
        stage = self.set_up(broker=self.trusting(self.ours, crl_file=crl_file))
        worker = stage.start()
        self.ours.revoke("broker")
        self.assertEqual(self.ours.crl_file(), crl_file)
        mark = worker.mark()
        self.assertEqual(stage.vhost.close_connections("rebound/"), 2)
        down = worker.wait(event="state", part="intake", state="down",
                           since=mark, count=2)
        self.assertIn("revoked", down["text"])


class OldBroker(TlsBroker):
    lines = "ssl_options.versions.1 = tlsv1.2\n"

    def test_a_version_that_is_too_low_is_refused(self):
        stage = self.set_up(broker=self.trusting(self.ours))
        self.delivers(stage, "old", stage.start_any())
        self.refused(stage, self.trusting(self.ours, tls_min="1.3"),
                     "broker.tls_min", "versions")
        # The port of those who do without TLS.
        self.refused(stage, {"nodes": [f"amqps://localhost:{self.broker.port}"],
                             "ca_file": self.ours.ca_file}, "5671")


class NewBroker(TlsBroker):
    lines = "ssl_options.versions.1 = tlsv1.3\n"

    def test_a_node_that_speaks_nothing_but_the_newest_is_spoken_with(self):
        stage = self.set_up(broker=self.trusting(self.ours))
        self.delivers(stage, "lowest-1.2", stage.start_any())
        stage.write(broker=self.trusting(self.ours, tls_min="1.3"))
        self.delivers(stage, "lowest-1.3", stage.start_any())


class StrictBroker(TlsBroker):

    wants_certificate = True

    def test_workers_log_in_by_their_certificate(self):
        owner = self.ours.issue("worker")  # as the user is called
        stage = self.set_up(broker=self.trusting(
            self.ours, auth="external", user="worker", password=None,
            **owner))
        worker = stage.start_any()
        self.delivers(stage, "external", worker)
        stage.write(broker=self.trusting(
            self.ours, auth="external", password=None,
            **self.ours.issue("stranger")))
        worker = stage.start_any()
        self.assertEqual(worker.wait_end(), 77, worker.story())
        self.assertIn("broker.cert_file", worker.complaints())
        self.refused(stage, self.trusting(self.ours), "certificate")
