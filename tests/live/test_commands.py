# SPDX-License-Identifier: Apache-2.0
"""The commands that people type beside `run`: topology and check."""
import json
import re
import secrets

import rig
from stage import LAB, LANE, LiveTest, rights_in

EVENTS = {"source": {"exchange": "clinical-events", "keys": ["lab.#"]}}


class CommandTest(LiveTest):

    def run_it(self, stage, *words, code=0):
        """Runs a command on the stage's configuration; what it printed."""
        done = stage.program(*words, "-c", stage.config)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        for password in stage.broker.passwords.values():
            self.assertNotIn(password, done.stdout + done.stderr)
        return done

    def run_json(self, stage, *words, code=0):
        return json.loads(self.run_it(stage, *words, "--json",
                                      code=code).stdout)

    def complaint(self, stage, *words, code):
        """One sentence, or a few, on standard error, and nothing else."""
        done = self.run_it(stage, *words, code=code)
        self.assertEqual(done.stdout, "")
        self.assertLessEqual(len(done.stderr.splitlines()), 3, done.stderr)
        return done.stderr

    def apply(self, stage):
        done = []

        def is_answered():
            # A node that has just started on a busy machine may be slow to.
            done[:] = [stage.program("topology", "apply", "-c", stage.config)]
            return done[0].returncode != 69
        rig.wait_until(is_answered, 30, what="an answer of the node")
        self.assertEqual(done[0].returncode, 0, done[0].stderr)
        return done[0].stdout

    def with_management(self, stage):
        """A declarer who may also look at the management API."""
        user, password = "declarer-" + stage.vhost.name, secrets.token_hex(8)
        stage.broker.set_user(user, password, "monitoring")
        self.addCleanup(stage.broker.ask, "DELETE", f"/users/{user}")
        stage.write(broker={
            "management": f"http://127.0.0.1:{stage.broker.api}",
            "admin": {"user": user, "password": password}})
        said = self.run_it(stage, "topology", "print", "--permissions").stdout
        stage.vhost.permit(user, *rights_in(said)[user])


class Print(CommandTest):

    def test_it_prints_three_tables_without_a_broker(self):
        stage = self.set_up()
        stage.write(broker={"nodes": ["amqp://127.0.0.1:1"]})
        said = self.run_it(stage, "topology", "print").stdout
        tables = re.findall(r"^(\w+)\n((?:  .*\n)+)", said, re.M)
        rows = {name: body.splitlines() for name, body in tables}
        self.assertEqual(list(rows), ["exchanges", "queues", "bindings"])
        self.assertEqual([len(r) for r in rows.values()], [5, 7, 8], said)
        for row in (rf"^  {LAB}\.delay\.{LANE} +.*x-message-ttl=300 ",
                    rf"^  {LAB}\.in +-> {LAB} +exchange key #$"):
            self.assertRegex(said, re.compile(row, re.M))

    def test_what_is_imported_does_not_differ(self):
        stage = self.set_up()
        self.with_management(stage)
        self.assertEqual(stage.vhost.queues(), {})
        definitions = stage.folder / "definitions.json"
        definitions.write_text(
            self.run_it(stage, "topology", "print", "--json").stdout)
        stage.broker.ctl("import_definitions", definitions)
        found = self.run_json(stage, "topology", "verify")
        self.assertEqual(found["differs"], 0, found)
        for one in found["findings"]:
            if one["finding"] == "unknown":
                self.assertIn("olicies", one["reason"])
        self.assertEqual(found["ok"] + found["unknown"], 20)

    def test_permissions_are_imported_too(self):
        stage = self.set_up()
        given = stage.broker.ask("GET", stage.vhost.path("permissions",
                                                         "worker"))
        stage.vhost.permit("worker", "^$", "^$", "^$")
        definitions = stage.folder / "definitions.json"
        definitions.write_text(self.run_it(
            stage, "topology", "print", "--json", "--permissions").stdout)
        stage.broker.ctl("import_definitions", definitions)
        self.assertEqual(given, stage.broker.ask(
            "GET", stage.vhost.path("permissions", "worker")))

    def test_one_pipeline_is_printed_alone(self):
        stage = self.set_up(pipelines={
            "lab": {"deliver_to": ["ehr"], "policy": "brisk"},
            "orders": {"deliver_to": ["ehr"], "policy": "brisk"}})
        said = self.run_it(stage, "topology", "print", "-p", "orders").stdout
        self.assertIn("rebound.orders.parking", said)
        self.assertNotIn(LAB, said)


