# SPDX-License-Identifier: Apache-2.0
"""A downstream that is down is not called, and one that is back is."""
import time

from stage import LAB, LiveTest

BREAKER = {"consecutive": 5, "open": "2s", "open_max": "10s"}


def states(worker):
    return [said["state"] for said in worker.said(part="downstream")]


class Health(LiveTest):

    def test_an_outage_costs_few_calls_and_no_message(self):
        stage = self.set_up({"status": 503}, policy={"max_attempts": 10})
        stage.write(downstreams={"ehr": {
            "url": stage.ehr.url(), "breaker": BREAKER, "health": {
                "url": stage.ehr.url("/health"), "interval": "200ms",
                "timeout": "1s"}}})
        worker = stage.start()
        ids = [f"m{n}" for n in range(120)]
        stage.publish([(i, b"{}") for i in ids[:60]])
        worker.wait(part="downstream", state="open")
        opened = len(stage.ehr.requests())
        begun = time.monotonic()
        stage.publish([(i, b"{}") for i in ids[60:]])
        time.sleep(3)
        down = time.monotonic() - begun
        calls = len(stage.ehr.requests()) - opened
        stage.ehr.rules({"status": 200})
        stage.wait_accepted(ids, timeout=60)
        stage.wait_empty()
        self.assertEqual(stage.vhost.depth(LAB + ".parking"), 0)
        worker.wait(part="downstream", state="closed")
        # Probes, and what was under way when it opened.
        self.assertLessEqual(calls, 6 * down + 40)
        # Nothing failed while it was open: attempts are those before.
        failed = worker.said(event="call", verdict="retry")
        held = worker.said(event="verdict", verdict="hold")
        self.assertLessEqual(len(failed), 45)
        self.assertTrue(all("attempt" not in said for said in held))
        self.assertEqual(states(worker)[0], "open")
        self.remark = (f"{calls} requests in {down:.1f} s of an outage, "
                       f"{len(failed)} failed attempts, {len(held)} held")

    def test_a_storm_of_permanent_errors_parks_no_queue(self):
        stage, worker = self.running(
            {"status": 401},
            downstream={"breaker": {"open": "1s"}, "storm": 5,
                        "concurrency": 1})
        ids = [f"m{n}" for n in range(60)]
        stage.publish([(i, b"{}") for i in ids])
        said = worker.wait(part="downstream", state="storm")
        self.assertIn("permanent", said["text"])
        time.sleep(2.5)
        stage.ehr.rules({"status": 200})
        parked = {m.properties.message_id for m in stage.parked(4)}
        self.assertEqual(len(parked), 4)
        stage.wait_accepted(set(ids) - parked, timeout=60)
        stage.wait_empty()
