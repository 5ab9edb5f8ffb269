#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What ./quickstart shows: real messages, a broker, three downstreams that
misbehave on purpose, and a worker in between. Leaves nothing behind."""
import collections
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

import rig

SAMPLES = rig.ROOT / "samples"
POISON = "DiagnosticReport-gingival-mass.json"
HOPELESS = "message3.hl7"
PATIENCE = 90 * rig.SECOND

# pipeline -> downstream, message type, files.
PIPELINES = {
    "lab-results": ("ehr", "lab.result", "fhir/DiagnosticReport-*.json "
                    "fhir/Observation-b*.json fhir/Observation-e*.json "
                    "fhir/Observation-f*.json fhir/Observation-herd1.json"),
    "vitals": ("monitor", "vitals.reading", "fhir/Observation-*score.json "
               "fhir/Observation-date*.json fhir/Observation-gcs-qa.json "
               "fhir/DeviceMetric-*.json fhir/Medication*.json "
               "fhir/Immunization-*.json fhir/Condition-*.json"),
    "adt": ("billing", "adt", "hl7v2/*.hl7 fhir/A*.json fhir/Claim-*.json "
            "fhir/Encounter-*.json fhir/Ex*.json fhir/P*.json "
            "fhir/ServiceRequest-*.json"),
}

# What is wrong with each downstream, for people and for downstream.py.
TROUBLES = {
    "ehr": ("is in maintenance for six seconds (503); refuses one report for "
            "good (422)", lambda ids: [
                {"id": ids[POISON], "status": 422},
                {"for": 6, "status": 503}]),
    "monitor": ("throttles (429, Retry-After: 3), and cuts responses off in "
                "their headers or bodies", lambda ids: [
                    {"requests": 6, "status": 429, "retry_after": 3},
                    {"seen": "1", "share": 0.3, "do": "cut", "at": "headers"},
                    {"seen": "1", "share": 0.3, "do": "cut", "at": "body"}]),
    "billing": ("resets connections, hangs, and fails each time for one "
                "message", lambda ids: [
                    {"id": ids[HOPELESS], "status": 500},
                    {"seen": "1", "share": 0.4, "do": "reset"},
                    {"seen": "1", "share": 0.5, "do": "hang", "seconds": 5}]),
}

POLICY = {
    "max_attempts": 5,
    "schedule": {"kind": "exponential", "first": "1s", "factor": 2,
                 "max": "4s"},
    "retry_after_ceiling": "8s",
    "errors": [{"name": "schema", "status": [400, 422],
                "class": "permanent"}],
}

REASONS = {"permanent": "it cannot succeed", "attempts": "its tries are used up",
           "ambiguous": "perhaps done", "age": "it is too old"}


class Screen:
    """Lines for people; colours on a terminal alone."""

    CODES = {"green": 32, "yellow": 33, "red": 31, "grey": 90, "bold": 1}

    def __init__(self):
        self.has_colours = (sys.stdout.isatty() and not os.getenv("NO_COLOR")
                            and os.getenv("TERM") != "dumb")
        self.begun = time.monotonic()

    def paint(self, text, colour):
        if not self.has_colours:
            return text
        return f"\033[{self.CODES[colour]}m{text}\033[0m"

    def say(self, text="", colour=None):
        print(self.paint(text, colour) if colour else text, flush=True)

    def event(self, pipeline, text, colour):
        passed = f"{time.monotonic() - self.begun:5.1f} s"
        self.say(f"{self.paint(passed, 'grey')}  {pipeline:<12} "
                 f"{self.paint(text, colour)}")


def plural(count, noun):
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def files_of(pipeline):
    """The bundled messages of a pipeline; none is in two."""
    patterns = PIPELINES[pipeline][2].split()
    return sorted({path for pattern in patterns
                   for path in SAMPLES.glob(pattern)})


class Show:
    """The whole performance."""

    def __init__(self, program, screen):
        self.program = program
        self.screen = screen
        self.folder = rig.new_folder()
        self.config = self.folder / "quickstart.cfg"
        self.names = {}      # message id -> name of its file
        self.homes = {}      # message id -> pipeline
        self.ends = {}       # message id -> ("done" or "park", line of the log)
        self.retried = collections.Counter()  # message id -> tries that failed
        self.unsure = set()  # ids whose downstream may have done its work
        self.read = 0        # lines of the worker's log that were shown
        self.last_status = None

    # --- setting up ------------------------------------------------------------

    def write_config(self, broker):
        self.config.write_text(rig.configuration({
            "broker": {"nodes": [f"amqp://127.0.0.1:{broker.port}"]},
            "downstreams": {
                name: {"url": one.url(), "timeout": "2s", "concurrency": 4}
                for name, one in self.downstreams.items()},
            "pipelines": {
                name: {"deliver_to": [downstream], "policy": "brisk"}
                for name, (downstream, _, _) in PIPELINES.items()},
            "policies": {"brisk": POLICY}}))

    def start(self, broker):
        self.broker = broker
        self.vhost = rig.Vhost(broker, "/")
        self.downstreams = {name: rig.Downstream(seed=3)
                            for name in TROUBLES}
        self.write_config(broker)
        self.worker = rig.Worker(self.program, self.config)
        self.worker.wait_ready(len(PIPELINES))

    def introduce(self):
        say = self.screen.say
        say("Three pipelines, each with a downstream that misbehaves:", "bold")
        for pipeline, (downstream, _, _) in PIPELINES.items():
            say(f"  {pipeline:<12} -> {downstream:<8} "
                f"{TROUBLES[downstream][0]}")
        say("A failed delivery waits in the broker, in a queue that has "
            "nothing but its delay:\n1 s, 2 s, 4 s; what a server asks for "
            "with Retry-After is kept. Five tries, then it is\nparked.")
        say()

    def break_downstreams(self):
        """Sets the rules; their clocks begin here. Rules name message ids,
        so that those are chosen before anything is published."""
        ids = {name: key for key, name in self.names.items()}
        for name, (_, rules) in TROUBLES.items():
            self.downstreams[name].rules(*rules(ids))

    def choose_ids(self):
        for pipeline in PIPELINES:
            for path in files_of(pipeline):
                key = f"{pipeline}-{path.stem}"
                self.names[key] = path.name
                self.homes[key] = pipeline

    def publish(self):
        """With `rebound publish`, as anybody may try it out."""
        for pipeline, (_, kind, _) in PIPELINES.items():
            files = files_of(pipeline)
            for path in files:
                done = self.program(
                    "publish", "-c", self.config, "--pipeline", pipeline,
                    "--type", kind, "--id", f"{pipeline}-{path.stem}", path)
                if done.returncode != 0:
                    raise rig.BrokerError(done.stderr)
            self.screen.event(pipeline, f"{plural(len(files), 'message')} "
                              "published", "bold")

    # --- while it runs ---------------------------------------------------------

    def happening(self, line):
        """(pipeline, what happened, colour) of a line of the log, or None."""
        if line.get("class") == "ambiguous":
            self.unsure.add(line["id"])
        if line["event"] != "verdict" or line.get("id") not in self.names:
            return None
        verdict = line["verdict"]
        if verdict == "retry":
            self.retried[line["id"]] += 1
            return (line["pipeline"], self.describe(line), "yellow")
        if verdict == "done":
            tries = line.get("attempt", 1)
            self.ends.setdefault(line["id"], ("done", line))
            return (line["pipeline"], "delivered" if tries < 2 else
                    f"delivered at try {tries}", "green")
        if verdict == "park":
            self.ends[line["id"]] = ("park", line)
            why = REASONS.get(line["reason"], line["reason"])
            return (line["pipeline"], f"parked, {why} ({line.get('error')})",
                    "red")
        return None

    def describe(self, line):
        """What a retry is for, and where it waits."""
        what = (f"{line['error']}, tried again" if line.get("attempt")
                else "not yet, the server asked for more,")
        return (f"{what} in {line['delay_ms'] / 1000:g} s "
                f"(lane {line.get('lane')})")

    def show_news(self):
        """What happened since the last time, the same told together."""
        lines = self.worker.said(self.read)
        self.read += len(lines)
        news = collections.defaultdict(list)
        for line in lines:
            what = self.happening(line)
            if what is not None:
                news[what].append(self.names[line["id"]])
        for (pipeline, text, colour), names in news.items():
            who = names[0] if len(names) == 1 else plural(len(names),
                                                          "message")
            self.screen.event(pipeline, f"{who}: {text}", colour)

    def show_status(self):
        """What is where, as the broker counts it, when that changed."""
        depths = self.vhost.depths()
        lanes = [f"{name.split('.delay.', 1)[1]}: {depth}"
                 for name, depth in sorted(depths.items())
                 if ".delay." in name and depth]
        parked = sum(depth for name, depth in depths.items()
                     if name.endswith(".parking"))
        done = sum(end == "done" for end, _ in self.ends.values())
        status = (f"delivered {done} of {len(self.names)}; waiting: "
                  f"{', '.join(lanes) or 'none'}; parked {parked}")
        if status != self.last_status:
            self.screen.event("", status, "grey")
        self.last_status = status

    def is_over(self):
        """All messages have come to an end, and no queue but parking holds
        any."""
        depths = self.vhost.depths()
        waiting = sum(depth for name, depth in depths.items()
                      if not name.endswith(".parking"))
        return len(self.ends) == len(self.names) and waiting == 0

    def watch(self):
        due = time.monotonic() + PATIENCE
        while time.monotonic() < due:
            self.show_news()
            self.show_status()
            if self.is_over():
                return
            time.sleep(0.5)

    # --- the account -------------------------------------------------------------

    def received(self):
        """message id -> how often its downstream accepted it."""
        found = collections.Counter()
        for one in self.downstreams.values():
            for key, message in one.messages().items():
                found[key] += message["accepted"]
        return found

    def parked(self, pipeline):
        """Ids in the parking queue, as the broker has them. They stay."""
        found = self.broker.ask("POST", self.vhost.path(
            "queues", f"rebound.{pipeline}.parking") + "/get",
            {"count": 100, "ackmode": "reject_requeue_true",
             "encoding": "base64", "truncate": 1})
        return {one["properties"]["message_id"]:
                one["properties"]["headers"] for one in found or []}

    def account(self):
        """Prints where every message is; True if none is missing."""
        say = self.screen.say
        accepted = self.received()
        missing = []
        say()
        say("Every message, as the downstreams and the broker count them",
            "bold")
        say(f"  {'':<12} {'published':>9} {'delivered':>9} "
            f"{'after retries':>13} {'parked':>6} {'missing':>7}")
        parked = {}
        for pipeline in PIPELINES:
            mine = [key for key, home in self.homes.items()
                    if home == pipeline]
            held = self.parked(pipeline)
            parked.update(held)
            done = [key for key in mine if accepted[key]]
            lost = [key for key in mine
                    if not accepted[key] and key not in held]
            missing += lost
            again = sum(self.retried[key] > 0 for key in done)
            say(f"  {pipeline:<12} {len(mine):>9} {len(done):>9} "
                f"{again:>13} {len(held):>6} {len(lost):>7}")
        self.name_parked(parked)
        self.name_duplicates(accepted, parked)
        for key in missing:
            say(f"  missing: {self.names[key]}", "red")
        return not missing

    def name_parked(self, parked):
        say = self.screen.say
        if parked:
            say("Parked, for a person to decide:", "bold")
        for key, headers in parked.items():
            say(f"  {self.names.get(key, key)}: "
                f"{headers.get('rebound-parked-reason')}, error "
                f"{headers.get('rebound-parked-error')}, after "
                f"{plural(len(headers.get('rebound-journal', [])), 'try')}"
                .replace("trys", "tries"))

    def name_duplicates(self, accepted, parked):
        twice = [self.names[key] for key in self.names
                 if accepted[key] + (key in parked) > 1]
        self.screen.say("Accepted more than once: "
                        + (", ".join(twice) if twice else "none"))
        self.screen.say(
            f"Sent again although the work may have been done (answer cut "
            f"off, reset, or none in\ntime): {len(self.unsure)}, each with "
            "the same Idempotency-Key, by which a downstream can tell.")

    def close(self):
        for one in (getattr(self, "downstreams", None) or {}).values():
            one.stop()
        if hasattr(self, "worker"):
            self.worker.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


NEXT = """
What to type next
  build/rebound --help
  build/rebound publish --help
  ./check                          runs every test

  With a broker on localhost and a service on port 8081, this is a whole
  configuration:

      pipelines = {{ lab-results = {{ deliver_to = [ "http://localhost:8081/" ]; }}; }};

  build/rebound check -c smallest.cfg
  build/rebound run -c smallest.cfg &
  build/rebound publish -c smallest.cfg --pipeline lab-results \\
      samples/fhir/Observation-example.json
  build/rebound explain -c smallest.cfg --status 503 --chart

