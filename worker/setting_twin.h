/* SPDX-License-Identifier: Apache-2.0 */
/*
 * setting_twin.h - values that stand elsewhere: NAME_env and NAME_file.
 */
#ifndef WORKER_SETTING_TWIN_H
#define WORKER_SETTING_TWIN_H

#include "worker/config_tree.h"
#include "worker/setting.h"

/*
 * The value that a twin stands for, as a text in the arena: that of the
 * environment variable it names; or what is in the file it names, relative to
 * the folder of the file that says so, less one line end. It is hidden: no
 * message repeats it. NULL after a complaint: the variable or file is not
 * there, is empty, or (a file) cannot be read or exceeds 64 KiB.
 */
const struct tree *setting_from_env(struct reading *r,
				    const struct tree *member);
const struct tree *setting_from_file(struct reading *r,
				     const struct tree *member);

#endif
