# SPDX-License-Identifier: Apache-2.0
"""What a worker has in hand, when that is what makes trouble."""
import rig
from stage import LAB, LiveTest

PARKING = LAB + ".parking"


class Suspects(LiveTest):

    def kill_at_each_call(self, stage, message_id):
        """A message that kills: the worker dies whenever it is called. How
        often that was, until it is parked."""
        kills = 0
        while not rig.wait_until(
                lambda: len(stage.ehr.requests(message_id)) > kills
                and "called" or stage.vhost.depth(PARKING) and "parked",
                what=lambda: "its call, " + stage.story()) == "parked":
            stage.workers[-1].kill()
            kills += 1
            self.assertLess(kills, 12, "it is parked in the end")
            stage.start_any()
        return kills

    def test_a_crasher_is_parked_and_its_bystanders_are_delivered(self):
        # One call at a time: while the crasher is called, all others wait in
        # the same hand.
        stage = self.set_up({"id": "deadly", "delay": 20},
                            downstream={"concurrency": 1, "timeout": "30s"},
                            pipeline={"prefetch": 20})
        stage.start()
        innocent = {f"m{i}" for i in range(10)}
        stage.publish([("deadly", b"x")] + [(name, b"x") for name in innocent])
        kills = self.kill_at_each_call(stage, "deadly")
        stage.wait_accepted(innocent)
        parked = stage.parked()
        self.assertEqual([p.properties.message_id for p in parked], ["deadly"])
        self.assertEqual(parked[0].headers["rebound-parked-reason"], "suspect")
        stage.wait_empty()
        self.remark = f"{kills} kills"
        self.assertEqual(kills, 10)
        for worker in stage.workers:
            alone = worker.said(event="state", state="alone")
            self.assertLessEqual(len(alone), 1)

    def test_a_suspect_is_called_when_nothing_else_is_in_hand(self):
        stage = self.set_up({"id": "deadly", "delay": 2},
                            {"id": "m*", "delay": 0.3},
                            downstream={"concurrency": 10})
        # Three workers die with it in hand, then it is one of many.
        worker = stage.start()
        stage.publish(b"x", message_id="deadly")
        for kills in range(3):
            rig.wait_until(
                lambda: len(stage.ehr.requests("deadly")) > kills,
                what="its call")
            worker.kill()
            if kills == 2:
                ids = stage.publish_many(30)
            worker = stage.start()
        called = worker.wait(event="call", id="deadly")
        self.assertEqual(called["verdict"], "done")
        before = worker.lines[:worker.lines.index(called)]
        self.assertFalse([line for line in before if line["event"] == "call"])
        self.assert_all_accounted(stage, ids | {"deadly"})
        for state in ("alone", "together"):
            self.assertEqual(len(worker.said(event="state", state=state)), 1)


class Bytes(LiveTest):

    def test_over_in_flight_bytes_the_consumer_pauses_and_goes_on(self):
        stage, worker = self.running(
            {"delay": 1}, downstream={"concurrency": 50},
            pipeline={"prefetch": 8, "in_flight_bytes": "1MiB"})
        body = b"x" * 300_000
        ids = [f"m{i}" for i in range(20)]
        stage.publish([(name, body) for name in ids])
        paused = worker.wait(event="state", part="engine", state="paused")
        self.assertEqual(paused["reason"], "in-flight-bytes")
        worker.wait(event="state", part="engine", state="resumed")
        self.assert_all_accounted(stage, ids)
        seen = stage.ehr.messages().values()
        self.assertEqual({m["seen"] for m in seen}, {1})
        downs = worker.said(event="state", part="intake", state="down")
        self.assertEqual(downs, [])

    def test_bodies_over_in_flight_bytes_pass_one_by_one(self):
        stage, worker = self.running(
            pipeline={"prefetch": 1, "in_flight_bytes": "1MiB"})
        ids = [f"m{i}" for i in range(5)]
        stage.publish([(name, b"x" * 1_500_000) for name in ids])
        self.assert_all_accounted(stage, ids)
        self.assertEqual(
            len(worker.said(event="state", part="engine", state="paused")),
            len(worker.said(event="state", part="engine", state="resumed")))


class Again(LiveTest):
    """Delivered, but the connection broke before the ack."""

    def break_while_calling(self, messages):
        """A worker whose connection is closed by the broker while it calls
        for all these messages, until all is acked."""
        stage, worker = self.running(
            {"delay": 8}, downstream={"concurrency": 20, "timeout": "20s"})
        [intake] = [pid for name, pid in stage.vhost.connections().items()
                    if "intake" in name]
        stage.publish(messages)
        count = len(messages)
        rig.wait_until(lambda: stage.ehr.stats()["requests"] == count,
                       what="the calls")
        mark = worker.mark()
        self.broker.ctl("close_connection", intake, "closed by a test")
        worker.wait(event="state", part="intake", state="up", since=mark)
        stage.wait_empty()
        return stage, worker

    def test_what_is_under_way_when_it_breaks_is_called_once(self):
        messages = [(f"m{i}", b"x") for i in range(10)]
        stage, worker = self.break_while_calling(messages)
        seen = stage.ehr.messages()
        self.assertEqual({name: m["seen"] for name, m in seen.items()},
                         {name: 1 for name, _ in messages})
        worker.wait(event="verdict", verdict="done", count=10,
                    reason="delivered-before")

    def test_two_bodies_under_one_id_are_both_delivered(self):
        # Publishers do use an id again, for a corrected result.
        stage, worker = self.break_while_calling(
            [("same", b"potassium 4.1"), ("same", b"potassium 7.1")])
        self.assertEqual(stage.ehr.messages()["same"]["accepted"], 2)
        worker.wait(event="verdict", reason="delivered-before", count=2)
        mark = worker.mark()
        stage.ehr.rules()
        stage.publish([("same", b"potassium 5.1")])
        worker.wait(event="call", id="same", verdict="done", since=mark)
        self.assertEqual(stage.ehr.messages()["same"]["accepted"], 3)