README.md goes on from there.""".format()


def perform(program):
    screen = Screen()
    show = Show(program, screen)
    try:
        screen.say("Starting a private RabbitMQ node, three downstreams and "
                   "a worker ...")
        with rig.Broker() as broker:
            show.start(broker)
            show.choose_ids()
            show.introduce()
            screen.begun = time.monotonic()
            show.break_downstreams()
            show.publish()
            show.watch()
            is_complete = show.account()
            code = show.worker.stop()
    finally:
        show.close()
    if not is_complete or code != 0:
        screen.say("This is not as it should be.", "red")
        return 1
    screen.say("Nothing is missing. The node, its data and all processes are "
               "gone again.")
    screen.say(NEXT)
    return 0


def main():
    if len(sys.argv) != 2 or not pathlib.Path(sys.argv[1]).exists():
        print("usage: show.py PROGRAM", file=sys.stderr)
        return 64
    rig.heed_signals()
    try:
        return perform(rig.Program(sys.argv[1]))
    except KeyboardInterrupt:
        print("\nStopped; nothing is left behind.")
        return 130
    except (rig.BrokerError, TimeoutError, subprocess.SubprocessError,
            AssertionError) as error:
        print(f"show.py: {error}", file=sys.stderr)
        return 70


if __name__ == "__main__":
    sys.exit(main())
