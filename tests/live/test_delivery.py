# SPDX-License-Identifier: Apache-2.0
"""What goes out when nothing goes wrong."""
import hashlib
import json
import random
import uuid

import rig
from rabbit import RawTable, join, number, text
from stage import LiveTest

NAMESPACE = uuid.UUID("c5d3ab35-3b0c-5a2c-9a43-6f4b2d8c6f10")
SAMPLES = rig.ROOT / "samples"


def sha256(body):
    return hashlib.sha256(body).hexdigest()


class Delivery(LiveTest):

    def test_a_message_is_delivered_and_acked(self):
        stage, worker = self.running()
        stage.publish(b'{"glucose": 5.10}', message_id="one")
        said = worker.wait(event="verdict", id="one")
        self.assertEqual(said["verdict"], "done")
        self.assertEqual(said["pipeline"], "lab")
        stage.wait_accepted(["one"])
        self.assertEqual(stage.ehr.messages()["one"]["accepted"], 1)
        stage.wait_empty()
        self.assertEqual(worker.stop(), 0)

    def test_the_log_of_a_call_says_all_that_the_manual_names(self):
        stage, worker = self.running()
        stage.publish(b"12345", message_id="one", type="lab.glucose")
        call = worker.wait(event="call", id="one")
        for field, value in (("type", "lab.glucose"), ("bytes", 5),
                             ("attempt", 1), ("downstream", "ehr"),
                             ("status", 200), ("transport", "complete"),
                             ("verdict", "done"), ("reused", False)):
            self.assertEqual(call.get(field), value, field)
        self.assertGreaterEqual(call["duration_ms"], 0)
        self.assertRegex(call["at"], r"^\d{4}-\d\d-\d\dT\d\d:.*\.\d{3}Z$")

    def test_bodies_go_out_byte_for_byte(self):
        stage, _ = self.running(downstream={"timeout": "20s"})
        large = random.Random(1).randbytes(16 << 20)
        bodies = {"empty": b"", "one": b"x", "nuls": b"\0" * 4097,
                  "bytes": bytes(range(256)), "not-utf8": b"\xc3\x28\xff\xfe",
                  "newlines": b"\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
                  "frame": b"f" * (262144 - 8), "large": large}
        stage.publish(list(bodies.items()))
        stage.wait_accepted(bodies, timeout=60)
        for name, message in stage.ehr.messages().items():
            self.assertEqual(message["sha256"], [sha256(bodies[name])], name)

    def test_real_messages_arrive_as_they_were_published(self):
        stage, _ = self.running()
        bodies = {path.name: path.read_bytes()
                  for path in SAMPLES.glob("*/*") if path.suffix != ".md"}
        self.assertGreater(len(bodies), 40)
        stage.publish(list(bodies.items()))
        stage.wait_accepted(bodies, timeout=60)
        for name, message in stage.ehr.messages().items():
            self.assertEqual(message["sha256"], [sha256(bodies[name])], name)

    def test_what_a_message_says_of_itself_goes_out_in_headers(self):
        stage, _ = self.running()
        trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        stage.publish(b"\x1f\x8b", message_id="one", type="lab.glucose",
                      content_type="application/fhir+json",
                      content_encoding="gzip", correlation_id="order-7",
                      headers={"traceparent": trace, "tracestate": "a=1"})
        stage.wait_accepted(["one"])
        sent = stage.ehr.requests("one")[0]["headers"]
        for name, value in (
                ("x-message-id", "one"), ("x-message-type", "lab.glucose"),
                ("x-correlation-id", "order-7"),
                ("content-type", "application/fhir+json"),
                ("content-encoding", "gzip"), ("content-length", "2"),
                ("traceparent", trace), ("tracestate", "a=1"),
                ("idempotency-key",
                 str(uuid.uuid5(NAMESPACE, "lab\0one\0ehr")))):
            self.assertEqual(sent.get(name), value, name)

    def test_what_a_message_does_not_say_is_not_sent(self):
        stage, _ = self.running()
        stage.publish(b"x", key="lab.key")
        rig.wait_until(stage.ehr.requests, what="the request")
        sent = stage.ehr.requests()[0]["headers"]
        for name in ("content-type", "content-encoding", "x-correlation-id",
                     "traceparent", "tracestate", "expect",
                     "accept-encoding"):
            self.assertNotIn(name, sent)
        self.assertEqual(sent["x-message-type"], "lab.key")
        uuid.UUID(sent["x-message-id"])

    def test_fixed_and_mapped_headers_are_sent(self):
        stage, _ = self.running_with_headers()
        stage.publish(b"x", message_id="one", reply_to="desk", priority=3,
                      headers=RawTable(join({"patient": text("p 1"),
                                             "rank": number("l", -4)})))
        stage.wait_accepted(["one"])
        sent = stage.ehr.requests("one")[0]["headers"]
        for name, value in (("x-site", "north"), ("x-reply-to", "desk"),
                            ("x-priority", "3"), ("x-patient", "p 1"),
                            ("x-rank", "-4"), ("x-token", "hush")):
            self.assertEqual(sent.get(name), value, name)
        self.assertNotIn("x-nothing", sent)

    def running_with_headers(self):
        """A worker with headers of every kind; one secret is in a file."""
        stage = self.set_up()
        (stage.folder / "token").write_text("hush\n")
        downstreams = stage.settings["downstreams"]
        downstreams["ehr"].update({
            "headers": {"X-Site": "north", "X-Token_file": "token"},
            "map_headers": {"X-Reply-To": "property:reply-to",
                            "X-Priority": "property:priority",
                            "X-Patient": "header:patient",
                            "X-Rank": "header:rank",
                            "X-Nothing": "header:nothing"}})
        stage.write(downstreams=downstreams)
        return stage, stage.start()

    def test_a_value_that_no_header_can_hold_is_parked_unsent(self):
        stage, _ = self.running()
        stage.publish(b"x", message_id="one", correlation_id="a\r\nX-Evil: 1")
        parked = stage.parked()[0]
        self.assertEqual(parked.headers["rebound-parked-reason"], "permanent")
        self.assertEqual(parked.headers["rebound-parked-error"], "header")
        self.assertEqual(stage.ehr.stats()["requests"], 0)

    def test_steady_load_runs_over_few_connections(self):
        stage, worker = self.running(downstream={"concurrency": 4})
        ids = stage.publish_many(200)
        stage.wait_accepted(ids)
        stats = stage.ehr.stats()
        self.assertEqual(stats["requests"], 200)
        self.assertLessEqual(stats["connections"], 4)
        calls = worker.said(event="call")
        self.assertGreaterEqual(sum(call["reused"] for call in calls), 196)

    def test_no_more_calls_run_at_once_than_configured(self):
        stage, _ = self.running({"delay": 0.1},
                                downstream={"concurrency": 3})
        stage.wait_accepted(stage.publish_many(12))
        self.assertEqual(stage.ehr.stats()["connections"], 3)

    def test_a_redirect_is_an_error_unless_asked_for(self):
        rule = {"path": "/", "status": 307, "headers": {"Location": "/new"}}
        stage, _ = self.running(rule)
        stage.publish(b"x", message_id="one")
        parked = stage.parked()[0]
        self.assertEqual(parked.headers["rebound-parked-error"], "redirect")
        stage, _ = self.running(rule, downstream={"follow_redirects": True})
        stage.publish(b"body", message_id="two")
        stage.wait_accepted(["two"])
        last = stage.ehr.requests("two")[-1]
        self.assertEqual((last["path"], last["method"], last["sha256"]),
                         ("/new", "POST", sha256(b"body")))

    def test_put_is_sent_where_it_is_asked_for(self):
        stage, _ = self.running(downstream={"method": "PUT"})
        stage.publish(b"x", message_id="one")
        stage.wait_accepted(["one"])
        self.assertEqual(stage.ehr.requests("one")[0]["method"], "PUT")

    def test_no_payload_and_no_query_string_is_logged(self):
        stage = self.set_up({"seen": "1", "status": 503}, {"seen": "2-",
                            "status": 400, "body": "ANSWER-SECRET"})
        downstreams = stage.settings["downstreams"]
        downstreams["ehr"]["url"] = stage.ehr.url("/in?key=QUERY-SECRET")
        stage.write(downstreams=downstreams)
        worker = stage.start()
        stage.publish(b"BODY-SECRET", message_id="one")
        stage.parked()
        worker.wait(event="verdict", verdict="park")
        worker.stop()
        whole = json.dumps(worker.lines) + worker.complaints()
        self.assertNotIn("SECRET", whole)
