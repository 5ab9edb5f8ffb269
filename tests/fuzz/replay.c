/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replay.c - gives each target all that is kept in its folder of
 * tests/fuzz/corpus. Files that are given are replayed to the target that is
 * named before them: fuzz_tests NAME FILE...
 *
 * Each input has a process of its own, so that a crash is one failure.
 */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"
#include "worker/mem.h"

#define INPUT_MAX (1 << 20) /* bytes */

struct tally {
	int passed;
	int failed;
};

/* Exactly as large as the file, so that reading beyond it is noticed. */
static struct text read_input(const char *path)
{
	FILE *from = fopen(path, "rb");
	char *bytes = mem_array(INPUT_MAX, 1);

	if (from == NULL) {
		perror(path);
		exit(EXIT_FAILURE);
	}
	size_t len = fread(bytes, 1, INPUT_MAX, from);

	fclose(from);
	return (struct text){.at = mem_resize(bytes, len > 0 ? len : 1, 1),
			     .len = len};
}

static void run_input(const struct fuzz_target *target, const char *path)
{
	struct text input = read_input(path);

	target->run(input);
	free((char *)input.at);
	exit(EXIT_SUCCESS);
}

static void replay(const struct fuzz_target *target, const char *path,
		   struct tally *tally)
{
	int status = -1;
	pid_t child = fork();

	if (child == 0)
		run_input(target, path);
	if (child > 0 && waitpid(child, &status, 0) == child && status == 0) {
		tally->passed++;
		return;
	}
	tally->failed++;
	fprintf(stderr, "fuzz: %s breaks on %s\n", target->name, path);
}

static void replay_folder(const struct fuzz_target *target, const char *top,
			  struct tally *tally)
{
	char path[PATH_MAX];
	int before = tally->passed + tally->failed;

	snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/%s", top,
		 target->name);
	DIR *folder = opendir(path);

	for (struct dirent *entry = folder == NULL ? NULL : readdir(folder);
	     entry != NULL; entry = readdir(folder)) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/%s/%s", top,
			 target->name, entry->d_name);
		replay(target, path, tally);
	}
	if (folder != NULL)
		closedir(folder);
	if (tally->passed + tally->failed > before)
		return;
	fprintf(stderr, "fuzz: %s has no inputs in %s\n", target->name, path);
	tally->failed++;
}

int main(int argc, char **argv)
{
	const char *top = getenv("srcdir");
	const struct fuzz_target *target;
	struct tally tally = {0};

	target = argc > 1 ? fuzz_target(argv[1]) : NULL;
	for (int i = 2; target != NULL && i < argc; i++)
		replay(target, argv[i], &tally);
	for (size_t i = 0; argc == 1 && fuzz_target_at(i) != NULL; i++)
		replay_folder(fuzz_target_at(i), top == NULL ? ".." : top,
			      &tally);
	printf("%d passed, %d failed\n", tally.passed, tally.failed);
	return tally.failed > 0 || tally.passed == 0 ? EXIT_FAILURE
						     : EXIT_SUCCESS;
}
