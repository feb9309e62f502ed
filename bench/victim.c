/* The service that is killed: the first line of main notes the time; then it writes its pid file, in the foreground where
 * the monitor is its parent, or as a daemon where it works by pid files: victim STARTS PIDFILE daemon|foreground. */
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (argc < 4) return 2;
    char line[64];
    int starts = open(argv[1], O_WRONLY | O_CREAT | O_APPEND, 0600);
    int length = snprintf(line, sizeof line, "%lld%09ld\n", (long long)now.tv_sec, now.tv_nsec);
    if (starts < 0 || write(starts, line, length) != length) return 1;
    if (argv[3][0] == 'd') {
        pid_t daemon = fork();
        if (daemon != 0) return daemon < 0;
        setsid();
    }
    int pidfile = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC, 0600);
    length = snprintf(line, sizeof line, "%d\n", (int)getpid());
    if (pidfile < 0 || write(pidfile, line, length) != length) return 1;
    close(starts);
    close(pidfile);
    alarm(1800); /* nothing outlives the measurement */
    for (;;) pause();
}
