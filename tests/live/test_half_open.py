# SPDX-License-Identifier: Apache-2.0
"""Connections of which one side is gone, or hangs, and the other is not told."""
import signal
import time

import rig
import wire
from stage import LAB, LiveTest

QUICK = {"heartbeat": "2s", "reconnect_max": "500ms"}
STUBBORN = {"max_attempts": 200}
SOMETIMES = {"share": 0.3, "status": 503}
LARGE = b"x" * 6_000_000  # more than a system takes for one that does not read
PATIENCE = 40


class Network(LiveTest):
    """The network takes everything and delivers nothing."""

    def set_up_wire(self, *rules, **settings):
        own = wire.Wire(self.broker.port)
        self.addCleanup(own.stop)
        stage = self.set_up(*rules, policy=STUBBORN, broker={
            **QUICK, "nodes": [f"amqp://127.0.0.1:{own.port}"]}, **settings)
        return own, stage

    def vanishes(self, *ways):
        own, stage = self.set_up_wire(SOMETIMES, {"delay": 0.02})
        worker = stage.start()
        ids = stage.publish_many(300)
        rig.wait_until(lambda: stage.ehr.stats()["accepted"] > 50,
                       what="some deliveries")
        mark = worker.mark()
        own.hold(*ways)
        for part in ("intake", "outlet"):
            worker.wait(PATIENCE, mark, event="state", part=part, state="down")
            worker.wait(PATIENCE, mark, event="state", part=part, state="up")
        self.assert_all_accounted(stage, ids)
        self.assertIsNone(worker.process.poll())
        for part in ("intake", "outlet"):
            self.assertEqual(1, len(worker.said(
                mark, event="state", part=part, state="down")))
        twice = sum(m["accepted"] > 1 for m in stage.ehr.messages().values())
        self.remark = f"300 messages, {twice} delivered twice"

    def test_a_network_that_is_gone_loses_nothing(self):
        self.vanishes(*wire.BOTH)

    def test_a_network_that_takes_nothing_more_loses_nothing(self):
        self.vanishes("up")

    def test_a_network_that_brings_nothing_more_loses_nothing(self):
        self.vanishes("down")

    def test_a_copy_that_meets_silence_is_published_once_on_a_new_connection(
            self):
        own, stage = self.set_up_wire({"seen": "1", "status": 503},
                                      confirm_timeout="2s")
        worker = stage.start()
        own.is_muted = True
        ids = stage.publish_many(5)
        worker.wait(event="state", part="outlet", state="cut")
        self.assertEqual(worker.find(event="verdict", verdict="retry"), [],
                         "none is acked")
        own.is_muted = False
        self.assert_all_accounted(stage, ids)
        # The first copies had arrived after all, and the second ones did too.
        self.assertEqual({m["seen"] for m in stage.ehr.messages().values()},
                         {3})
        cuts = worker.said(event="state", state="cut")
        self.assertEqual([line["part"] for line in cuts], ["outlet"])


class FrozenWorker(LiveTest):

    def test_a_frozen_workers_messages_go_to_another_and_it_does_no_harm(self):
        stage = self.set_up({"delay": 1}, broker=QUICK,
                            pipeline={"prefetch": 10},
                            downstream={"concurrency": 10})
        frozen = stage.start()
        ids = stage.publish_many(10)
        rig.wait_until(lambda: stage.ehr.stats()["requests"] == 10,
                       what="its calls")
        frozen.signal(signal.SIGSTOP)
        stage.ehr.rules()
        other = stage.start()
        other.wait(PATIENCE, event="verdict", verdict="done", count=10)
        stage.wait_empty()
        mark = frozen.mark()
        frozen.signal(signal.SIGCONT)
        frozen.wait(event="state", part="intake", state="down", since=mark)
        frozen.wait(event="state", part="intake", state="up", since=mark)
        # What it knows of those it had is void, and their tags are unknown
        # to the new connection: an ack of one would cost it.
        self.assertEqual(frozen.said(event="verdict"), [])
        other.stop()
        later = stage.publish_many(20, "n")
        self.assert_all_accounted(stage, ids | later)
        self.assertEqual(1, len(frozen.said(event="state", part="intake",
                                            state="down")))
        seen = stage.ehr.messages()
        self.assertEqual({seen[name]["seen"] for name in later}, {1})
        self.assertEqual({seen[name]["seen"] for name in ids}, {2})


class FrozenBroker(LiveTest):
    has_own_node = True

    def test_a_publish_that_hangs_is_given_up_and_nothing_else_waits(self):
        stage, worker = self.running(
            {"id": "m*", "seen": "1", "status": 503, "delay": 2},
            {"id": "slow", "delay": 30}, broker=QUICK,
            downstream={"timeout": "6s"})
        ids = [f"m{i}" for i in range(3)]
        stage.publish([(name, LARGE) for name in ids] + [("slow", b"x")])
        rig.wait_until(lambda: stage.ehr.stats()["requests"] == 4,
                       what="the calls")
        begun = time.monotonic()
        self.broker.freeze()
        try:
            down = worker.wait(PATIENCE, event="state", part="outlet",
                               state="down")
            self.assertIn("publishing", down["text"])
            seconds = time.monotonic() - begun
            # The call that was under way ended when its time was over.
            worker.wait(PATIENCE, event="call", id="slow")
        finally:
            self.broker.thaw()
        stage.ehr.rules()
        stage.wait_accepted(ids + ["slow"], PATIENCE)
        stage.wait_empty(PATIENCE)
        self.assertIsNone(worker.process.poll())
        self.remark = f"given up after {seconds:.1f} s"
