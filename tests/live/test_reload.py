# SPDX-License-Identifier: Apache-2.0
"""Policies that change under a running worker."""
import os
import signal
import time

import rig
from stage import LAB, POLICY, LiveTest

ONE_TRY = {**POLICY, "max_attempts": 1}
OTHER_LANE = {**POLICY, "schedule": {"kind": "custom", "delays": ["700ms"]}}
UP = {"event": "state", "part": "config"}


def reload(stage, worker, policy, state="reloaded", **changes):
    """Changes the policy, tells the worker, and returns what it says."""
    mark = worker.mark()
    stage.write(policies={"brisk": policy}, **changes)
    worker.signal(signal.SIGHUP)
    return worker.wait(since=mark, state=state, **UP)


def versions(parked):
    """Of the policies, in the journal of a parked message."""
    return [entry["policy"] for entry in parked.headers["rebound-journal"]]


class Reload(LiveTest):

    def test_sighup_has_changed_policies_taken(self):
        stage, worker = self.running({"status": 503})
        said = reload(stage, worker, ONE_TRY)
        self.assertIn("policies.brisk", said["text"])
        stage.publish(b"x", message_id="one")
        verdict = worker.wait(event="verdict", id="one", verdict="park")
        self.assertEqual((verdict["attempt"], verdict["reason"]),
                         (1, "attempts"))

    def test_a_rule_may_ask_for_a_header_that_none_has_asked_for(self):
        stage, worker = self.running({"status": 503,
                                      "headers": {"X-Code": "42"}})
        reload(stage, worker, {**POLICY, "errors": [
            {"name": "closed", "class": "permanent",
             "header": {"name": "X-Code", "equals": "42"}}]})
        stage.publish(b"x", message_id="one")
        said = worker.wait(event="verdict", id="one", verdict="park")
        self.assertEqual((said["error"], said["reason"]),
                         ("closed", "permanent"))

    def test_the_start_and_a_reload_say_their_versions(self):
        stage, worker = self.running({"status": 503})
        before = worker.wait(event="state", state="starting")["text"].split()
        said = reload(stage, worker, ONE_TRY)["text"]
        self.assertIn(before[-1].rstrip("."), said)
        stage.publish(b"x", message_id="one")
        self.assertIn(versions(stage.parked()[0])[0], said)

    def test_a_file_that_is_replaced_is_read_without_a_signal(self):
        stage, worker = self.running({"status": 503})
        mark = worker.mark()
        stage.settings["policies"] = {"brisk": ONE_TRY}
        real, stage.config = stage.config, stage.folder / "next.cfg"
        stage.write()
        os.replace(stage.config, real)
        stage.config = real
        worker.wait(since=mark, state="reloaded", **UP)

    def test_a_mounted_folder_that_is_swapped_is_read(self):
        stage = self.set_up({"status": 503})
        old, new = stage.folder / "..1", stage.folder / "..2"
        old.mkdir()
        new.mkdir()
        stage.config.rename(old / "rebound.cfg")
        (stage.folder / "..data").symlink_to("..1")
        stage.config.symlink_to("..data/rebound.cfg")
        worker = stage.start()
        mark = worker.mark()
        link, stage.config = stage.config, new / "rebound.cfg"
        stage.write(policies={"brisk": ONE_TRY})
        stage.config = link
        (stage.folder / "..next").symlink_to("..2")
        (stage.folder / "..next").rename(stage.folder / "..data")
        worker.wait(since=mark, state="reloaded", **UP)

    def test_an_included_file_is_watched_too(self):
        stage = self.set_up()
        included = stage.folder / "more.cfg"
        included.write_text('log_format = "json";\n')
        with stage.config.open("a") as file:
            file.write('@include "more.cfg"\n')
        worker = stage.start()
        mark = worker.mark()
        included.write_text('log_format = "human";\n')
        said = worker.wait(since=mark, state="restart", **UP)
        self.assertIn("log_format", said["text"])
        worker.wait(since=mark, state="unchanged", **UP)

    def test_a_wrong_file_changes_nothing_and_all_errors_are_said(self):
        stage, worker = self.running({"status": 503})
        mark = worker.mark()
        reload(stage, worker, {**ONE_TRY, "colour": "blue",
                               "schedule": {"kind": "wavy"}}, "wrong")
        errors = [said["text"] for said in
                  worker.said(since=mark, state="error", **UP)]
        self.assertEqual(len(errors), 2, errors)
        for error in errors:
            self.assertRegex(error, rf"^{stage.config}:\d+: ")
        self.assertTrue(any("colour" in error for error in errors), errors)
        stage.publish(b"x", message_id="one")
        worker.wait(event="verdict", id="one", verdict="retry")
        reload(stage, worker, ONE_TRY)

    def test_what_is_not_understood_is_shown_on_one_line(self):
        stage, worker = self.running()
        mark = worker.mark()
        with stage.config.open("a") as file:
            file.write("colour blue;\n")
        self.assertIn("This is not understood: colour blue; - Behind ",
                      worker.wait(since=mark, state="error", **UP)["text"])

    def test_a_file_that_is_gone_changes_nothing(self):
        stage, worker = self.running()
        mark = worker.mark()
        stage.config.unlink()
        worker.wait(since=mark, state="wrong", **UP)
        self.assertIn(str(stage.config),
                      worker.wait(since=mark, state="error", **UP)["text"])
        stage.publish(b"x", message_id="one")
        stage.wait_accepted(["one"])

    def test_new_delay_queues_are_declared_first(self):
        stage, worker = self.running({"seen": "1", "status": 503})
        reload(stage, worker, OTHER_LANE)
        self.assertIn(f"{LAB}.delay.v1.ehr.700ms", stage.vhost.queues())
        stage.publish(b"x", message_id="one")
        said = worker.wait(event="verdict", id="one", verdict="retry")
        self.assertEqual(said["lane"], "v1.ehr.700ms")
        stage.wait_accepted(["one"])
        self.assertEqual(worker.said(state="holding"), [])

    def test_without_declaring_they_are_refused_with_the_command(self):
        stage = self.set_up({"seen": "1", "status": 503}, declare=False)
        apply = ("topology", "apply", "-c", stage.config)
        self.assertEqual(stage.program(*apply).returncode, 0)
        worker = stage.start()
        said = reload(stage, worker, OTHER_LANE, "refused")["text"]
        self.assertIn(f"rebound topology apply -c {stage.config}", said)
        self.assertIn("v1.ehr.700ms", said)
        stage.publish(b"x", message_id="one")
        said = worker.wait(event="verdict", id="one", verdict="retry")
        self.assertEqual(said["lane"], "v1.ehr.300ms")
        self.assertEqual(stage.program(*apply).returncode, 0)
        reload(stage, worker, OTHER_LANE)

    def test_without_declaring_fewer_delay_queues_are_taken(self):
        stage = self.set_up(declare=False)
        self.assertEqual(stage.program("topology", "apply", "-c",
                                       stage.config).returncode, 0)
        reload(stage, stage.start(), ONE_TRY)

    def test_what_is_in_flight_ends_under_the_policy_it_began_with(self):
        stage, worker = self.running({"status": 503, "delay": 1.5})
        stage.publish(b"x", message_id="one")
        rig.wait_until(lambda: stage.ehr.stats()["requests"] == 1,
                       what="a call")
        reload(stage, worker, {
            **POLICY, "errors": [{"name": "closed", "status": "503",
                                  "class": "permanent"}]})
        self.assertEqual(worker.find(event="call"), [], "it is under way")
        calls = [worker.wait(event="call", id="one", count=n) for n in (1, 2)]
        self.assertEqual([call["verdict"] for call in calls],
                         ["retry", "park"])
        self.assertEqual(calls[1]["error"], "closed")
        first, second = versions(stage.parked()[0])
        self.assertNotEqual(first, second)

    def test_of_two_reloads_the_last_one_wins(self):
        stage, worker = self.running({"status": 503})
        for delay in ("400ms", "500ms", "600ms"):
            stage.write(policies={"brisk": {**POLICY, "schedule": {
                "kind": "custom", "delays": [delay]}}})
            worker.signal(signal.SIGHUP)
        rig.wait_until(lambda: f"{LAB}.delay.v1.ehr.600ms"
                       in stage.vhost.queues(), what=worker.story)
        rig.wait_until(lambda: worker.said(state="reloaded", **UP),
                       what=worker.story)
        time.sleep(1)
        stage.publish(b"x", message_id="one")
        said = worker.wait(event="verdict", id="one", verdict="retry")
        self.assertEqual(said["lane"], "v1.ehr.600ms")

    def test_what_waits_for_a_restart_is_named(self):
        stage, worker = self.running({"status": 503})
        mark = worker.mark()
        pipelines = {**stage.settings["pipelines"],
                     "rad": {"deliver_to": ["ehr"]}}
        pipelines["lab"] = {**pipelines["lab"], "prefetch": 3}
        reload(stage, worker, ONE_TRY, pipelines=pipelines,
               broker={"heartbeat": "9s"})
        said = worker.wait(since=mark, state="restart", **UP)["text"]
        for word in ("broker.heartbeat", "pipelines.lab.prefetch",
                     "pipelines.rad (new)"):
            self.assertIn(word, said)
        stage.publish(b"x", message_id="one")
        worker.wait(event="verdict", id="one", verdict="park")

    def test_a_pipeline_that_is_gone_goes_on_as_it_was(self):
        stage, worker = self.running({"status": 503})
        mark = worker.mark()
        reload(stage, worker, ONE_TRY, pipelines={
            "rad": {"deliver_to": ["ehr"], "policy": "brisk"}})
        self.assertIn("pipelines.lab (gone)", worker.wait(
            since=mark, state="restart", **UP)["text"])
        stage.publish(b"x", message_id="one")
        worker.wait(event="verdict", id="one", verdict="retry")

    def test_a_pipeline_that_comes_back_goes_by_what_is_said_then(self):
        stage, worker = self.running({"status": 503})
        pipelines = stage.settings["pipelines"]
        reload(stage, worker, ONE_TRY, pipelines={
            "rad": {"deliver_to": ["ehr"], "policy": "brisk"}})
        reload(stage, worker, ONE_TRY, pipelines=pipelines)
        stage.publish(b"x", message_id="one")
        worker.wait(event="verdict", id="one", verdict="park")

    def test_a_signal_without_a_change_changes_nothing(self):
        stage, worker = self.running()
        worker.signal(signal.SIGHUP)
        worker.wait(state="unchanged", **UP)
        self.assertEqual(worker.said(state="reloaded", **UP), [])

    def test_a_worker_that_stops_reads_nothing_more(self):
        stage, worker = self.running()
        worker.signal(signal.SIGHUP)
        worker.signal(signal.SIGTERM)
        worker.signal(signal.SIGHUP)
        self.assertEqual(worker.wait_end(15), 0)


