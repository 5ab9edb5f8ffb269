# SPDX-License-Identifier: Apache-2.0
"""What former settings have left on the broker is removed."""
import json
import os
import pty
import shutil
import signal
import subprocess

import rig
from stage import LAB, LANE, POLICY
from test_commands import EVENTS, CommandTest

OLD = f"{LAB}.delay.{LANE}"
QUICKLY = ("--yes", "--settle", "1s")


def waiting(delay):
    return {**POLICY, "schedule": {"kind": "custom", "delays": [delay]}}


class Prune(CommandTest):

    def left_behind(self, *rules, delay="300ms", **settings):
        """A stage whose delay queue for that delay no setting uses."""
        stage = self.set_up(*rules, policy=waiting(delay), **settings)
        self.with_management(stage)
        self.apply(stage)
        return stage

    def forget(self, stage):
        stage.write(policies={"brisk": waiting("400ms")})
        self.apply(stage)

    def prune(self, stage, *words, code=0):
        return self.run_it(stage, "topology", "prune", *words, code=code)

    def begin(self, stage, *words, **options):
        process = rig.spawn(
            [stage.program.path, "topology", "prune", "-c", stage.config,
             *words], stdout=subprocess.PIPE, text=True, **{
                 "stdin": subprocess.DEVNULL, "stderr": subprocess.PIPE,
                 **options})
        self.addCleanup(rig.end, process, signal.SIGKILL)
        return process

    def test_a_delay_queue_that_no_setting_uses_is_removed(self):
        stage = self.left_behind()
        self.forget(stage)
        queues = set(stage.vhost.queues())
        said = self.prune(stage, *QUICKLY).stdout
        self.assertIn(f"removed  queue {OLD}", said)
        self.assertIn("1 of 1 delay queue", said)
        self.assertEqual(set(stage.vhost.queues()), queues - {OLD})
        self.run_it(stage, "topology", "verify")
        self.assertIn("Nothing", self.prune(stage, *QUICKLY).stdout)

    def test_a_dry_run_changes_nothing(self):
        stage = self.left_behind()
        self.forget(stage)
        queues = set(stage.vhost.queues())
        bindings = stage.vhost.bindings(OLD)
        said = self.prune(stage, "--dry-run").stdout
        self.assertIn(OLD, said)
        self.assertIn("3m", said)
        self.assertEqual(set(stage.vhost.queues()), queues)
        self.assertEqual(stage.vhost.bindings(OLD), bindings)
        found = json.loads(self.prune(stage, "--dry-run", "--json").stdout)
        self.assertEqual([(q["queue"], q["delay_ms"], q["state"])
                          for q in found["queues"]], [(OLD, 300, "unused")])

    def test_what_waits_in_it_comes_back_first(self):
        stage = self.left_behind({"seen": "1", "status": 503}, delay="6s")
        worker = stage.start()
        ids = stage.publish_many(3)
        worker.wait(event="verdict", verdict="retry", count=3)
        worker.stop()
        self.forget(stage)
        process = self.begin(stage, "--json", *QUICKLY)
        said, told = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, said + told)
        self.assertEqual(stage.vhost.depth(LAB), 3)
        self.assertIn("1 delay queue is left", told)
        self.assertEqual([q["state"] for q in json.loads(said)["queues"]],
                         ["removed"])
        stage.start()
        self.assert_all_accounted(stage, ids)

    def test_it_ends_in_time_and_goes_on_when_it_is_run_again(self):
        stage = self.left_behind()
        self.forget(stage)
        said = self.prune(stage, "--yes", "--wait", "1s", code=75).stdout
        self.assertIn(f"left     queue {OLD}", said)
        self.assertIn("Run this again", said)
        self.assertIn(OLD, stage.vhost.queues())
        self.prune(stage, *QUICKLY)
        self.assertNotIn(OLD, stage.vhost.queues())

    def test_ctrl_c_leaves_what_is_left(self):
        stage = self.left_behind()
        self.forget(stage)
        process = self.begin(stage, "--yes")
        process.stderr.readline()
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=20)
        self.assertEqual(process.returncode, 130)
        self.assertIn(f"left     queue {OLD}", said)
        self.prune(stage, *QUICKLY)
        self.assertNotIn(OLD, stage.vhost.queues())

    def test_one_that_another_worker_uses_is_kept(self):
        stage = self.left_behind({"seen": "1", "status": 503})
        new = stage.config
        stage.config = shutil.copy(new, stage.folder / "old.cfg")
        worker = stage.start()
        stage.config = new
        self.forget(stage)
        process = self.begin(stage, "--yes", "--settle", "30s")
        process.stderr.readline()
        stage.publish(b"x", message_id="one")
        worker.wait(event="verdict", id="one", verdict="retry")
        stage.wait_accepted(["one"])
        said, told = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 75, said + told)
        self.assertIn(f"kept     queue {OLD}", said)
        self.assertIn(OLD, stage.vhost.queues())

    def test_bindings_of_former_keys_are_removed(self):
        stage = self.set_up(pipeline=EVENTS)
        stage.as_user("guest").declare_exchange("clinical-events")
        self.with_management(stage)
        self.apply(stage)
        stage.settings["pipelines"]["lab"]["source"]["keys"] = ["lab.result"]
        stage.write()
        self.apply(stage)
        self.assertIn(f'clinical-events -> {LAB}, key "lab.#"',
                      self.prune(stage, "--dry-run").stdout)
        self.run_it(stage, "topology", "verify", code=78)
        said = self.prune(stage, *QUICKLY).stdout
        self.assertIn("1 of 1 binding", said)
        self.run_it(stage, "topology", "verify")

    def test_a_binding_that_somebody_made_is_left(self):
        stage = self.left_behind()
        guest = stage.as_user("guest")
        guest.declare_queue("tap")
        guest.bind_queue("tap", LAB, "")
        self.assertIn("Nothing", self.prune(stage, *QUICKLY).stdout)

    def test_nobody_is_asked_where_nobody_is(self):
        stage = self.left_behind()
        self.forget(stage)
        self.assertIn("--yes", self.complaint(stage, "topology", "prune",
                                              code=64))
        self.assertIn(OLD, stage.vhost.queues())

    def test_on_a_terminal_it_asks_first(self):
        stage = self.left_behind()
        self.forget(stage)
        for answer, word in ((b"\n", "Nothing was changed"),
                             (b"y\n", "removed")):
            ours, its = pty.openpty()
            self.addCleanup(os.close, ours)
            process = self.begin(stage, "--settle", "1s", stdin=its)
            os.close(its)
            os.write(ours, answer)
            said, _ = process.communicate(timeout=60)
            self.assertEqual(process.returncode, 0, said)
            self.assertIn("Go on?", said)
            self.assertIn(word, said)
        self.assertNotIn(OLD, stage.vhost.queues())

    def test_without_the_management_api_it_refuses(self):
        stage = self.set_up()
        self.apply(stage)
        self.assertIn("broker.management",
                      self.complaint(stage, "topology", "prune", code=78))

    def test_a_missing_right_is_said(self):
        stage = self.left_behind()
        self.forget(stage)
        user = stage.settings["broker"]["admin"]["user"]
        stage.vhost.permit(user, "^$", ".*", ".*")
        done = self.prune(stage, *QUICKLY, code=77)
        self.assertIn("configure", done.stderr)
        self.assertIn(OLD, stage.vhost.queues())

    def test_its_options_go_with_it_alone(self):
        stage = self.set_up()
        for words in (("apply", "--yes"), ("verify", "--dry-run"),
                      ("prune", "--wait", "soon")):
            self.complaint(stage, "topology", *words, code=64)

    def test_one_pipeline_leaves_the_others_alone(self):
        stage = self.left_behind(pipelines={
            "lab": {"deliver_to": ["ehr"], "policy": "brisk"},
            "rad": {"deliver_to": ["ehr"], "policy": "brisk"}})
        self.forget(stage)
        self.prune(stage, "-p", "rad", *QUICKLY)
        queues = stage.vhost.queues()
        self.assertNotIn(f"rebound.rad.delay.{LANE}", queues)
        self.assertIn(OLD, queues)
