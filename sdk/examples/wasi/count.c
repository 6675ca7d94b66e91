/* Counts lines, words and bytes of the files it is given, else of its input, as wc does. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static void count(FILE* from, const char* name) {
    unsigned long lines = 0, words = 0, bytes = 0;
    int inside = 0;
    for (int letter; (letter = fgetc(from)) != EOF; ++bytes) {
        lines += letter == '\n';
        words += !isspace(letter) && !inside;
        inside = !isspace(letter);
    }
    printf("%lu %lu %lu%s%s\n", lines, words, bytes, name[0] != '\0' ? " " : "", name);
}

int main(int argc, char** argv) {
    int failed = 0;
    if (argc < 2) count(stdin, "");
    for (int i = 1; i < argc; ++i) {
        FILE* file = fopen(argv[i], "r");
        if (file == NULL) {
            fprintf(stderr, "%s: %s\n", argv[i], strerror(errno));
            failed = 1;
            continue;
        }
        count(file, argv[i]);
        fclose(file);
    }
    return failed;
}
