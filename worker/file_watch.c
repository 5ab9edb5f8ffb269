/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/file_watch.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "worker/mem.h"

/* What tells one state of a file from another. */
struct stamp {
	bool is_there;
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec written; /* mtime */
	struct timespec changed; /* ctime: it cannot be set back */
};

struct watched {
	char *path;
	struct stamp seen;
	struct loop_folder *folder; /* NULL: another file's, or none */
};

struct file_watch {
	struct loop *loop;
	struct loop_timer *timer;
	millis every;
	millis settle;
	loop_callback *callback;
	void *context;
	struct watched *files;
	size_t count;
	bool is_stirring;
};

static struct stamp stamp_of(const char *path)
{
	struct stat status;

	if (stat(path, &status) != 0)
		return (struct stamp){.is_there = false};
	return (struct stamp){
		.is_there = true,
		.device = status.st_dev,
		.inode = status.st_ino,
		.size = status.st_size,
		.written = status.st_mtim,
		.changed = status.st_ctim,
	};
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool same_stamp(const struct stamp *a, const struct stamp *b)
{
	return a->is_there == b->is_there && a->device == b->device &&
	       a->inode == b->inode && a->size == b->size &&
	       same_time(&a->written, &b->written) &&
	       same_time(&a->changed, &b->changed);
}

/* Takes the files as they are; true if one is not what it was. */
static bool differs(struct file_watch *watch)
{
	bool found = false;

	for (size_t i = 0; i < watch->count; i++) {
		struct watched *file = &watch->files[i];
		struct stamp stamp = stamp_of(file->path);

		if (same_stamp(&stamp, &file->seen))
			continue;
		file->seen = stamp;
		found = true;
	}
	return found;
}

/* True if they differ: the wait begins anew. */
static bool look(struct file_watch *watch)
{
	if (!differs(watch))
		return false;
	watch->is_stirring = true;
	loop_timer_set(watch->timer, watch->settle);
	return true;
}

static void on_stir(void *context)
{
	(void)look(context);
}

static void on_time(void *context)
{
	struct file_watch *watch = context;
	bool was_stirring = watch->is_stirring;

	if (look(watch))
		return;
	watch->is_stirring = false;
	loop_timer_set(watch->timer, watch->every);
	if (was_stirring)
		watch->callback(watch->context);
}

struct file_watch *file_watch_new(struct loop *loop, millis every,
				  millis settle, loop_callback *callback,
				  void *context)
{
	struct file_watch *watch = mem_new(sizeof(*watch));

	assert(every > 0 && settle > 0);
	*watch = (struct file_watch){.loop = loop,
				     .every = every,
				     .settle = settle,
				     .callback = callback,
				     .context = context};
	watch->timer = loop_timer_new(loop, on_time, watch);
	loop_timer_set(watch->timer, every);
	return watch;
}

void file_watch_seen(struct file_watch *watch)
{
	(void)differs(watch);
	watch->is_stirring = false;
	loop_timer_set(watch->timer, watch->every);
}

static void forget(struct watched *files, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		loop_folder_free(files[i].folder);
		free(files[i].path);
	}
	free(files);
}

void file_watch_free(struct file_watch *watch)
{
	if (watch == NULL)
		return;
	forget(watch->files, watch->count);
	loop_timer_free(watch->timer);
	free(watch);
}

/* Bytes of the path before its last name; 0: the working directory. */
static size_t folder_len(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return 0;
	return slash == path ? 1 : (size_t)(slash - path);
}

/* Watches the folder of the last file, unless it is that of one before. */
static void watch_folder(struct file_watch *watch)
{
	struct watched *file = &watch->files[watch->count - 1];
	size_t len = folder_len(file->path);
	char *folder = mem_string(len == 0 ? "." : file->path);

	if (len > 0)
		folder[len] = '\0';
	for (size_t i = 0; i + 1 < watch->count; i++) {
		const struct watched *other = &watch->files[i];

		if (other->folder != NULL && folder_len(other->path) == len &&
		    strncmp(other->path, file->path, len) == 0) {
			free(folder);
			return;
		}
	}
	file->folder = loop_folder_new(watch->loop, folder, on_stir, watch);
	free(folder);
}

static struct stamp last_seen(const struct watched *files, size_t count,
			      const char *path)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(files[i].path, path) == 0)
			return files[i].seen;
	return stamp_of(path);
}

void file_watch_set(struct file_watch *watch, const char *const *files,
		    size_t count)
{
	struct watched *old = watch->files;
	size_t old_count = watch->count;

	watch->files = mem_array(count, sizeof(*watch->files));
	for (size_t i = 0; i < count; i++) {
		watch->files[i] = (struct watched){
			.path = mem_string(files[i]),
			.seen = last_seen(old, old_count, files[i]),
		};
		watch->count = i + 1;
		watch_folder(watch);
	}
	forget(old, old_count);
}
