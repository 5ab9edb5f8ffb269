/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file_watch.h - files that may change, be replaced, or vanish and come back.
 *
 * The callback is called once the files are not what they were, and have not
 * changed for a while: they are then taken for written.
 *
 *   seen --differs--> stirring --no change for `settle`--> callback --> seen
 *                        ^  |
 *                        +--+ differs again
 *
 * A file is what its path leads to, so that a link that is turned elsewhere
 * counts, as does a file that is renamed over another. The folders of the
 * files tell at once; and since a folder higher up may be replaced, and some
 * file systems tell nobody, all files are looked at every now and then besides.
 */
#ifndef WORKER_FILE_WATCH_H
#define WORKER_FILE_WATCH_H

#include <stddef.h>

#include "policy/millis.h"
#include "worker/loop.h"

struct file_watch;

/* Looks `every` so often, >= 1; waits for `settle` >= 1. No files yet. */
struct file_watch *file_watch_new(struct loop *loop, millis every,
				  millis settle, loop_callback *callback,
				  void *context);
/* Before the loop is freed; not from its callback. Takes NULL. */
void file_watch_free(struct file_watch *watch);

/* What the files are now is what they were: somebody reads them anyway. */
void file_watch_seen(struct file_watch *watch);

/* These are watched from now on. One that was watched before may have changed
   since; another counts as it is now. The paths are copied. Also from the
   callback. */
void file_watch_set(struct file_watch *watch, const char *const *files,
		    size_t count);

#endif
