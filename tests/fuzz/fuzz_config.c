/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_config.c - the promises of worker/config.h, for a file of any bytes. */
#define _GNU_SOURCE /* for memfd_create */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"
#include "worker/config.h"

/* libconfig 1.5 leaks a text that stands where a name is due. */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
	return "leak:libconfig.so\n";
}

/* Reads the bytes as a file. A file in memory, so that no disk is worn. */
static struct config *load(struct text bytes, struct config_errors *errors)
{
	char path[64];
	int fd = memfd_create("rebound.cfg", 0);

	fuzz_expect(fd >= 0 && write(fd, bytes.at, bytes.len) ==
				       (ssize_t)bytes.len,
		    "there is a file");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	struct config *config = config_load(path, errors);

	close(fd);
	return config;
}

static void check_errors(const struct config_errors *errors, bool is_good)
{
	size_t wrong = 0;

	for (size_t i = 0; i < errors->count; i++) {
		fuzz_expect(errors->errors[i].text != NULL &&
				    *errors->errors[i].text != '\0',
			    "an error has a text");
		wrong += !errors->errors[i].is_warning;
	}
	fuzz_expect(is_good == (wrong == 0),
		    "a file is refused if, and only if, something is wrong");
}

static char *print(const struct config *config)
{
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	fuzz_expect(to != NULL, "there is memory");
	config_print(config, to);
	fclose(to);
	return text;
}

/* What is printed is read again, and is then printed just so. */
static void check_print(const struct config *config)
{
	char *printed = print(config);
	char version[POLICY_VERSION_MAX];
	char version_again[POLICY_VERSION_MAX];
	struct config_errors errors;
	struct config *again = load(text_of(printed), &errors);

	if (again == NULL)
		config_errors_print(&errors, stderr);
	fuzz_expect(again != NULL, "what is printed can be read");
	char *twice = print(again);

	if (strcmp(printed, twice) != 0)
		fprintf(stderr, "%s--- and then ---\n%s", printed, twice);
	fuzz_expect(strcmp(printed, twice) == 0,
		    "what is printed is the same configuration");
	fuzz_expect(strcmp(config_policy_version(config, version),
			   config_policy_version(again, version_again)) == 0,
		    "and has the same version of the policies");
	config_errors_free(&errors);
	config_free(again);
	free(twice);
	free(printed);
}

void fuzz_config(struct text input)
{
	struct config_errors errors;
	struct config *config = load(input, &errors);

	check_errors(&errors, config != NULL);
	config_errors_free(&errors);
	if (config != NULL)
		check_print(config);
	config_free(config);
}
