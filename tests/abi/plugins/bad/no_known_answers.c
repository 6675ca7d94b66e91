/* A primitive that nobody can verify. */
#define ANSWERS 0
#include "wrong_known_answer.c"
