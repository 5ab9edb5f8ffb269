# SPDX-License-Identifier: Apache-2.0
"""Stopping, in order and at once, and what a supervisor is told."""
import os
import signal
import socket

import rig
from stage import LiveTest


class Stop(LiveTest):

    def calling(self, delay, **settings):
        """A worker with four calls under way, and more in its queue."""
        stage, worker = self.running({"delay": delay},
                                     downstream={"concurrency": 4}, **settings)
        ids = stage.publish_many(20)
        rig.wait_until(lambda: stage.ehr.stats()["requests"] >= 4,
                       what="calls under way")
        return stage, worker, ids

    def ends_in_order(self, number):
        stage, worker, ids = self.calling(0.5)
        worker.signal(number)
        self.assertEqual(worker.wait_end(15), 0)
        worker_calls = worker.said(event="call")
        self.assertEqual(len(worker_calls), stage.ehr.stats()["accepted"])
        self.assertLess(len(worker_calls), 20)
        # What was finished was acked, and the rest is still there.
        rig.wait_until(lambda: stage.in_all() == 20 - len(worker_calls),
                       what=lambda: str(stage.vhost.depths()))
        stage.start()
        self.assert_all_accounted(stage, ids)
        self.assertEqual(stage.ehr.stats()["requests"], 20)

    def test_sigterm_finishes_what_is_in_flight(self):
        self.ends_in_order(signal.SIGTERM)

    def test_sigint_finishes_what_is_in_flight(self):
        self.ends_in_order(signal.SIGINT)

    def test_failures_in_flight_are_copied_before_the_end(self):
        stage, worker = self.running(
            {"seen": "1", "status": 503, "delay": 0.5}, policy={
                "schedule": {"kind": "fixed", "first": "3s"}})
        ids = stage.publish_many(4)
        rig.wait_until(lambda: stage.ehr.stats()["requests"] == 4,
                       what="calls under way")
        self.assertEqual(worker.stop(), 0)
        depths = stage.vhost.depths()
        self.assertEqual(len(worker.said(event="verdict", verdict="retry")), 4)
        rig.wait_until(lambda: stage.in_all() == 4, what=lambda: str(depths))
        stage.start()
        self.assert_all_accounted(stage, ids)

    def test_a_second_signal_leaves_at_once_and_loses_nothing(self):
        stage, worker, ids = self.calling(8)
        worker.signal(signal.SIGTERM)
        worker.wait(event="state", part="worker", state="stopping")
        worker.signal(signal.SIGTERM)
        self.assertEqual(worker.wait_end(2), -signal.SIGTERM)
        stage.ehr.rules()
        stage.start()
        self.assert_all_accounted(stage, ids)

    def test_a_supervisor_hears_of_the_start_the_life_and_the_end(self):
        stage = self.set_up()
        supervisor = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(supervisor.close)
        name = f"@rebound-test-{os.getpid()}"
        supervisor.bind("\0" + name[1:])
        supervisor.settimeout(20)
        worker = stage.start_any(environment={
            "NOTIFY_SOCKET": name, "WATCHDOG_USEC": "400000"})
        self.assertEqual(b"READY=1", supervisor.recv(100))
        self.assertEqual(b"WATCHDOG=1", supervisor.recv(100))
        worker.wait_ready()
        worker.signal(signal.SIGTERM)
        heard = b"WATCHDOG=1"
        while heard == b"WATCHDOG=1":
            heard = supervisor.recv(100)
        self.assertEqual(b"STOPPING=1", heard)
        self.assertEqual(0, worker.wait_end())

    def test_the_grace_has_an_end(self):
        stage, worker, ids = self.calling(30, shutdown_grace="1s")
        self.assertEqual(worker.stop(8), 0)
        worker.wait(event="state", part="worker", state="left")
        stage.ehr.rules()
        stage.start()
        self.assert_all_accounted(stage, ids)

    def test_an_idle_worker_ends_at_once(self):
        _, worker = self.running()
        self.assertEqual(worker.stop(5), 0)
