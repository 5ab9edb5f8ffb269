# SPDX-License-Identifier: Apache-2.0
"""What fails and waits, and what is given up."""
import hashlib
import random
import time

import rig
from rabbit import (VOID, RawTable, array, binary, boolean, decimal, join,
                    number, table, text)
from stage import LAB, LANE, LiveTest

# One of every type that the broker itself leaves as it is. (It makes an "l"
# of an "L" on its own, when it dead-letters: the same 64 bits, signed.)
FIELDS = {
    "yes": boolean(True), "no": boolean(False),
    "b": number("b", -5), "B": number("B", 250),
    "s": number("s", -300), "u": number("u", 65000),
    "I": number("I", -70000), "i": number("i", 4_000_000_000),
    "l": number("l", -2 ** 62), "f": number("f", 1.1), "d": number("d", 0.1),
    "D": decimal(2, 12345), "D-": decimal(0, -1),
    "S": text("größer"), "empty": text(""), "bytes": text(b"\xff\0\xfe"),
    "x": binary(b"\0\xff\0"), "T": number("T", 1_795_550_464), "V": VOID,
    "A": array(number("s", 1), text("a"), array(), VOID, boolean(True),
               table({"deep": decimal(1, 15)})),
    "F": table({"n": table({"m": array(table({"x": binary(b"y")}))})}),
    "none": table({}),
}

PROPERTIES = {
    "content_type": "application/fhir+json", "content_encoding": "identity",
    "priority": 4, "correlation_id": "order-7", "reply_to": "desk",
    "message_id": "one", "timestamp": 1_795_550_464, "type": "lab.glucose",
    "app_id": "analyser", "cluster_id": "north",
}


def theirs(headers):
    """The entries of a header table that are not rebound's or the broker's."""
    return {name: value for name, value in headers.entries.items()
            if not name.startswith(("rebound-", "x-"))}


def retries(worker):
    """What it said of each copy that it sent to a lane."""
    return worker.said(event="verdict", verdict="retry")


