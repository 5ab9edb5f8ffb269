/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_config_folder.h - a folder of its own for a test, to write
 * configurations in; and the sources, wherever they are.
 */
#ifndef TESTS_TEST_CONFIG_FOLDER_H
#define TESTS_TEST_CONFIG_FOLDER_H

#include <stddef.h>

#include "worker/config.h"

/* Makes a new folder the working directory. */
void folder_enter(void);

/* Goes back, and removes the folder with all that is in it. */
void folder_leave(void);

/* Writes a file, readable by its owner alone. */
void folder_write(const char *file, const char *text);

/* All of a file; to be freed. */
char *folder_read(const char *file);

/* The same for a file of the sources. */
char *folder_source(const char *file);

/* Writes c.cfg and reads it. What is wrong, as it is printed, stands in
   folder_said until the next call. NULL if there were errors. */
struct config *folder_load(const char *text);
struct config *folder_load_file(const char *file);
const char *folder_said(void);

/* What config_print says; to be freed. */
char *folder_print(const struct config *config);

#endif
