/* SPDX-License-Identifier: Apache-2.0 */
/*
 * entry.c - where libFuzzer enters: --target=NAME says what it is to break.
 * (It leaves options with two dashes alone.)
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/fuzz/fuzz.h"

#define OPTION "--target="

static const struct fuzz_target *chosen;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	for (int i = 1; i < *argc; i++)
		if (text_starts(text_of((*argv)[i]), OPTION))
			chosen = fuzz_target((*argv)[i] + sizeof(OPTION) - 1);
	if (chosen != NULL)
		return 0;
	fputs("fuzzer: say what to fuzz, with " OPTION "NAME.\n", stderr);
	exit(64);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	chosen->run((struct text){.at = (const char *)bytes, .len = len});
	return 0;
}