class Retry(LiveTest):

    def test_a_message_waits_in_a_lane_and_comes_back(self):
        stage, worker = self.running({"seen": "1", "status": 503})
        begun = time.time()
        stage.publish(b"x", message_id="one")
        said = worker.wait(event="verdict", id="one")
        self.assertEqual((said["verdict"], said["delay_ms"], said["lane"]),
                         ("retry", 300, LANE))
        stage.wait_accepted(["one"])
        self.assertGreaterEqual(
            stage.ehr.messages()["one"]["at_ms"][1] / 1000 - begun, 0.3)
        stage.wait_empty()

    def test_every_property_and_header_comes_back_unchanged(self):
        stage, _ = self.running({"seen": "1-2", "status": 503},
                                {"status": 422})
        stage.publish(b"x", key="lab.key", headers=RawTable(join(FIELDS)),
                      **PROPERTIES)
        parked = stage.parked()[0]
        self.assertEqual(stage.ehr.messages()["one"]["seen"], 3)
        self.assertEqual(theirs(parked.headers), FIELDS)
        for name, value in PROPERTIES.items():
            self.assertEqual(getattr(parked.properties, name), value, name)
        self.assertEqual(parked.properties.delivery_mode, 2)
        self.assertEqual(parked.key, "lab.key")

    def test_bodies_come_back_byte_for_byte(self):
        stage, _ = self.running({"seen": "1", "status": 503},
                                downstream={"timeout": "20s"})
        bodies = {"empty": b"", "nuls": b"\0" * 5000, "bytes":
                  bytes(range(256)), "large":
                  random.Random(2).randbytes(16 << 20)}
        stage.publish(list(bodies.items()))
        stage.wait_accepted(bodies, timeout=60)
        for name, message in stage.ehr.messages().items():
            self.assertEqual(message["seen"], 2)
            self.assertEqual(message["sha256"],
                             [hashlib.sha256(bodies[name]).hexdigest()], name)

    def test_a_transient_message_becomes_persistent_in_its_copy(self):
        stage, _ = self.running({"status": 400})
        stage.publish(b"x", message_id="one", delivery_mode=1)
        self.assertEqual(stage.parked()[0].properties.delivery_mode, 2)

    def test_what_would_break_a_copy_is_kept_under_another_name(self):
        stage, _ = self.running({"seen": "1", "status": 503}, {"status": 400})
        stage.publish(b"x", message_id="one", expiration="60000",
                      user_id="rebound-publisher",
                      headers={"CC": ["other.key"]})
        parked = stage.parked()[0]
        self.assertIsNone(parked.properties.expiration)
        self.assertIsNone(parked.properties.user_id)
        self.assertNotIn("CC", parked.headers)
        self.assertEqual(parked.headers["rebound-original-expiration"],
                         "60000")
        self.assertEqual(parked.headers["rebound-original-user-id"],
                         "rebound-publisher")
        self.assertEqual(parked.headers["rebound-original-cc"], ["other.key"])

    def test_a_permanent_error_is_parked_at_once(self):
        stage, worker = self.running({"status": 422})
        stage.publish(b"x", message_id="one", key="lab.key")
        parked = stage.parked()[0]
        for name, value in (
                ("reason", "permanent"), ("class", "permanent"),
                ("error", "rejected"), ("step", "ehr")):
            self.assertEqual(parked.headers["rebound-parked-" + name], value)
        self.assertEqual(parked.headers["rebound-pipeline"], "lab")
        self.assertEqual(parked.headers["rebound-id"], "one")
        self.assertEqual(parked.headers["rebound-origin-exchange"],
                         LAB + ".in")
        self.assertEqual(parked.headers["rebound-origin-key"], "lab.key")
        self.assertNotIn("rebound-lane", parked.headers)
        self.assertAlmostEqual(parked.headers["rebound-parked-at-ms"] / 1000,
                               time.time(), delta=20)
        self.assertEqual(stage.ehr.messages()["one"]["seen"], 1)
        self.assertEqual(worker.wait(event="verdict")["reason"], "permanent")

    def test_a_poison_message_does_not_stop_the_others(self):
        poison = (rig.ROOT / "samples/fhir"
                  / "DiagnosticReport-gingival-mass.json").read_bytes()
        stage, _ = self.running({"id": "poison", "status": 422})
        stage.publish([("a", b"x"), ("poison", poison), ("b", b"y")])
        stage.wait_accepted(["a", "b"])
        parked = stage.parked()[0]
        self.assertEqual((parked.id, parked.body), ("poison", poison))

    def test_what_used_up_its_tries_is_parked_with_its_journal(self):
        stage, _ = self.running({"seen": "2", "status": 500}, {"status": 503})
        stage.publish(b"x", message_id="one")
        parked = stage.parked()[0].headers
        self.assertEqual(parked["rebound-parked-reason"], "attempts")
        self.assertEqual(parked["rebound-parked-class"], "transient")
        journal = parked["rebound-journal"]
        self.assertEqual([(e["error"], e["status"], e["delay-ms"])
                          for e in journal],
                         [("unavailable", 503, 300),
                          ("server-error", 500, 300),
                          ("unavailable", 503, 0)])
        step = parked["rebound-steps"]["ehr"]
        self.assertEqual((step["state"], step["attempts"], step["failures"]),
                         ("failed", 3, {"unavailable": 2, "server-error": 1}))

    def test_what_would_be_too_old_at_its_next_try_is_parked(self):
        stage, _ = self.running({"status": 503}, policy={
            "max_attempts": 50, "give_up_after": "1s"})
        stage.publish(b"x", message_id="one")
        parked = stage.parked()[0].headers
        self.assertEqual(parked["rebound-parked-reason"], "age")
        self.assertLess(stage.ehr.messages()["one"]["seen"], 6)

    def test_each_delay_of_a_schedule_has_its_lane(self):
        stage, worker = self.running({"seen": "1-4", "status": 503}, policy={
            "max_attempts": 5, "schedule": {
                "kind": "exponential", "first": "50ms", "factor": 2,
                "max": "200ms"}})
        stage.publish(b"x", message_id="one")
        stage.wait_accepted(["one"])
        self.assertEqual([said["lane"] for said in retries(worker)],
                         ["v1.ehr.50ms", "v1.ehr.100ms", "v1.ehr.200ms",
                          "v1.ehr.200ms"])

    def test_an_error_has_a_schedule_and_a_message_type_a_limit(self):
        stage, worker = self.running({"status": 503}, policy={
            "max_attempts": 2,
            "errors": [{"name": "maintenance", "status": [503], "schedule":
                        {"kind": "fixed", "first": "100ms"}}],
            "types": [{"match": "lab.critical.#", "max_attempts": 4}]})
        stage.publish(b"x", message_id="one", type="lab.critical.now")
        stage.publish(b"x", message_id="two", type="lab.usual")
        stage.parked(2)
        self.assertEqual(len(worker.said(event="call", id="one")), 4)
        self.assertEqual(len(worker.said(event="call", id="two")), 2)
        self.assertEqual({said["lane"] for said in retries(worker)},
                         {"v1.ehr.100ms"})

    def test_the_key_is_the_same_for_every_call(self):
        stage, _ = self.running({"seen": "1-2", "status": 503})
        stage.publish(b"x", message_id="one")
        stage.publish(b"without an id")
        rig.wait_until(lambda: stage.ehr.stats()["accepted"] == 2,
                       what="two deliveries")
        for message in stage.ehr.messages().values():
            self.assertEqual(message["seen"], 3)
            self.assertEqual(len(message["keys"]), 1)

    def asked(self, rule, low, high):
        stage, worker = self.running({"seen": "1", "status": 429, **rule})
        stage.publish(b"x", message_id="one")
        stage.wait_accepted(["one"])
        first, second = stage.ehr.messages()["one"]["at_ms"]
        self.assertGreaterEqual(second - first, low)
        self.assertLessEqual(second - first, high)
        # Two trips through the ladder, and no attempt counted on the way.
        calls = worker.said(event="call")
        self.assertEqual([call["attempt"] for call in calls], [1, 2])
        self.assertTrue(retries(worker)[0]["lane"].startswith("v1._."))
        stage.wait_empty()

    def test_retry_after_in_seconds_is_kept_through_the_ladder(self):
        self.asked({"retry_after": 3}, 3000, 4300)

    def test_retry_after_as_a_date_is_kept_through_the_ladder(self):
        self.asked({"retry_date": 3}, 1990, 4300)

    def test_retry_after_is_bounded_by_its_ceiling(self):
        self.asked({"retry_after": 86400}, 4000, 5000)

    def test_retry_after_is_ignored_where_the_policy_says_so(self):
        stage, _ = self.running({"seen": "1", "status": 429, "retry_after":
                                 3600}, policy={"honour_retry_after": False})
        stage.publish(b"x", message_id="one")
        stage.wait_accepted(["one"], timeout=5)


class Lateness(LiveTest):
    is_alone = True

    def test_retries_are_never_early_and_late_by_little(self):
        stage, _ = self.running({"seen": "1", "status": 503},
                                policy={"schedule": {"kind": "fixed",
                                                     "first": "1s"}})
        ids = stage.publish_many(200)
        stage.wait_accepted(ids)
        late = sorted(m["at_ms"][1] - m["at_ms"][0] - 1000
                      for m in stage.ehr.messages().values())
        # Both instants are rounded down to a millisecond.
        self.assertGreaterEqual(late[0], -1)
        self.assertLess(late[100], 500)
        self.remark = (f"200 retries of 1 s: late by {late[100]} ms (median), "
                       f"{late[197]} ms (p99), {late[199]} ms (most)")
