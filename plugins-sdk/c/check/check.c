/* What ruled calls in a check, and what checks call of ruled. */

#include "check.h"

#include <stdlib.h>
#include <string.h>

void exports_ruled_plugin_checker_describe(exports_ruled_plugin_checker_custom_t *out)
{
    static const uint8_t kinds[] = {
        [RULED_CONNECT] = EXPORTS_RULED_PLUGIN_CHECKER_GRANT_KIND_CONNECT,
        [RULED_READ] = EXPORTS_RULED_PLUGIN_CHECKER_GRANT_KIND_READ,
        [RULED_FETCH] = EXPORTS_RULED_PLUGIN_CHECKER_GRANT_KIND_FETCH,
    };
    ruled_describe(&out->about, check.name, check.version, check.summary, check.page, check.options, check.metrics);
    out->default_port.is_some = check.port != 0;
    out->default_port.val = check.port;
    size_t count = 0;
    while (check.needs && check.needs[count].example)
        count++;
    out->needs.ptr = calloc(count + 1, sizeof *out->needs.ptr);
    out->needs.len = count;
    for (size_t at = 0; at < count; at++) {
        out->needs.ptr[at].kind = kinds[check.needs[at].kind];
        out->needs.ptr[at].example = ruled_string(check.needs[at].example);
        out->needs.ptr[at].purpose = ruled_string(check.needs[at].purpose);
    }
}

bool exports_ruled_plugin_checker_check(exports_ruled_plugin_checker_list_setting_t *settings,
                                        exports_ruled_plugin_checker_outcome_t *passed,
                                        exports_ruled_plugin_checker_failure_t *failed)
{
    ruled_begin(settings->ptr, settings->len);
    return ruled_end(check_run(), passed, failed);
}

/* The host takes texts by their length. */
static plugin_string_t borrowed(const char *text)
{
    return (plugin_string_t){(uint8_t *)text, strlen(text)};
}

/* The first of a list, with a NUL. */
static const char *first(plugin_list_string_t *all)
{
    if (all->len == 0)
        return NULL;
    char *text = calloc(all->ptr[0].len + 1, 1);
    memcpy(text, all->ptr[0].ptr, all->ptr[0].len);
    plugin_list_string_free(all);
    return text;
}

/* Whether there is a name; a rule that grants nothing leaves none. */
static bool named(const char *name)
{
    return ruled_io(name != NULL, RULED_PLUGIN_TYPES_IO_ERROR_NOT_GRANTED);
}

/* Files. */

enum { CALL_BYTES_MAX = 1 << 20, ENTRIES_MAX = 10000 };

const char *ruled_first_path(void)
{
    plugin_list_string_t all;
    ruled_plugin_files_granted(&all);
    return first(&all);
}

bool ruled_read(const char *path, size_t at_most, char **content, size_t *length)
{
    if (!named(path))
        return false;
    plugin_string_t name = borrowed(path);
    char *whole = NULL;
    size_t size = 0;
    for (;;) {
        /* One more than may be, to see whether there is more. */
        size_t rest = at_most - size;
        uint32_t wanted = rest < CALL_BYTES_MAX ? (uint32_t)rest + 1 : CALL_BYTES_MAX;
        plugin_list_u8_t part;
        ruled_plugin_types_io_error_t error = 0;
        if (!ruled_io(ruled_plugin_files_read(&name, size, wanted, &part, &error), error)) {
            free(whole);
            return false;
        }
        size_t had = part.len;
        char *larger = realloc(whole, size + had + 1);
        if (!larger)
            abort();
        whole = larger;
        memcpy(whole + size, part.ptr, had);
        size += had;
        plugin_list_u8_free(&part);
        if (size > at_most) {
            free(whole);
            return ruled_io(false, RULED_PLUGIN_TYPES_IO_ERROR_TOO_LONG);
        }
        if (had < wanted)
            break;
    }
    whole[size] = '\0';
    *content = whole;
    *length = size;
    return true;
}

bool ruled_inspect(const char *path, ruled_plugin_files_metadata_t *metadata)
{
    if (!named(path))
        return false;
    plugin_string_t name = borrowed(path);
    ruled_plugin_types_io_error_t error = 0;
    return ruled_io(ruled_plugin_files_inspect(&name, true, metadata, &error), error);
}

bool ruled_count(const char *path, uint32_t levels, ruled_plugin_files_tally_t *tally)
{
    if (!named(path))
        return false;
    plugin_string_t name = borrowed(path);
    ruled_plugin_types_io_error_t error = 0;
    return ruled_io(ruled_plugin_files_count(&name, levels, tally, &error), error);
}

bool ruled_entries(const char *path, ruled_plugin_files_list_entry_t *entries)
{
    if (!named(path))
        return false;
    plugin_string_t name = borrowed(path);
    ruled_plugin_files_listing_t listing;
    ruled_plugin_types_io_error_t error = 0;
    if (!ruled_io(ruled_plugin_files_entries(&name, ENTRIES_MAX, &listing, &error), error))
        return false;
    if (!listing.complete) {
        ruled_plugin_files_listing_free(&listing);
        return ruled_io(false, RULED_PLUGIN_TYPES_IO_ERROR_TOO_LONG);
    }
    *entries = listing.entries;
    return true;
}

/* Requests. */

const char *ruled_first_origin(void)
{
    plugin_list_string_t all;
    ruled_plugin_http_granted(&all);
    return first(&all);
}

bool ruled_get(const char *url, size_t at_most, ruled_plugin_http_response_t *response)
{
    if (!named(url))
        return false;
    ruled_plugin_http_request_t request = {
        .method = borrowed("GET"),
        .url = borrowed(url),
        .redirects_at_most = RULED_REDIRECTS,
    };
    ruled_plugin_types_io_error_t error = 0;
    uint32_t most = at_most < UINT32_MAX ? (uint32_t)at_most : UINT32_MAX;
    return ruled_io(ruled_plugin_http_fetch(&request, most, response, &error), error);
}

/* Connections. */

const char *ruled_first_endpoint(void)
{
    plugin_list_string_t all;
    ruled_plugin_dial_granted(&all);
    return first(&all);
}

bool ruled_open(const char *name, ruled_connection *connection)
{
    if (!named(name))
        return false;
    plugin_string_t text = borrowed(name);
    ruled_plugin_dial_own_connection_t own;
    ruled_plugin_types_io_error_t error = 0;
    if (!ruled_io(ruled_plugin_dial_open(&text, &own, &error), error))
        return false;
    *connection = ruled_plugin_net_borrow_connection(own);
    return true;
}

void ruled_close(ruled_connection connection)
{
    ruled_plugin_net_connection_drop_own((ruled_plugin_net_own_connection_t){connection.__handle});
}
