#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the tests against a real broker: starts one private RabbitMQ node, runs
everything in it, and removes it. See tests/README.md."""
import argparse
import multiprocessing
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import rig  # noqa: E402
from results import Count, find_tests, run_tests  # noqa: E402
import stage  # noqa: E402

PROCESSES = 6


def run_share(tests, turn, queue):
    """One process's part: whichever test is next."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    while True:
        with turn.get_lock():
            number = turn.value
            turn.value += 1
        if number >= len(tests):
            return
        run_tests([tests[number]], queue.put)


def run_side_by_side(tests, count):
    """Tests that leave each other alone, several at once."""
    fork = multiprocessing.get_context("fork")
    turn, queue = fork.Value("i", 0), fork.Queue()
    helpers = [fork.Process(target=run_share, args=(tests, turn, queue),
                            daemon=True)  # they end when this one does
               for _ in range(min(PROCESSES, len(tests)))]
    for helper in helpers:
        helper.start()
    left = len(tests)
    while left > 0:
        try:
            count.add(queue.get(timeout=5))
            left -= 1
        except multiprocessing.queues.Empty:
            if not any(helper.is_alive() for helper in helpers):
                count.add(("all tests end", "a test process died", 0, None))
                break
    for helper in helpers:
        helper.join()


class SuitesProgram:
    """A C program that tests against a node of its own, while others run, and
    says what passed. Without one there is nothing to do."""

    def __init__(self, path):
        self.path = path
        self.process = None
        self.broker = None

    def __enter__(self):
        if not self.path.exists():
            return self
        self.broker = rig.Broker()
        self.broker.start()
        self.begun = time.monotonic()
        self.output = tempfile.TemporaryFile("w+", errors="replace")
        self.process = rig.spawn(
            [self.path], stdout=self.output, stderr=subprocess.STDOUT,
            env={**os.environ,
                 "REBOUND_TEST_AMQP": f"127.0.0.1:{self.broker.port}",
                 "REBOUND_TEST_API": f"http://127.0.0.1:{self.broker.api}",
                 "REBOUND_TEST_CTL": str(self.broker.ctl_command())})
        return self

    def __exit__(self, *_):
        rig.end(self.process)
        if self.broker is not None:
            self.broker.remove()

    def finish(self, count):
        if self.process is None:
            return
        code = self.process.wait(300)
        self.output.seek(0)
        text = self.output.read()
        said = re.findall(r"^(\d+) passed, (\d+) failed$", text, re.M)
        passed, failed = map(int, said[-1]) if said else (0, 1)
        if code != 0 and failed == 0:
            failed = 1
        count.passed += passed
        count.failed += failed
        print(f"{'FAIL' if failed else 'ok  '}  "
              f"{time.monotonic() - self.begun:5.1f} s  {self.path.name}: "
              f"{passed} passed, {failed} failed", flush=True)
        if failed:
            print(text)


def parse_arguments():
    parser = argparse.ArgumentParser(
        description="Runs the tests against a private RabbitMQ node.")
    part = parser.add_mutually_exclusive_group()
    part.add_argument("--untimed", action="store_true",
                      help="leave out what measures time, which means "
                      "nothing where a sanitizer slows all down, and what "
                      "takes long")
    part.add_argument("--timed", action="store_true",
                      help="only what --untimed leaves out")
    parser.add_argument("-k", metavar="PATTERN", action="append",
                        help="only tests whose names hold this (* and ? work); "
                             "may be repeated")
    parser.add_argument("--rebound", default=rig.ROOT / "build/rebound",
                        help="the program under test (default: %(default)s)")
    parser.add_argument("--keep", action="store_true",
                        help="show where the node's log is, and wait before "
                             "the node is removed")
    return parser.parse_args()


def is_timed(test):
    return test.is_alone or test.is_long


def run_all(broker, arguments, count):
    stage.add_users(broker)
    stage.LiveTest.broker = broker
    stage.LiveTest.program = rig.Program(arguments.rebound)
    tests = [test for test in find_tests(HERE, arguments.k)
             if not (arguments.untimed and is_timed(test)
                     or arguments.timed and not is_timed(test))]
    # The longest first: they start nodes of their own.
    together = sorted((t for t in tests if not t.is_alone),
                      key=lambda t: not t.has_own_node)
    suites = stage.LiveTest.program.path.parent / "tests/broker_tests"
    if arguments.k or arguments.timed:
        suites = pathlib.Path("/nowhere")
    with SuitesProgram(suites) as program:
        run_side_by_side(together, count)
        program.finish(count)
    run_tests([t for t in tests if t.is_alone], count.add)
    count.try_again(tests)


def main():
    arguments = parse_arguments()
    if not pathlib.Path(arguments.rebound).exists():
        print(f"run.py: {arguments.rebound} is not built yet", file=sys.stderr)
        return 69
    if shutil.which("rabbitmqctl", path=rig.RABBITMQ) is None:
        print("run.py: rabbitmq-server is not installed", file=sys.stderr)
        return 69
    rig.heed_signals()
    count = Count()
    with rig.Broker() as broker:
        run_all(broker, arguments, count)
        if arguments.keep:
            input(f"The node is {broker.name}, its files are in "
                  f"{broker.folder}. Press Enter to remove it. ")
    print(f"{count.passed} passed, {count.failed} failed")
    return 0 if count.failed == 0 and count.passed > 0 else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
