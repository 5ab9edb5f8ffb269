/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core.h - the worker: everything that `rebound run` does.
 *
 *              intake (one a pipeline)      outlet        mender
 *   events ->        |                        |             |
 *                    v                        v             v
 *   core: loop -- engine -- policy -- http -- log
 *
 * The calling thread becomes the core: it owns the loop, and decides. Its life:
 *
 *   STARTING   the topology is declared, or compared with the broker
 *   RUNNING    messages are delivered
 *   STOPPING   after a signal: what is in flight is finished, the rest is left
 *              to the broker
 *
 * Policies that have changed are read again on SIGHUP, and when a file of the
 * configuration is no longer what it was (core_reload.c).
 *
 * Starting waits for a broker that cannot be reached, for ever; it ends with
 * what cannot mend itself: a refused login, an unknown vhost, a missing right
 * (EX_NOPERM), a topology that differs (EX_CONFIG).
 */
#ifndef WORKER_CORE_H
#define WORKER_CORE_H

#include "worker/config.h"
#include "worker/log.h"

/*
 * Runs until a SIGTERM or SIGINT; a second one leaves at once. `only` is the
 * one pipeline to run, or NULL for all. Returns an exit code of <sysexits.h>;
 * why it is not EX_OK has then been said on standard error.
 */
int core_run(const struct config *config, const struct pipeline_config *only,
	     struct log *log);

#endif
