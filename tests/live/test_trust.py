# SPDX-License-Identifier: Apache-2.0
"""Whose word counts: headers of ours that somebody else wrote."""
from rabbit import RawTable, join, number, table, text
from stage import LAB, LiveTest


def state(pipeline="lab", attempts=2):
    """Headers as a worker writes them after so many attempts."""
    return {
        "rebound-v": number("I", 1),
        "rebound-pipeline": text(pipeline),
        "rebound-id": text("somebody"),
        "rebound-first-seen-ms": number("l", 1_700_000_000_000),
        "rebound-steps": table({"ehr": table({
            "state": text("waiting"), "attempts": number("l", attempts),
            "failures": table({"unavailable": number("l", attempts)})})}),
    }


class Trust(LiveTest):

    def publish_to_source(self, stage, entries):
        """As replays do, and nobody else may."""
        stage.as_user("operator").publish(
            LAB, "lab.result", b"x", headers=RawTable(join(entries)),
            message_id="one")

    def assert_set_aside(self, parked):
        self.assertEqual(parked["rebound-was-id"], "somebody")
        self.assertEqual(parked["rebound-was-steps"]["ehr"]["attempts"], 2)

    def test_forged_state_of_a_publisher_is_set_aside(self):
        stage, worker = self.running({"status": 503})
        stage.publish(b"x", message_id="one", headers=RawTable(join(state())))
        parked = stage.parked()[0].headers
        self.assert_set_aside(parked)
        self.assertEqual(parked["rebound-id"], "one")
        self.assertEqual(worker.said(event="call")[0]["attempt"], 1)
        self.assertEqual(len(worker.said(event="call")), 3)

    def test_stale_state_of_another_pipeline_is_set_aside(self):
        stage, worker = self.running({"status": 503})
        self.publish_to_source(stage, state(pipeline="billing"))
        parked = stage.parked()[0].headers
        self.assert_set_aside(parked)
        self.assertEqual(parked["rebound-was-pipeline"], "billing")
        self.assertEqual(worker.said(event="call")[0]["attempt"], 1)

    def test_true_state_of_a_replay_is_believed(self):
        stage, worker = self.running({"status": 503}, policy={
            "give_up_after": "never"})
        self.publish_to_source(stage, state())
        parked = stage.parked()[0].headers
        self.assertEqual(parked["rebound-id"], "somebody")
        self.assertEqual([call["attempt"] for call
                          in worker.said(event="call")], [3])

    def unreadable(self, **changes):
        stage, worker = self.running()
        entries = {**state(), **{name.replace("_", "-"): value
                                 for name, value in changes.items()}}
        self.publish_to_source(stage, entries)
        parked = stage.parked()[0].headers
        self.assertEqual(parked["rebound-parked-reason"], "unreadable")
        self.assertTrue(parked["rebound-parked-error"])
        self.assertEqual(stage.ehr.stats()["requests"], 0)
        self.assertEqual(worker.wait(event="verdict")["reason"], "unreadable")

    def test_state_of_a_later_version_is_parked_unread(self):
        self.unreadable(rebound_v=number("I", 99))

    def test_steps_that_are_no_table_are_parked_unread(self):
        self.unreadable(rebound_steps=text("all done"))

    def test_a_journal_that_is_no_array_is_parked_unread(self):
        self.unreadable(rebound_journal=number("I", 3))

    def test_a_rest_that_is_no_number_is_parked_unread(self):
        self.unreadable(rebound_rest_ms=text("soon"))

    def test_headers_nested_beyond_reason_are_parked_and_kill_nobody(self):
        stage, worker = self.running()
        deep = text("end")
        for _ in range(5000):
            deep = table({"n": deep})
        stage.publish(b"x", message_id="deep",
                      headers=RawTable(join({"deep": deep})))
        stage.publish(b"x", message_id="next")
        stage.wait_accepted(["next"])
        self.assertEqual(stage.parked()[0].id, "deep")
        self.assertIsNone(worker.process.poll())
