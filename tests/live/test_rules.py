# SPDX-License-Identifier: Apache-2.0
"""Answers that mean something else than their status, by the rules of a
downstream and of a policy."""
from stage import LiveTest

FAILED = '{"status": "error", "message": "queue full"}'
STORED_BEFORE = '{"code": "duplicate", "id": "42"}'


class Rules(LiveTest):

    def call_of(self, worker, name, count=1):
        return worker.wait(event="call", id=name, count=count)

    def test_a_200_that_says_error_is_a_failure_and_comes_again(self):
        stage, worker = self.running(
            {"seen": "1", "status": 200, "body": FAILED},
            downstream={"success": [{
                "means": "failed", "error": "not-stored", "status": "2xx",
                "pointer": {"at": "/status", "equals": "error"}}]})
        stage.publish(b"{}", message_id="one")
        call = self.call_of(worker, "one")
        self.assertEqual((call["status"], call["transport"], call["sent"]),
                         (200, "complete", "all"))
        self.assertEqual((call["error"], call["class"], call["verdict"]),
                         ("not-stored", "transient", "retry"))
        second = self.call_of(worker, "one", count=2)
        self.assertEqual((second["attempt"], second["verdict"]), (2, "done"))
        self.assertNotIn("reason", second)
        stage.wait_empty()
        # What the body says is nobody's business but the rule's.
        self.assertNotIn("queue full", stage.story())

    def test_a_409_for_what_is_there_already_is_done_and_told_apart(self):
        stage, worker = self.running(
            {"id": "old", "status": 409, "body": STORED_BEFORE},
            {"id": "clash", "status": 409, "body": '{"code": "conflict"}'},
            downstream={"success": [{
                "means": "already-done", "status": "409",
                "content_type": "application/json",
                "pointer": {"at": "/code", "in": ["duplicate", "exists"]}}]})
        stage.publish([("old", b"{}"), ("clash", b"{}"), ("new", b"{}")])
        old = self.call_of(worker, "old")
        self.assertEqual((old["status"], old["verdict"], old["reason"]),
                         (409, "done", "already-done"))
        done = worker.wait(event="verdict", id="old")
        self.assertEqual((done["verdict"], done["reason"]),
                         ("done", "already-done"))
        self.assertNotIn("reason", self.call_of(worker, "new"))
        clash = self.call_of(worker, "clash")
        self.assertEqual((clash["error"], clash["verdict"]),
                         ("rejected", "park"))
        self.assertEqual([m.headers["rebound-parked-error"]
                          for m in stage.parked()], ["rejected"])
        stage.wait_empty()

    def test_an_error_rule_goes_by_a_header(self):
        stage, worker = self.running(
            {"id": "expired", "seen": "1", "status": 401, "headers": {
                "WWW-Authenticate": 'Bearer error="invalid_token"'}},
            {"id": "unknown", "status": 401,
             "headers": {"WWW-Authenticate": "Bearer"}},
            policy={"errors": [{
                "name": "token-expired", "status": 401, "downstream": "ehr",
                "header": {"name": "www-authenticate",
                           "regex": "invalid_token"}}]})
        stage.publish([("expired", b"{}"), ("unknown", b"{}")])
        expired = self.call_of(worker, "expired")
        self.assertEqual((expired["error"], expired["verdict"]),
                         ("token-expired", "retry"))
        unknown = self.call_of(worker, "unknown")
        self.assertEqual((unknown["error"], unknown["verdict"]),
                         ("auth", "park"))
        stage.wait_accepted(["expired"])
        stage.parked()
        stage.wait_empty()

    def test_an_error_rule_goes_by_the_text_of_a_body(self):
        stage, worker = self.running(
            {"id": "full", "seen": "1", "status": 400,
             "headers": {"Content-Type": "text/plain; charset=utf-8"},
             "body": "ORA-00060: deadlock detected\r\n"},
            {"id": "wrong", "status": 400, "body": "ORA-00942"},
            policy={"errors": [{
                "name": "deadlock", "status": "400", "content_type": "text/*",
                "text": r"(?m)^ORA-0*60\b"}]})
        stage.publish([("full", b"{}"), ("wrong", b"{}")])
        self.assertEqual(self.call_of(worker, "full")["error"], "deadlock")
        self.assertEqual(self.call_of(worker, "wrong")["error"], "rejected")
        stage.wait_accepted(["full"])
        stage.parked()
        stage.wait_empty()

    def test_an_error_rule_knows_what_a_success_rule_has_named(self):
        stage, worker = self.running(
            {"status": 200, "body": FAILED},
            downstream={"success": [{
                "means": "failed", "error": "not-stored",
                "text": '"status": *"error"'}]},
            policy={"errors": [{"name": "storage", "class": "permanent",
                                "understood": ["not-stored"]}]})
        stage.publish(b"{}", message_id="one")
        call = self.call_of(worker, "one")
        self.assertEqual((call["error"], call["class"], call["verdict"]),
                         ("storage", "permanent", "park"))
        self.assertEqual(stage.parked()[0].headers["rebound-parked-error"],
                         "storage")

    def test_a_search_that_takes_too_long_is_given_up_and_said_once(self):
        # 64 KiB of dots, and a pattern that would take a day for them.
        # What it looks for may be there: the answer is not taken for done.
        stage, worker = self.running(
            {"bytes": 65536},
            downstream={"idempotent": True, "success": [
                {"means": "failed", "text": r"(\.+\.+)+[a-z]"}]},
            policy={"max_attempts": 2})
        ids = stage.publish_many(4)
        stage.wait_accepted(ids)
        parked = stage.parked(4)
        self.assertEqual({(m.headers["rebound-parked-error"],
                           m.headers["rebound-parked-class"])
                          for m in parked}, {("unread", "ambiguous")})
        self.assertEqual(len(worker.said(event="state", state="gave-up")), 1)
        self.assertEqual(len(worker.said(event="call")), 8)

    def test_a_date_to_wait_for_is_seen_from_the_clock_of_the_server(self):
        # It is an hour behind, and means two seconds.
        stage, worker = self.running(
            {"seen": "1", "status": 503, "headers": {
                "Date": "Mon, 24 Nov 2025 10:00:00 GMT",
                "Retry-After": "Mon, 24 Nov 2025 10:00:02 GMT"}})
        stage.publish(b"{}", message_id="one")
        call = self.call_of(worker, "one")
        self.assertEqual((call["verdict"], call["delay_ms"]), ("retry", 2000))
        stage.wait_accepted(["one"])
        stage.wait_empty()
