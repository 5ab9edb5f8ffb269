# SPDX-License-Identifier: Apache-2.0
"""What goes wrong later, while a worker runs, is said, and waited for."""
import secrets
import time

import pika

import rig
from stage import LAB, LiveTest, rights_in

PATIENCE = 40
FAILS_ONCE = {"id": "f*", "seen": "1", "status": 503}


class Later(LiveTest):

    def set_up_own(self, *rules, **settings):
        """A stage whose worker is a user of its own, that a test can change:
        the stage, and the user's name."""
        stage = self.set_up(*rules, **settings)
        user = "worker-" + stage.vhost.name
        stage.broker.passwords[user] = secrets.token_urlsafe(12)
        stage.broker.set_user(user, stage.broker.passwords[user])
        self.addCleanup(stage.broker.ask, "DELETE", f"/users/{user}")
        stage.write(broker=stage.login(user))
        said = stage.program("topology", "print", "-c", stage.config,
                             "--permissions").stdout
        stage.own = user
        stage.rights = rights_in(said)[user]
        stage.vhost.permit(user, *stage.rights)
        return stage

    def running_own(self, *rules, **settings):
        stage = self.set_up_own(*rules, **settings)
        return stage, stage.start()

    def permit(self, stage, **changes):
        """Gives the worker its rights, but for these."""
        rights = dict(zip(("configure", "write", "read"), stage.rights))
        stage.vhost.permit(stage.own, **{**rights, **changes})

    def complaint(self, worker, mark, *words):
        """The line in which it says all this; waits for it."""
        def said():
            for line in worker.said(since=mark, event="state"):
                if all(word in line.get("text", "") for word in words):
                    return line
            return None
        return rig.wait_until(said, PATIENCE,
                              lambda: f"{words}; {worker.story()}")

    def assert_calm(self, worker, mark, seconds=2.5, most=2):
        """It says no more than this, however long it lasts."""
        time.sleep(seconds)
        said = worker.said(since=mark)
        self.assertLessEqual(len(said), most, said)
        self.assertIsNone(worker.process.poll())

    def assert_resumes(self, stage, worker, ids):
        stage.wait_accepted(ids, PATIENCE)
        stage.wait_empty(PATIENCE)
        self.assertIsNone(worker.process.poll())

    def test_a_password_changed_is_said_and_waited_for(self):
        stage, worker = self.running_own()
        mark = worker.mark()
        stage.broker.set_user(stage.own, "an0ther-secret")
        self.assertEqual(stage.vhost.close_connections("rebound/"), 2)
        self.complaint(worker, mark, stage.own, "broker.password")
        ids = stage.publish_many(20)
        time.sleep(1)
        self.assert_calm(worker, worker.mark())
        said = [line["part"] for line in worker.said(since=mark, event="state")
                if "broker.password" in line.get("text", "")]
        self.assertEqual(len(said), len(set(said)), "each part says it once")
        stage.broker.set_user(stage.own, stage.broker.passwords[stage.own])
        self.assert_resumes(stage, worker, ids)
        self.assertNotIn("an0ther-secret", worker.story())
        self.assertNotIn(stage.broker.passwords[stage.own], worker.story())

    def test_the_right_to_read_revoked_is_said_and_waited_for(self):
        stage, worker = self.running_own()
        mark = worker.mark()
        self.permit(stage, read="^$")
        stage.vhost.close_connections("intake")
        self.complaint(worker, mark, stage.own, "read", LAB)
        ids = stage.publish_many(20)
        time.sleep(1)
        self.assert_calm(worker, worker.mark())
        self.permit(stage)
        self.assert_resumes(stage, worker, ids)

    def test_the_right_to_write_revoked_keeps_what_failed(self):
        stage, worker = self.running_own(FAILS_ONCE)
        mark = worker.mark()
        self.permit(stage, write="^$")
        stage.vhost.close_connections("outlet")
        failing = stage.publish_many(10, "f")
        fine = stage.publish_many(10, "m")
        self.complaint(worker, mark, stage.own, "write", LAB + ".delay")
        stage.wait_accepted(fine)
        time.sleep(1)
        self.assert_calm(worker, worker.mark())
        self.assertEqual(stage.ehr.stats()["requests"], 20)
        rig.wait_until(lambda: stage.vhost.depth(LAB) == 10,
                       what=lambda: f"ten unacked, {stage.vhost.depths()}")
        self.permit(stage)
        self.assert_resumes(stage, worker, failing)

    def test_the_right_to_park_is_missed_when_it_is_needed(self):
        stage = self.set_up_own({"id": "bad", "status": 400})
        self.permit(stage)
        worker = stage.start()
        self.permit(stage, write=r"^rebound\.lab\.delay$")
        mark = worker.mark()
        stage.publish([("bad", b"x")])
        self.complaint(worker, mark, stage.own, "write", LAB + ".parking")
        time.sleep(1)
        # It connects again, once a second here, and is refused again.
        self.assert_calm(worker, worker.mark(), most=10)
        rig.wait_until(lambda: stage.vhost.depth(LAB) == 1,
                       what="the message, unacked")
        self.permit(stage)
        self.assertEqual(stage.parked(timeout=PATIENCE)[0].id, "bad")
        self.assertEqual(stage.ehr.messages()["bad"]["seen"], 1)

    def test_a_vhost_deleted_and_made_again_is_found_again(self):
        stage, worker = self.running_own()
        mark = worker.mark()
        stage.vhost.remove()
        self.complaint(worker, mark, stage.vhost.name)
        stage.broker.new_vhost(stage.vhost.name)
        stage.permit()
        self.permit(stage)
        rig.wait_until(lambda: LAB in stage.vhost.queues()
                       and stage.vhost.bindings(LAB), PATIENCE,
                       what=worker.story)
        worker.wait(PATIENCE, event="state", part="intake", state="up",
                    since=mark)
        rig.wait_until(lambda: self.is_routed(stage), PATIENCE,
                       what=worker.story)
        self.assert_resumes(stage, worker, ["one"])

    def is_routed(self, stage):
        """Publishes, which its last binding lets happen."""
        try:
            stage.publish([("one", b"x")])
        except pika.exceptions.UnroutableError:
            return False
        return True


class LaterStart(LiveTest):
    has_own_node = True

    def test_a_worker_started_while_the_broker_is_down_finds_it(self):
        stage = self.set_up()
        self.broker.stop()
        try:
            worker = stage.start_any()
            rig.wait_until(lambda: "cannot be reached" in worker.story(),
                           what=worker.story)
        finally:
            self.broker.run()
        worker.wait_ready()
        stage.publish([("one", b"x")])
        stage.wait_accepted(["one"])
        self.assertEqual(worker.stop(), 0)