class Apply(CommandTest):

    def test_applying_twice_says_the_same(self):
        stage = self.set_up()
        first = self.apply(stage)
        self.assertIn("5 exchanges, 7 queues and 8 bindings", first)
        self.assertEqual(self.apply(stage), first)
        self.assertEqual(self.run_json(stage, "topology", "apply"),
                         {"exchanges": 5, "queues": 7, "bindings": 8})

    def test_a_worker_may_not_and_is_told_what_to_grant(self):
        stage = self.set_up()
        stage.write(broker={"admin": None})
        said = self.complaint(stage, "topology", "apply", code=77)
        for words in ('User "worker"', "configure", "rebound.audit",
                      "rabbitmqctl set_permissions",
                      "rebound topology print --permissions"):
            self.assertIn(words, said)
        self.assertEqual(stage.vhost.queues(), {})

    def test_a_queue_with_another_argument_is_explained(self):
        stage = self.set_up()
        lane = f"{LAB}.delay.{LANE}"
        stage.as_user("guest").declare_queue(
            lane, x_queue_type="quorum", x_message_ttl=999,
            x_dead_letter_exchange=LAB, x_overflow="reject-publish",
            x_dead_letter_strategy="at-least-once",
            x_single_active_consumer=True)
        said = self.complaint(stage, "topology", "apply", code=78)
        for words in (lane, "x-message-ttl", "999", "300", "delete",
                      "delay queue"):
            self.assertIn(words, said)

    def test_a_queue_of_another_type_is_explained(self):
        stage = self.set_up()
        stage.as_user("guest").declare_queue(LAB + ".parking")
        said = self.complaint(stage, "topology", "apply", code=78)
        for words in (LAB + ".parking", "x-queue-type", "quorum", "delete"):
            self.assertIn(words, said)

    def test_a_business_exchange_of_others_has_to_exist(self):
        stage = self.set_up(pipeline=EVENTS)
        said = self.complaint(stage, "topology", "apply", code=78)
        for words in ("clinical-events", "does not exist", "source.exchange"):
            self.assertIn(words, said)
        stage.as_user("guest").declare_exchange("clinical-events")
        self.apply(stage)

    def test_a_queue_of_others_has_to_exist_and_is_left_alone(self):
        stage = self.set_up(pipeline={"source": {"queue": "theirs"}})
        said = self.complaint(stage, "topology", "apply", code=78)
        for words in ("theirs", "does not exist", "source.queue"):
            self.assertIn(words, said)
        stage.as_user("guest").declare_queue("theirs", x_max_length=7)
        self.apply(stage)
        self.assertEqual(stage.vhost.queues()["theirs"]["arguments"],
                         {"x-max-length": 7})


