/* Connections; ruled.h says what these do. */

#include "ruled.h"

#include <stdlib.h>
#include <string.h>

bool ruled_send(ruled_connection connection, const void *data, size_t length)
{
    plugin_list_u8_t bytes = {(uint8_t *)data, length};
    ruled_plugin_types_io_error_t error = 0;
    return ruled_io(ruled_plugin_net_method_connection_send(connection, &bytes, &error), error);
}

bool ruled_send_text(ruled_connection connection, const char *text)
{
    return ruled_send(connection, text, strlen(text));
}

/* Copies what was received, which is never more than was asked for, and frees it. */
static size_t taken(void *data, size_t room, plugin_list_u8_t *bytes)
{
    size_t length = bytes->len < room ? bytes->len : room;
    memcpy(data, bytes->ptr, length);
    plugin_list_u8_free(bytes);
    return length;
}

/* The host counts with 32 bits. */
static uint32_t at_most(size_t room)
{
    return room < UINT32_MAX ? (uint32_t)room : UINT32_MAX;
}

bool ruled_until(ruled_connection connection, const char *delimiter, void *data, size_t room, size_t *length)
{
    plugin_list_u8_t end = {(uint8_t *)delimiter, strlen(delimiter)}, bytes;
    ruled_plugin_types_io_error_t error = 0;
    if (!ruled_io(ruled_plugin_net_method_connection_receive_until(connection, &end, at_most(room), &bytes, &error), error))
        return false;
    *length = taken(data, room, &bytes);
    return true;
}

bool ruled_line(ruled_connection connection, char *line, size_t room)
{
    size_t length;
    if (!ruled_until(connection, "\n", line, room, &length))
        return false;
    /* The end of the line goes, so there is always room for the NUL. */
    if (length > 0)
        length--;
    if (length > 0 && line[length - 1] == '\r')
        length--;
    line[length] = '\0';
    return true;
}

bool ruled_receive(ruled_connection connection, void *data, size_t room, size_t *length)
{
    plugin_list_u8_t bytes;
    ruled_plugin_types_io_error_t error = 0;
    if (!ruled_io(ruled_plugin_net_method_connection_receive(connection, at_most(room), &bytes, &error), error))
        return false;
    *length = taken(data, room, &bytes);
    return true;
}

bool ruled_receive_within(ruled_connection connection, uint32_t wait_ms, void *data, size_t room, size_t *length)
{
    plugin_list_u8_t bytes;
    ruled_plugin_types_io_error_t error = 0;
    if (!ruled_io(ruled_plugin_net_method_connection_receive_within(connection, at_most(room), wait_ms, &bytes, &error),
                  error))
        return false;
    *length = taken(data, room, &bytes);
    return true;
}

bool ruled_exactly(ruled_connection connection, void *data, size_t count)
{
    plugin_list_u8_t bytes;
    ruled_plugin_types_io_error_t error = 0;
    if (!ruled_io(ruled_plugin_net_method_connection_receive_exactly(connection, at_most(count), &bytes, &error), error))
        return false;
    taken(data, count, &bytes);
    return true;
}

bool ruled_all(ruled_connection connection, void *data, size_t room, size_t *length)
{
    plugin_list_u8_t bytes;
    ruled_plugin_types_io_error_t error = 0;
    if (!ruled_io(ruled_plugin_net_method_connection_receive_all(connection, at_most(room), &bytes, &error), error))
        return false;
    *length = taken(data, room, &bytes);
    return true;
}

bool ruled_start_tls(ruled_connection connection)
{
    ruled_plugin_types_io_error_t error = 0;
    return ruled_io(ruled_plugin_net_method_connection_start_tls(connection, &error), error);
}

bool ruled_finish_sending(ruled_connection connection)
{
    ruled_plugin_types_io_error_t error = 0;
    return ruled_io(ruled_plugin_net_method_connection_finish_sending(connection, &error), error);
}
