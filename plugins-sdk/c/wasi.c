/*
 * What wasi-libc calls of an operating system. A plugin has none, so these give what there is: the time, random bytes, and
 * the log for what is printed. Everything else fails with ENOSYS, and what ends the program ends the check.
 */

#include "ruled.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wasi/api.h>

#define CALL(name) __imported_wasi_snapshot_preview1_##name

static void print(bool is_error, const uint8_t *text, size_t length)
{
    plugin_string_t line = ruled_utf8(text, length);
    ruled_plugin_log_write(is_error ? RULED_PLUGIN_LOG_LEVEL_WARN : RULED_PLUGIN_LOG_LEVEL_INFO, &line);
    plugin_string_free(&line);
}

int32_t CALL(fd_write)(int32_t file, int32_t pieces, int32_t count, int32_t written)
{
    const __wasi_ciovec_t *piece = (const __wasi_ciovec_t *)(intptr_t)pieces;
    /* What stands on one line comes in several pieces. */
    uint8_t line[1024];
    size_t length = 0, all = 0;
    for (int32_t at = 0; at < count; at++) {
        size_t room = sizeof line - length;
        size_t taken = piece[at].buf_len < room ? piece[at].buf_len : room;
        memcpy(line + length, piece[at].buf, taken);
        length += taken;
        all += piece[at].buf_len;
    }
    while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == '\r'))
        length--;
    if (length > 0)
        print(file == 2, line, length);
    *(__wasi_size_t *)(intptr_t)written = all;
    return 0;
}

int32_t CALL(clock_time_get)(int32_t clock, int64_t precision, int32_t out)
{
    (void)clock, (void)precision;
    plugin_tuple2_u64_u32_t now;
    ruled_plugin_ambient_now(&now);
    *(__wasi_timestamp_t *)(intptr_t)out = now.f0 * 1000000000 + now.f1;
    return 0;
}

int32_t CALL(random_get)(int32_t out, int32_t count)
{
    uint8_t *bytes = (uint8_t *)(intptr_t)out;
    enum { CALL_BYTES_MAX = 4096 };
    for (size_t done = 0; done < (uint32_t)count;) {
        size_t rest = (uint32_t)count - done;
        plugin_list_u8_t some;
        ruled_plugin_ambient_random_bytes(rest < CALL_BYTES_MAX ? rest : CALL_BYTES_MAX, &some);
        memcpy(bytes + done, some.ptr, some.len);
        done += some.len;
        plugin_list_u8_free(&some);
    }
    return 0;
}

/* What ends the program says why: a trap alone carries no text. */
static _Noreturn void end(const char *why)
{
    /* There may be no memory left, so they are not copied; who says more than ASCII sees to it that it is UTF-8. */
    plugin_string_t words = {(uint8_t *)why, strlen(why)};
    ruled_plugin_log_last_words(&words);
    __builtin_trap();
}

_Noreturn void CALL(proc_exit)(int32_t status)
{
    (void)status;
    end("the plugin called exit");
}

/* These two stand in place of those of wasi-libc, which trap without a word. */
_Noreturn void abort(void)
{
    end("the plugin called abort");
}

_Noreturn void __assert_fail(const char *condition, const char *file, int line, const char *function)
{
    char why[512];
    snprintf(why, sizeof why, "%s:%d: in %s, the assertion `%s` does not hold", file, line, function, condition);
    /* A character may stand at the end that was cut. */
    plugin_string_t words = ruled_string(why);
    ruled_plugin_log_last_words(&words);
    __builtin_trap();
}

/* No environment, no arguments. */
int32_t CALL(environ_sizes_get)(int32_t count, int32_t bytes)
{
    *(__wasi_size_t *)(intptr_t)count = 0;
    *(__wasi_size_t *)(intptr_t)bytes = 0;
    return 0;
}

int32_t CALL(environ_get)(int32_t pointers, int32_t bytes)
{
    (void)pointers, (void)bytes;
    return 0;
}

int32_t CALL(fd_close)(int32_t file)
{
    (void)file;
    return __WASI_ERRNO_NOSYS;
}

int32_t CALL(fd_seek)(int32_t file, int64_t offset, int32_t whence, int32_t out)
{
    (void)file, (void)offset, (void)whence, (void)out;
    return __WASI_ERRNO_NOSYS;
}

int32_t CALL(fd_read)(int32_t file, int32_t pieces, int32_t count, int32_t out)
{
    (void)file, (void)pieces, (void)count, (void)out;
    return __WASI_ERRNO_NOSYS;
}

int32_t CALL(fd_fdstat_get)(int32_t file, int32_t out)
{
    (void)file, (void)out;
    return __WASI_ERRNO_NOSYS;
}