class Verify(CommandTest):

    def differing(self, stage):
        """object -> sentence, of what differs."""
        found = self.run_json(stage, "topology", "verify", code=78)
        return {one["object"]: one["text"] for one in found["findings"]
                if one["finding"] == "differs"}

    def applied(self, **settings):
        stage = self.set_up(**settings)
        self.with_management(stage)
        self.apply(stage)
        return stage

    def only_difference(self, stage, thing, *words):
        differing = self.differing(stage)
        self.assertEqual(list(differing), [thing])
        for word in words:
            self.assertIn(word, differing[thing])

    def test_before_applying_everything_differs(self):
        stage = self.set_up()
        self.with_management(stage)
        self.assertEqual(len(self.differing(stage)), 20)

    def test_a_deleted_queue_is_named(self):
        stage = self.applied()
        stage.vhost.delete_queue(LAB + ".parking")
        differing = self.differing(stage)
        self.assertEqual(set(differing), {
            f"queue {LAB}.parking",
            f"binding {LAB}.parking -> {LAB}.parking"})
        self.assertIn("rebound topology apply",
                      differing[f"queue {LAB}.parking"])

    def test_other_arguments_are_named(self):
        stage = self.applied()
        stage.vhost.delete_queue(LAB)
        guest = stage.as_user("guest")
        guest.declare_queue(
            LAB, x_queue_type="quorum", x_delivery_limit=5,
            x_dead_letter_exchange=LAB + ".parking",
            x_dead_letter_strategy="at-least-once",
            x_overflow="reject-publish")
        guest.bind_queue(LAB, LAB, "")
        self.only_difference(stage, f"queue {LAB}",
                             "x-delivery-limit is 5, and 20 is wanted")

    def test_a_removed_binding_is_named(self):
        stage = self.applied()
        with stage.as_user("guest").channel() as channel:
            channel.exchange_unbind(LAB, LAB + ".in", "#")
        self.only_difference(stage, f"binding {LAB}.in -> {LAB}, key #",
                             "missing", "rebound topology apply")
        self.apply(stage)
        self.run_it(stage, "topology", "verify")

    def test_a_binding_of_former_keys_is_named(self):
        stage = self.set_up(pipeline=EVENTS)
        stage.as_user("guest").declare_exchange("clinical-events")
        self.with_management(stage)
        self.apply(stage)
        stage.settings["pipelines"]["lab"]["source"]["keys"] = ["lab.result"]
        stage.write()
        self.apply(stage)
        self.only_difference(
            stage, f"binding clinical-events -> {LAB}, key lab.#",
            "No setting makes this binding", "remove")

    def test_a_lane_that_no_setting_uses_is_named(self):
        stage = self.applied()
        stage.settings["policies"]["brisk"]["schedule"]["delays"] = ["400ms"]
        stage.write()
        self.apply(stage)
        # A node counts a new queue a moment later.
        rig.wait_until(lambda: "it is empty" in stage.program(
            "topology", "verify", "-c", stage.config).stdout,
                       what="the count of the queue", every=0.3)
        verified = stage.program("topology", "verify", "-c", stage.config)
        self.assertEqual(verified.returncode, 0, verified.stdout)
        for words in (f"unused   queue {LAB}.delay.{LANE}", "it is empty",
                      "rebound topology prune", ", 1 unused"):
            self.assertIn(words, verified.stdout)
        # It stands in no worker's way, that only looks.
        stage.write(declare=False)
        stage.start().stop()

    def test_a_policy_that_drops_messages_is_named(self):
        stage = self.applied()
        stage.broker.ask("PUT", stage.vhost.path("policies", "short"), {
            "pattern": "parking", "apply-to": "queues",
            "definition": {"max-length": 10}})
        # The management API is some seconds late.
        verify = ("topology", "verify", "-c", stage.config)
        rig.wait_until(lambda: stage.program(*verify).returncode == 78,
                       what="the policy to be seen", every=0.3)
        self.only_difference(stage, f"queue {LAB}.parking",
                             "broker policy short", "oldest messages")

    def test_without_management_existence_is_all_that_is_known(self):
        stage = self.set_up()
        self.apply(stage)
        said = self.run_it(stage, "topology", "verify").stdout
        self.assertEqual(said.count("broker.management"), 1, said)
        self.assertIn("0 ok, 0 differ, 13 unknown", said)
        self.assertRegex(said, rf"\n +queue {LAB}\.parking +The parking queue")
        found = self.run_json(stage, "topology", "verify")
        self.assertEqual(found["unknown"], 13)
        for one in found["findings"]:
            self.assertIn("broker.management", one["reason"])

    def test_without_management_what_is_missing_differs(self):
        stage = self.set_up()
        self.apply(stage)
        stage.vhost.delete_queue(LAB)
        self.only_difference(stage, f"queue {LAB}", "does not exist")

    def test_the_management_api_wants_a_tag(self):
        stage = self.set_up()
        stage.write(broker={
            "management": f"http://127.0.0.1:{stage.broker.api}"})
        said = self.complaint(stage, "topology", "verify", code=77)
        self.assertIn("rabbitmqctl set_user_tags declarer monitoring", said)

    def test_a_management_api_that_is_not_there_is_said(self):
        stage = self.set_up()
        stage.write(broker={"management": "http://127.0.0.1:1"})
        said = self.complaint(stage, "topology", "verify", code=69)
        self.assertIn("http://127.0.0.1:1", said)
        self.assertIn("broker.management", said)


