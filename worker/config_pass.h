/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_pass.h - the text of a configuration, passed from one process to
 * another.
 *
 *   rebound text 1
 *   F /etc/rebound/rebound.cfg        each file that belongs to it
 *   F /etc/rebound/policies.cfg
 *   @ 1 0                             from line 1 of the first file on:
 *   :prefix = "lab.";                 a line, and those that follow it
 *   @ 1 1
 *   :policies = {
 */
#ifndef WORKER_CONFIG_PASS_H
#define WORKER_CONFIG_PASS_H

#include <stdio.h>

#include "worker/config_text.h"

/* Of one that could not be read whole, the files alone are written. */
void config_pass_write(const struct config_text *text, bool is_whole, FILE *to);

/* The text that was written so, all of it in the arena. False if it is none, or
   not a whole one: *text then has the files that were named, perhaps none. */
bool config_pass_read(struct text passed, struct arena *arena,
		      struct config_text *text);

#endif
