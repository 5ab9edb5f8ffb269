# SPDX-License-Identifier: Apache-2.0
"""Connections of which one side is gone or hangs, and the other is not told.
"""
import signal
import subprocess
import time

import cable
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

        def seen():
            return [m["seen"] for m in stage.ehr.messages().values()]
        # The first copies had arrived after all, and the second ones do too.
        rig.wait_until(lambda: min(seen()) >= 3, what=stage.story)
        self.assert_all_accounted(stage, ids)
        self.assertEqual(set(seen()), {3})
        cuts = worker.said(event="state", state="cut")
        self.assertEqual([line["part"] for line in cuts], ["outlet"])


class PulledCable(LiveTest):
    """A worker that is cut off from everything, the broker and the service."""

    def own_cable(self):
        """None where this machine has none to give."""
        try:
            own = cable.Cable()
        except (OSError, subprocess.CalledProcessError):
            self.remark = "no network can be made here, which takes root"
            return None
        self.addCleanup(own.remove)
        return own

    def set_up_far(self, own, *rules):
        """A stage whose broker and downstream are at this end of a cable."""
        far = wire.Wire(self.broker.port, own.here)
        self.addCleanup(far.stop)
        stage = self.set_up(policy=STUBBORN, broker={
            **QUICK, "nodes": [f"amqp://{own.here}:{far.port}"]})
        stage.ehr = rig.Downstream(*rules, host=own.here)
        stage.downstreams.insert(0, stage.ehr)
        stage.write(downstreams={"ehr": {
            "url": f"http://{own.here}:{stage.ehr.port}/", "timeout": "2s",
            "breaker": False, "storm": 0}})
        return stage

    def test_a_worker_that_is_cut_off_is_replaced_and_comes_back(self):
        own = self.own_cable()
        if own is None:
            return
        stage = self.set_up_far(own, SOMETIMES, {"delay": 0.02})
        cut_off = stage.start_any(within=own.within())
        own.lead_to(cut_off.process)
        cut_off.wait_ready()
        ids = stage.publish_many(300)
        rig.wait_until(lambda: stage.ehr.stats()["accepted"] > 50,
                       what="some deliveries")
        own.pull()
        mark = cut_off.mark()
        # What it had in hand is the other's, once the broker has missed it.
        other = stage.start()
        self.assert_all_accounted(stage, ids)
        self.assertGreater(len(other.said(event="verdict")), 0)
        for part in ("intake", "outlet"):
            cut_off.wait(PATIENCE, mark, event="state", part=part,
                         state="down")
        self.assertEqual(other.stop(), 0)
        own.plug()
        later = stage.publish_many(50, "n")
        self.assert_all_accounted(stage, later)
        self.assertIsNone(cut_off.process.poll())
        seen = stage.ehr.messages()
        twice = sum(m["accepted"] > 1 for m in seen.values())
        self.assertEqual({seen[name]["accepted"] for name in later}, {1})
        self.remark = f"{len(seen)} messages, {twice} delivered twice"


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