class Rights(CommandTest):
    """Those printed suffice, as every test here shows; none is too many."""

    def refused(self, stage, *words, **rights):
        """With these rights the worker ends, and says why."""
        stage.vhost.permit("worker", **{"configure": "^$", **rights})
        worker = stage.start_any()
        self.assertEqual(worker.wait_end(20), 77, worker.story())
        for word in ('"worker"', "set_permissions", *words):
            self.assertIn(word, worker.complaints())

    def test_a_worker_cannot_run_without_reading_its_queue(self):
        self.refused(self.set_up(), f"queue {LAB}", "read", read="^$",
                     write=r"^rebound\.lab\.(delay|parking)$")

    def test_a_worker_cannot_run_without_writing_to_its_delay_exchange(self):
        self.refused(self.set_up(), LAB + ".delay", "write",
                     read=r"^rebound\.lab$", write=r"^rebound\.lab\.parking$")

    def test_a_worker_cannot_run_without_writing_to_its_parking_exchange(self):
        self.refused(self.set_up(), LAB + ".parking", "write",
                     read=r"^rebound\.lab$", write=r"^rebound\.lab\.delay$")

    def test_a_declarer_needs_each_of_its_rights(self):
        stage = self.set_up()
        said = self.run_it(stage, "topology", "print", "--permissions").stdout
        given = rights_in(said)["declarer"]
        for kind, whole in enumerate(given):
            for one in whole[2:-2].split("|"):  # of ^(a|b|c)$
                rest = [r for r in whole[2:-2].split("|") if r != one]
                rights = list(given)
                rights[kind] = f"^({'|'.join(rest)})$"
                stage.vhost.permit("declarer", *rights)
                self.complaint(stage, "topology", "apply", code=77)
                self.forget(stage)
        stage.vhost.permit("declarer", *given)
        self.apply(stage)

    def forget(self, stage):
        """Nothing is declared: some rights are only asked for the first
        time."""
        for name in stage.vhost.queues():
            stage.vhost.delete_queue(name)
        for exchange in stage.broker.ask("GET", stage.vhost.path("exchanges")):
            if exchange["name"].startswith("rebound."):
                stage.broker.ask("DELETE", stage.vhost.path(
                    "exchanges", exchange["name"]))


