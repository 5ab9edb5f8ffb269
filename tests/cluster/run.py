#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the tests against clusters of three private RabbitMQ nodes, one cluster
for each test. See tests/README.md."""
import argparse
import pathlib
import shutil
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "live")]

import cluster_test  # noqa: E402
import network  # noqa: E402
import rig  # noqa: E402
from results import Count, find_tests, run_tests  # noqa: E402


def parse_arguments():
    parser = argparse.ArgumentParser(
        description="Runs the tests against a cluster of three private "
                    "RabbitMQ nodes: they are killed, stopped and cut off "
                    "under load, and so are workers.")
    parser.add_argument("-k", metavar="PATTERN", action="append",
                        help="only tests whose names hold this (* and ? work); "
                             "may be repeated")
    parser.add_argument("--rebound", default=rig.ROOT / "build/rebound",
                        help="the program under test (default: %(default)s)")
    parser.add_argument("--quick", action="store_true",
                        help="with a sixteenth of the messages, to try it")
    parser.add_argument("--seed", type=int, default=1,
                        help="of the dice that say who is killed, and when")
    parser.add_argument("--logs", metavar="FOLDER",
                        help="where to keep the logs of nodes and workers of "
                             "a test that fails (default: cluster-logs beside "
                             "the program)")
    return parser.parse_args()


def choose(arguments):
    """The tests that can be run here; what cannot is said."""
    found = []
    for test in find_tests(HERE, arguments.k):
        if getattr(test, "needs_network", False) and not network.has():
            print(f"skip  {test.id().split('.', 1)[1]}: no network namespaces "
                  "are allowed here", flush=True)
        else:
            found.append(test)
    return found


def main():
    arguments = parse_arguments()
    program = pathlib.Path(arguments.rebound).resolve()
    if not program.exists():
        print(f"run.py: {program} is not built yet", file=sys.stderr)
        return 69
    if shutil.which("rabbitmqctl", path=rig.RABBITMQ) is None:
        print("run.py: rabbitmq-server is not installed", file=sys.stderr)
        return 69
    network.enter()
    rig.heed_signals()
    shared = cluster_test.ClusterTest
    shared.program = rig.Program(program)
    shared.is_quick = arguments.quick
    shared.seed = arguments.seed
    shared.logs = pathlib.Path(arguments.logs or program.parent
                               / "cluster-logs").resolve()
    count = Count()
    run_tests(choose(arguments), count.add)
    print(f"{count.passed} passed, {count.failed} failed")
    return 0 if count.failed == 0 and count.passed > 0 else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
