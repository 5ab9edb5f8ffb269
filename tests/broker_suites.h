/* SPDX-License-Identifier: Apache-2.0 */
/*
 * broker_suites.h - every suite that needs a real broker, and what they share.
 *
 * REBOUND_TEST_AMQP is "host:port" of a node where guest may do everything.
 * REBOUND_TEST_CTL, if set, is a command that runs rabbitmqctl against that
 * node; the tests that need users, alarms and lists are left out without it.
 */
#ifndef TESTS_BROKER_SUITES_H
#define TESTS_BROKER_SUITES_H

#include <check.h>
#include <stdbool.h>

#include "worker/broker.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

Suite *broker_suite(void);
Suite *broker_errors_suite(void);
Suite *broker_messages_suite(void);
Suite *topology_suite(void);

/* A configuration of the node under test, with login guest; the caller may
   change it. Valid until the next call. */
struct broker_config *rig_config(void);

/* Opens a connection, or fails the test. */
struct broker *rig_open(const char *role);

/* A name no other test uses; in the arena. */
const char *rig_name(struct arena *arena, const char *suffix);

/* Declares a classic queue that goes away by itself, unused for a minute. */
const char *rig_queue(struct broker *broker, struct arena *arena,
		      const char *suffix);

/* The next event, or a failed test after ten seconds. */
struct broker_event rig_event(struct broker *broker);

/* Publishes through the default exchange, or fails the test. */
void rig_publish(struct broker *broker, const char *queue, struct text body);

/* Deletes a "queue" or "exchange", there or not. */
void rig_delete(const char *kind, const char *name);

/* Runs rabbitmqctl with these arguments: its standard output, at most 64 KiB,
   in the arena; NULL if it failed. */
const char *rig_ctl(struct arena *arena, const char *arguments);
bool rig_has_ctl(void);

#endif
