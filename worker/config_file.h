/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_file.h - parses configuration files. The only door to libconfig.
 */
#ifndef WORKER_CONFIG_FILE_H
#define WORKER_CONFIG_FILE_H

#include "worker/arena.h"
#include "worker/config_complaint.h"
#include "worker/config_text.h"
#include "worker/config_tree.h"

/*
 * The tree of a text, in the arena; NULL after complaints about what cannot be
 * parsed. Parsing ends at the first syntax error, which is explained with the
 * line it stands on.
 */
struct tree *config_file_parse(const struct config_text *text,
			       struct arena *arena,
			       struct complaints *complaints);

#endif
