# SPDX-License-Identifier: Apache-2.0
"""What answers say in their bodies, deadlines, types and quick retries."""
import json
import time

import rig
from rabbit import RawTable, join, number, text
from stage import LiveTest

MSH = "MSH|^~\\&|LAB|H|EHR|H|20260101||ACK|77|P|2.5\r"


def outcome(code, severity="error", **more):
    """An OperationOutcome with one issue."""
    return {"resourceType": "OperationOutcome",
            "issue": [{"severity": severity, "code": code, **more}]}


def says(status, body, **more):
    """A rule of a downstream that answers so."""
    return {"status": status, **more,
            "body": body if isinstance(body, str) else json.dumps(body)}


def journal(parked):
    return parked.headers["rebound-journal"]


def now_ms():
    return int(time.time() * 1000)


class Understand(LiveTest):

    def speaking(self, understand, *rules, **settings):
        return self.running(*rules, downstream={"understand": understand},
                            **settings)

    def assert_parked(self, stage, reason, error):
        parked = stage.parked()[0]
        self.assertEqual((parked.headers["rebound-parked-reason"],
                          parked.headers["rebound-parked-error"]),
                         (reason, error))
        return parked

    def test_what_fhir_calls_permanent_is_not_tried_again_after_a_500(self):
        stage, worker = self.speaking("fhir", says(500, outcome(
            "structure", diagnostics="Unknown unit of Jane Doe")))
        stage.publish(b"{}", message_id="one")
        parked = self.assert_parked(stage, "permanent", "fhir-structure")
        self.assertEqual(stage.ehr.messages()["one"]["seen"], 1)
        # What it says is for who looks at the message, and nobody else.
        self.assertEqual(journal(parked)[0]["detail"],
                         "Unknown unit of Jane Doe")
        worker.stop()
        self.assertNotIn("Jane", str(worker.said()))

    def test_a_success_that_holds_an_error_is_tried_again(self):
        stage, worker = self.speaking("fhir", says(
            200, outcome("exception", "fatal"), seen="1"))
        stage.publish(b"{}", message_id="one")
        call = worker.wait(event="call", id="one")
        self.assertEqual((call["status"], call["error"], call["class"],
                          call["verdict"]),
                         (200, "fhir-exception", "transient", "retry"))
        rig.wait_until(lambda: stage.ehr.messages()["one"]["seen"] == 2,
                       what=worker.story)
        stage.wait_empty()

    def test_what_is_there_already_is_done(self):
        stage, worker = self.speaking(
            {"format": "fhir", "done": ["duplicate"]},
            says(409, outcome("duplicate")))
        stage.publish(b"{}", message_id="one")
        self.assertEqual(worker.wait(event="call", id="one")["verdict"],
                         "done")
        stage.wait_empty()

    def test_a_batch_with_a_failed_entry_is_named_by_it(self):
        entries = [{"response": {"status": status}}
                   for status in ("201 Created", "422 Unprocessable Entity")]
        stage, _ = self.speaking("fhir", says(200, {
            "resourceType": "Bundle", "type": "batch-response",
            "entry": entries}))
        stage.publish(b"{}", message_id="one")
        parked = self.assert_parked(stage, "permanent", "fhir-entry-422")
        self.assertEqual(journal(parked)[0]["detail"], "entry 2")

    def test_an_acknowledgement_counts_for_the_message_it_names(self):
        stage, worker = self.speaking(
            "hl7v2", says(200, MSH + "MSA|AA|M-1\r"),
            policy={"ambiguous": "park"})
        sent = b"MSH|^~\\&|A|B|C|D|20260101||ORU^R01|%s|P|2.5\nPID|1\n"
        stage.publish([("mine", sent % b"M-1"), ("other", sent % b"M-2")])
        self.assertEqual(worker.wait(event="call", id="mine")["verdict"],
                         "done")
        self.assert_parked(stage, "ambiguous", "hl7v2-other-message")
        stage.wait_empty()

    def test_an_error_code_of_an_acknowledgement_says_what_may_pass(self):
        stage, worker = self.speaking(
            "hl7v2", says(200, MSH + "MSA|AE|M-1\rERR|||207|E\r", seen="1"),
            says(200, MSH + "MSA|AE|M-1\rERR|||101^Missing|E\r"))
        stage.publish(b"no HL7", message_id="one")
        self.assertEqual(worker.wait(event="call", id="one")["error"],
                         "hl7v2-207")
        parked = self.assert_parked(stage, "permanent", "hl7v2-101")
        self.assertEqual(journal(parked)[1]["detail"], "Missing")

    def test_a_problem_is_named_by_its_type(self):
        stage, _ = self.speaking("problem", says(
            403, {"type": "https://example.com/probs/out-of-credit",
                  "title": "No credit", "status": 200},
            headers={"Content-Type": "application/problem+json"}))
        stage.publish(b"{}", message_id="one")
        parked = self.assert_parked(stage, "permanent",
                                    "problem-out-of-credit")
        self.assertEqual(journal(parked)[0]["detail"], "No credit")


