# SPDX-License-Identifier: Apache-2.0
"""The doctor finds what makes a broker unsafe: each fault is made on one."""
import shlex

import rig
from stage import LAB
from test_commands import CommandTest

PARKING = LAB + ".parking"


class Doctor(CommandTest):

    def patient(self, **settings):
        """A stage that is set up, and whose queues show their policies."""
        stage = self.set_up(**settings)
        self.with_management(stage)
        self.apply(stage)
        return stage

    def examine(self, stage, *words):
        done = stage.program("doctor", "-c", stage.config, *words)
        self.assertIn(done.returncode, (0, 78), done.stderr)
        unsafe = [line for line in done.stdout.splitlines()
                  if line.startswith("unsafe ")]
        self.assertEqual(done.returncode == 78, bool(unsafe), done.stdout)
        return done.stdout

    def wait_for(self, stage, *parts):
        """The line that has all of these, once the API shows it."""
        found = []

        def is_said():
            found[:] = [line for line in self.examine(stage).splitlines()
                        if all(part in line for part in parts)]
            return bool(found)
        rig.wait_until(is_said, 30, lambda: f"{parts} in\n"
                       + self.examine(stage), every=0.5)
        return found[0]

    def set_policy(self, stage, name, queue, definition, kind="policies"):
        stage.broker.ask("PUT", stage.vhost.path(kind, name), {
            "pattern": f"^({queue})$", "apply-to": "queues",
            "definition": definition})

    def mend(self, line):
        """The command that a line ends with, as rabbitmqctl takes it."""
        words = shlex.split(line.split(" Mend: ")[1])
        self.assertEqual(words[0], "rabbitmqctl")
        self.broker.ctl(*words[1:])

    def test_a_broker_that_is_set_up_is_not_unsafe(self):
        stage = self.patient()
        said = self.examine(stage)
        self.assertRegex(said, r"(?m)^(ok|warn) +broker: RabbitMQ \d")
        self.assertRegex(said, r"(?m)^(ok|warn) +node \S+: ")
        self.assertIn(", 0 unsafe", said)
        self.wait_for(stage, "warn", f"queue {LAB}:", "Nobody consumes")
        stage.start()
        self.wait_for(stage, "ok", f"queue {LAB}:", "1 consumer.")

    def test_what_is_missing_is_unsafe(self):
        stage = self.set_up()
        self.with_management(stage)
        line = self.wait_for(stage, "unsafe", f"queue {PARKING}:")
        self.assertIn(f"Mend: rebound topology apply -c '{stage.config}'",
                      line)
        self.apply(stage)
        self.assertIn(", 0 unsafe", self.examine(stage))

    def test_json_says_the_same(self):
        stage = self.patient()
        stage.vhost.delete_queue(PARKING)
        found = self.run_json(stage, "doctor", code=78)
        grades = [one["finding"] for one in found["findings"]]
        for grade in ("ok", "warn", "unsafe"):
            self.assertEqual(grades.count(grade), found[grade])
        self.assertIn(f"queue {PARKING}",
                      [one["object"] for one in found["findings"]
                       if one["finding"] == "unsafe" and "mend" in one])

    def test_a_policy_that_drops_is_unsafe_and_its_mend_mends(self):
        stage = self.patient()
        self.set_policy(stage, "tidy up", LAB, {"overflow": "drop-head"})
        self.mend(self.wait_for(stage, "unsafe", f"queue {LAB}:",
                                "overflow = drop-head"))
        rig.wait_until(lambda: ", 0 unsafe" in self.examine(stage), 30,
                       what="a broker that is safe again", every=0.5)

    def test_an_operator_policy_is_told_from_a_policy(self):
        stage = self.patient()
        self.set_policy(stage, "short", PARKING, {"message-ttl": 60000},
                        "operator-policies")
        line = self.wait_for(stage, "unsafe", f"queue {PARKING}:",
                             "message-ttl = 60000")
        self.assertIn("clear_operator_policy", line)

    def test_a_delivery_limit_of_a_policy_counts(self):
        stage = self.patient()
        self.set_policy(stage, "few", f"{LAB}|{PARKING}",
                        {"delivery-limit": 3})
        self.wait_for(stage, "warn", f"queue {LAB}:", "in force is 3")
        self.wait_for(stage, "unsafe", f"queue {PARKING}:", "in force is 3")

    def test_another_key_for_dead_letters_is_unsafe(self):
        stage = self.patient()
        self.set_policy(stage, "detour", LAB,
                        {"dead-letter-routing-key": "elsewhere"})
        self.wait_for(stage, "unsafe", f"queue {LAB}:",
                      "dead-letter-routing-key")

    def test_a_queue_of_somebody_else_is_examined(self):
        stage = self.set_up(pipeline={"source": {"queue": "inbox"}})
        self.with_management(stage)
        stage.as_user("guest").declare_queue("inbox", x_message_ttl=60000)
        self.apply(stage)
        self.wait_for(stage, "unsafe", "queue inbox:", "message-ttl")
        self.wait_for(stage, "warn", "queue inbox:", "no quorum queue")

    def test_without_management_it_says_what_it_cannot_see(self):
        stage = self.set_up()
        self.apply(stage)
        said = self.examine(stage)
        self.assertIn("broker: RabbitMQ", said)
        self.assertIn("warn    not seen: ", said)
        self.assertIn("Set broker.management", said)
        stage.vhost.delete_queue(PARKING)
        self.assertIn(f"unsafe  queue {PARKING}: ", self.examine(stage))


class DoctorOfNodes(CommandTest):

    has_own_node = True

    def test_an_alarm_is_found(self):
        stage = self.set_up()
        self.with_management(stage)
        self.apply(stage)
        self.broker.set_alarm(True)
        rig.wait_until(
            lambda: "alarm is on" in stage.program(
                "doctor", "-c", stage.config).stdout, 30,
            what="an alarm", every=0.5)
