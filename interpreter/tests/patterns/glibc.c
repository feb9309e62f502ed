/*
 * What glibc says of the patterns in glibc.tsv: reads the table and writes it again with its verdicts.
 *
 *     cc -O2 -o /tmp/glibc glibc.c && /tmp/glibc < glibc.tsv > new.tsv
 *
 * A line `texts:` holds the texts that the patterns below it are tried on. A line of a pattern holds the pattern and
 * a verdict, which is replaced: `error` when regcomp refuses the pattern, `slow` when glibc takes too long, or one
 * digit for each text. Columns are separated by tabs; `%25` is the byte of that hexadecimal number. Other lines are
 * copied.
 */
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define TEXTS_MAX 32
#define TEXTS_PREFIX "texts:"
/* What one pattern may take; some make glibc run for minutes, or take all memory. */
#define PROCESSOR_MICROSECONDS 500000
#define MEMORY_BYTES (1UL << 30)

/* The byte whose hexadecimal number begins here. */
static char numbered(const char *digits) {
    char number[3] = {digits[0], digits[0] ? digits[1] : 0, 0};
    return (char)strtol(number, NULL, 16);
}

/* A copy of a column in which `%25` and its like are bytes. */
static char *decoded(const char *column) {
    char *bytes = malloc(strlen(column) + 1), *end = bytes;
    for (; *column; column++) {
        if (*column == '%' && column[1] && column[2]) {
            *end++ = numbered(column + 1);
            column += 2;
        } else {
            *end++ = *column;
        }
    }
    *end = 0;
    return bytes;
}

/* Prints the verdict on a pattern, in a process of its own. */
static void judge(const char *pattern, char **texts, size_t text_count) {
    struct itimerval processor = {.it_value = {.tv_usec = PROCESSOR_MICROSECONDS}};
    struct rlimit memory = {.rlim_cur = MEMORY_BYTES, .rlim_max = MEMORY_BYTES};
    setitimer(ITIMER_PROF, &processor, NULL);
    setrlimit(RLIMIT_AS, &memory);
    regex_t compiled;
    if (regcomp(&compiled, pattern, REG_EXTENDED | REG_NOSUB)) {
        printf("error");
        return;
    }
    for (size_t text = 0; text < text_count; text++)
        putchar(regexec(&compiled, texts[text], 0, NULL, 0) ? '0' : '1');
}

int main(void) {
    char *line = NULL, *texts[TEXTS_MAX];
    size_t size = 0, text_count = 0;
    while (getline(&line, &size, stdin) > 0) {
        line[strcspn(line, "\n")] = 0;
        char *tab = strchr(line, '\t');
        if (line[0] == '#' || !tab) {
            puts(line);
            continue;
        }
        if (!strncmp(line, TEXTS_PREFIX, strlen(TEXTS_PREFIX))) {
            puts(line);
            while (text_count > 0)
                free(texts[--text_count]);
            for (char *column = tab; column && text_count < TEXTS_MAX;) {
                column++;
                char *next = strchr(column, '\t');
                if (next)
                    *next = 0;
                texts[text_count++] = decoded(column);
                column = next;
            }
            continue;
        }
        *tab = 0;
        printf("%s\t", line);
        fflush(stdout);
        int status;
        pid_t child = fork();
        if (child == 0) {
            judge(decoded(line), texts, text_count);
            fflush(stdout);
            _exit(0);
        }
        if (waitpid(child, &status, 0) != child)
            return 1;
        puts(WIFEXITED(status) ? "" : "slow");
    }
    return 0;
}
