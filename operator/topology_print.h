/* SPDX-License-Identifier: Apache-2.0 */
/*
 * topology_print.h - plans, permissions and findings, for people to read.
 */
#ifndef OPERATOR_TOPOLOGY_PRINT_H
#define OPERATOR_TOPOLOGY_PRINT_H

#include <stdio.h>

#include "worker/json.h"
#include "worker/topology.h"
#include "worker/topology_permissions.h"

/* Exchanges, queues and bindings, as three tables. */
void print_topology(const struct topology *topology, FILE *to);

/* The same permissions twice: a table, in comments, and the rabbitmqctl
   commands that grant them, ready for a shell. */
void print_permissions(const struct topology_permissions *permissions,
		       const char *vhost, FILE *to);

/* One line a finding, with the sentence of each that differs below it; then
   each reason for which something is unknown, once, with a table of the
   objects; and a line that counts. */
void print_findings(const struct findings *findings, FILE *to);

/* The same as JSON, each finding by itself. Owned by the caller. */
struct json *findings_json(const struct findings *findings);

#endif
