/* SPDX-License-Identifier: Apache-2.0 */
/*
 * secret.h - a secret as it stands in a file of its own.
 */
#ifndef WORKER_SECRET_H
#define WORKER_SECRET_H

#include <stdio.h>

#include "worker/arena.h"

/*
 * What is in a secret's file, less one line end, as a text in the arena; never
 * empty. Or NULL, and in *flaw why not, as the end of a sentence, static: it
 * cannot be read, is empty, exceeds 64 KiB, or is no text.
 */
char *secret_in(struct arena *arena, FILE *stream, const char **flaw);

#endif