class Deadlines(LiveTest):

    def publish(self, stage, name, field):
        stage.publish(b"{}", message_id=name,
                      headers=RawTable(join({"valid-until": field})))

    def running_with_deadlines(self, *rules):
        return self.running(*rules,
                            pipeline={"deadline_header": "valid-until"})

    def test_after_its_deadline_a_message_is_parked_without_a_call(self):
        stage, worker = self.running_with_deadlines()
        hour = 3600
        past = int(time.time()) - hour
        self.publish(stage, "seconds", number("T", past))
        self.publish(stage, "millis", number("l", past * 1000))
        self.publish(stage, "text", text(time.strftime(
            "%Y-%m-%dT%H:%M:%SZ", time.gmtime(past))))
        self.publish(stage, "late", number("T", past + 2 * hour))
        stage.wait_accepted(["late"])
        parked = stage.parked(3)
        self.assertEqual({p.headers["rebound-parked-reason"]
                          for p in parked}, {"deadline"})
        self.assertEqual(list(stage.ehr.messages()), ["late"])
        worker.stop()
        self.assertEqual(len(worker.said(event="verdict", verdict="park",
                                         reason="deadline")), 3)

    def test_no_retry_is_waited_for_that_would_come_too_late(self):
        stage, _ = self.running_with_deadlines({"status": 503})
        self.publish(stage, "one", number("l", now_ms() + 250))
        parked = stage.parked()[0]
        self.assertEqual(parked.headers["rebound-parked-reason"], "deadline")
        self.assertLessEqual(len(stage.ehr.messages()), 1)

    def test_a_deadline_that_cannot_be_read_is_said_without_its_value(self):
        stage, worker = self.running_with_deadlines()
        self.publish(stage, "one", text("when Jane is home"))
        stage.wait_accepted(["one"])
        self.assertEqual(worker.wait(event="state", state="deadline")["id"],
                         "one")
        worker.stop()
        self.assertNotIn("Jane", str(worker.said()))


class Types(LiveTest):

    def test_a_type_in_the_body_finds_its_policy(self):
        stage, worker = self.running(
            {"status": 503}, pipeline={"type_from": "body:/event/kind"},
            policy={"types": [{"match": "vital.#", "max_attempts": 1}]})
        stage.publish(b'{"event": {"kind": "vital.pulse"}}', message_id="one")
        self.assertEqual(stage.parked()[0].headers["rebound-parked-reason"],
                         "attempts")
        self.assertEqual(worker.wait(event="call", id="one")["type"],
                         "vital.pulse")
        self.assertEqual(stage.ehr.messages()["one"]["seen"], 1)


class Quick(LiveTest):

    def quick(self, tries, within, *rules, **settings):
        return self.running(*rules, policy={
            "max_attempts": 10, "quick": {"tries": tries, "within": within},
            **settings})

    def test_a_quick_retry_is_made_without_a_lane(self):
        stage, worker = self.quick(2, "600ms", {"seen": "1-2", "status": 503})
        stage.publish(b"{}", message_id="one")
        stage.wait_accepted(["one"])
        stage.wait_empty()
        calls = worker.said(event="call", id="one")
        self.assertEqual([(c["verdict"], c["attempt"]) for c in calls],
                         [("quick", 1), ("quick", 2), ("done", 3)])
        self.assertEqual(worker.said(event="verdict", verdict="retry"), [])
        at = stage.ehr.messages()["one"]["at_ms"]
        self.assertGreaterEqual(at[1] - at[0], 199)
        # The second is shortened by what the calls took.
        self.assertLessEqual(at[2] - at[0], 700)

    def test_quick_retries_begin_anew_when_it_comes_back_from_a_lane(self):
        stage, worker = self.quick(1, "100ms", {"seen": "1-3", "status": 503})
        stage.publish(b"{}", message_id="one")
        stage.wait_accepted(["one"])
        stage.wait_empty()
        self.assertEqual([c["verdict"] for c
                          in worker.said(event="call", id="one")],
                         ["quick", "retry", "quick", "done"])

    def test_a_worker_that_stops_gives_back_what_waits_for_one(self):
        stage, worker = self.quick(1, "50s", {"seen": "1", "status": 503})
        stage.publish(b"{}", message_id="one")
        worker.wait(event="call", id="one", verdict="quick")
        begun = time.monotonic()
        self.assertEqual(worker.stop(), 0)
        self.assertLess(time.monotonic() - begun, 5)
        rig.wait_until(lambda: stage.in_all() == 1,
                       what=lambda: str(stage.vhost.depths()))
        stage.start()
        stage.wait_accepted(["one"])
        stage.wait_empty()

    def test_a_word_of_the_operator_is_on_what_is_parked(self):
        stage, worker = self.running({"status": 422}, policy={"errors": [
            {"name": "schema", "status": "422", "class": "permanent",
             "park_as": "data-team"}]})
        stage.publish(b"{}", message_id="one")
        headers = stage.parked()[0].headers
        self.assertEqual(headers["rebound-parked-as"], "data-team")
        self.assertEqual(headers["rebound-parked-reason"], "permanent")
        self.assertEqual(worker.wait(event="verdict", id="one")["parked_as"],
                         "data-team")
