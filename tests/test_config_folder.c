/* SPDX-License-Identifier: Apache-2.0 */
#define _XOPEN_SOURCE 700 /* for nftw */

#include "tests/test_config_folder.h"

#include <check.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* libconfig 1.5 leaks a text that stands where a name is due. */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
	return "leak:libconfig.so\n";
}

static char folder[64];
static char home[4096];
static char said[65536];

void folder_enter(void)
{
	ck_assert_ptr_nonnull(getcwd(home, sizeof(home)));
	strcpy(folder, "/tmp/rebound-config-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chdir(folder), 0);
}

static int take_away(const char *path, const struct stat *status, int flag,
		     struct FTW *walk)
{
	(void)status;
	(void)flag;
	(void)walk;
	return remove(path);
}

void folder_leave(void)
{
	ck_assert_int_eq(chdir(home), 0);
	nftw(folder, take_away, 8, FTW_DEPTH | FTW_PHYS);
}

void folder_write(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	size_t len = strlen(text);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, len), (ssize_t)len);
	close(fd);
}

char *folder_read(const char *file)
{
	FILE *stream = fopen(file, "r");
	char *text = calloc(1, 200000);

	ck_assert_msg(stream != NULL, "%s cannot be opened", file);
	ck_assert_uint_lt(fread(text, 1, 200000, stream), 200000);
	fclose(stream);
	return text;
}

char *folder_source(const char *file)
{
	const char *top = getenv("srcdir");
	char path[8192];

	if (top == NULL)
		top = "..";
	snprintf(path, sizeof(path), "%s%s%s/%s", *top == '/' ? "" : home,
		 *top == '/' ? "" : "/", top, file);
	return folder_read(path);
}

struct config *folder_load_file(const char *file)
{
	struct config_errors errors;
	struct config *config = config_load(file, &errors);
	FILE *to = fmemopen(said, sizeof(said), "w");

	said[0] = '\0'; /* which nothing written would leave as it was */
	config_errors_print(&errors, to);
	fclose(to);
	config_errors_free(&errors);
	return config;
}

struct config *folder_load(const char *text)
{
	folder_write("c.cfg", text);
	return folder_load_file("c.cfg");
}

const char *folder_said(void)
{
	return said;
}

char *folder_print(const struct config *config)
{
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	config_print(config, to);
	fclose(to);
	return text;
}
