/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		printf("rebound %s\n", REBOUND_VERSION);
		return EX_OK;
	}
	fprintf(stderr, "usage: rebound --version\n");
	return EX_USAGE;
}
