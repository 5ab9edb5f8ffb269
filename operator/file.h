/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file.h - files that a command is given to read.
 */
#ifndef OPERATOR_FILE_H
#define OPERATOR_FILE_H

#include <stddef.h>

/*
 * All of a file, or of standard input for "-", on the heap; *len gets its
 * bytes. NULL, with errno and *len 0, if it cannot be read, or has 1 GiB or
 * more, which no reader of this program takes.
 */
char *file_read(const char *file, size_t *len);

#endif
