/* What ruled calls in a probe. */

#include "probe.h"

#include <stdlib.h>

void exports_ruled_plugin_prober_describe(exports_ruled_plugin_prober_protocol_t *out)
{
    ruled_describe(&out->about, probe.name, probe.version, probe.summary, probe.page, probe.options, probe.metrics);
    out->transports.ptr = malloc(sizeof *out->transports.ptr);
    out->transports.len = 1;
    out->transports.ptr[0] =
        probe.datagrams ? RULED_PLUGIN_TYPES_TRANSPORT_UDP : RULED_PLUGIN_TYPES_TRANSPORT_TCP;
    out->default_port.is_some = probe.port != 0;
    out->default_port.val = probe.port;
    out->default_tls_port.is_some = probe.tls_port != 0;
    out->default_tls_port.val = probe.tls_port;
    out->start_tls = probe.start_tls;
}

bool exports_ruled_plugin_prober_check(exports_ruled_plugin_prober_own_connection_t connection,
                                       exports_ruled_plugin_prober_list_setting_t *settings,
                                       exports_ruled_plugin_prober_outcome_t *passed,
                                       exports_ruled_plugin_prober_failure_t *failed)
{
    ruled_begin(settings->ptr, settings->len);
    ruled_result result = probe_check(ruled_plugin_net_borrow_connection(connection));
    ruled_plugin_net_connection_drop_own(connection);
    return ruled_end(result, passed, failed);
}
