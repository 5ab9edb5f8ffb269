/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain_svg.h - a picture of lives: a row each message type, on one time
 * axis, self-contained (SVG 1.1).
 */
#ifndef OPERATOR_EXPLAIN_SVG_H
#define OPERATOR_EXPLAIN_SVG_H

#include <stdio.h>

#include "operator/explain_life.h"

void explain_svg(const struct explain_case *c,
		 const struct explain_lives *lives, FILE *to);

#endif