class ReloadWithoutBroker(LiveTest):
    has_own_node = True

    def test_new_delay_queues_wait_for_the_broker(self):
        stage, worker = self.running({"seen": "1", "status": 503})
        self.broker.stop()
        worker.wait(event="state", part="outlet", state="down")
        said = reload(stage, worker, OTHER_LANE, "waiting")["text"]
        self.assertIn("cannot be reached", said)
        reload(stage, worker, ONE_TRY)
        mark = worker.mark()
        reload(stage, worker, OTHER_LANE, "waiting")
        self.broker.run()
        worker.wait(60, since=mark, state="reloaded", **UP)
        self.assertIn(f"{LAB}.delay.v1.ehr.700ms", stage.vhost.queues())

    def test_a_worker_that_starts_begins_as_it_was_started(self):
        stage = self.set_up({"seen": "1", "status": 503})
        self.broker.stop()
        worker = stage.start_any()
        worker.wait(event="state", part="topology", state="wrong")
        reload(stage, worker, OTHER_LANE, "waiting")
        self.broker.run()
        worker.wait_ready(timeout=60)
        worker.wait(60, state="reloaded", **UP)
        self.assertIn(f"{LAB}.delay.v1.ehr.300ms", stage.vhost.queues())
        self.assertIn(f"{LAB}.delay.v1.ehr.700ms", stage.vhost.queues())