class Check(CommandTest):

    def test_what_it_prints_is_a_configuration_that_prints_the_same(self):
        stage = self.set_up()
        first = self.run_it(stage, "check", "--print").stdout
        stage.config.write_text(first)
        self.assertEqual(self.run_it(stage, "check", "--print").stdout, first)

    def test_errors_are_an_array_as_json(self):
        stage = self.set_up()
        stage.write(colour="blue", declare="perhaps")
        said = self.run_json(stage, "check", code=78)
        self.assertIs(said["ok"], False)
        self.assertEqual(len(said["errors"]), 2, said)
        lines = stage.config.read_text().splitlines()
        for error in said["errors"]:
            self.assertEqual(error["file"], str(stage.config))
            setting = lines[error["line"] - 1].split()[0]
            self.assertIn(setting, error["text"])

    def test_what_is_right_has_no_errors_as_json(self):
        stage = self.set_up()
        said = self.run_json(stage, "check")
        self.assertIs(said["ok"], True)
        self.assertEqual(said["errors"], [])
        self.assertEqual([p["name"] for p in said["pipelines"]], ["lab"])
        self.assertEqual(said["pipelines"][0]["queues"], 6)

    def test_it_says_what_ambiguous_answers_come_to_unless_idempotent(self):
        stage = self.set_up()
        stage.config.write_text("""
            downstreams = {
              once = { url = "http://h/"; method = "PUT"; };
              twice = { url = "http://h/"; };
              never = { url = "http://h/"; ambiguous = "park"; };
            };
            policies = { p = { types = (
              { match = "rare"; ambiguous = "park"; } ); }; };
            pipelines = {
              a = { deliver_to = "once"; };
              b = { deliver_to = "twice"; };
              c = { deliver_to = "twice"; policy = "p"; };
              d = { deliver_to = "never"; };
              e = { deliver_to = "twice"; };
            };""")
        said = self.run_json(stage, "check")
        self.assertEqual(
            {d["name"]: (d["idempotent"], d.get("ambiguous"))
             for d in said["downstreams"]},
            {"once": (True, None),
             "twice": (False, [{"policy": "built-in", "comes_to": "retry"},
                               {"policy": "p", "comes_to": "both"}]),
             "never": (False, [{"policy": "built-in", "comes_to": "park"}])})
        text = self.run_it(stage, "check").stdout
        self.assertIn("once: PUT, idempotent,", text)
        self.assertEqual(text.count("may be carried out twice"), 2, text)
        self.assertEqual(text.count("are parked, for a person"), 1, text)
        self.assertIn(said["policy_version"], text)


class Usage(CommandTest):
    COMMANDS = ("run", "check", "topology", "explain", "publish")

    def test_help_prints_usage_wherever_it_stands(self):
        for words in [(c,) for c in self.COMMANDS] + [
                ("topology", "print"), ("topology", "apply"),
                ("topology", "verify"), ()]:
            done = self.program(*words, "--help")
            self.assertEqual(done.returncode, 0, words)
            self.assertIn("Usage: rebound", done.stdout, words)
            self.assertIn("xit codes: 0 ", done.stdout, words)
            self.assertEqual(done.stderr, "", words)
            self.assertLessEqual(max(map(len, done.stdout.splitlines())), 80)

    def test_wrong_words_are_wrong_usage_with_a_sentence(self):
        for words in [(c, "--colour") for c in self.COMMANDS] + [
                ("check", "more"), ("run", "more"), ("run", "-c"),
                ("check", "-c"), ("topology",), ("topology", "destroy"),
                ("topology", "print", "more"), ("topology", "-c"),
                ("topology", "apply", "--permissions"),
                ("publish",), ("publish", "-H", "novalue", "x"),
                ("publish", "-", "-"), ("publish", "--id", "a", "x", "y"),
                ("run", "--log-format", "blue"), ("deliver",), ("--colour",)]:
            done = self.program(*words)
            self.assertEqual(done.returncode, 64, (words, done.stderr))
            self.assertEqual(done.stdout, "", words)
            self.assertRegex(done.stderr, r"^rebound.*: .*--help\.$", words)

    def test_an_unknown_pipeline_is_wrong_usage(self):
        stage = self.set_up()
        for words in (("topology", "print"), ("publish", "x"), ("run",)):
            said = self.complaint(stage, *words, "-p", "nobody", code=64)
            self.assertIn('"nobody"', said)

    def test_a_configuration_that_is_not_there_is_named(self):
        for words in (("check",), ("run",), ("topology", "print"),
                      ("publish", "x")):
            done = self.program(*words, "-c", "/nowhere/rebound.cfg")
            self.assertEqual(done.returncode, 78, words)
            self.assertIn("/nowhere/rebound.cfg", done.stderr)

    def test_the_version_is_one_line(self):
        done = self.program("--version")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r"^rebound \d+\.\d+\S*\n$")
