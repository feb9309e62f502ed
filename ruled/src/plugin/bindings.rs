//! Generated from the WIT: the host's traits for what guests import, and the calls of what they export.

#![allow(missing_docs, unreachable_pub, reason = "generated code; the WIT documents it")]

wasmtime::component::bindgen!({
    path: "../plugins-sdk/wit/since-0.1",
    world: "probe",
    imports: {
        // Only what waits needs a fiber's switch; the others are plain calls.
        "ruled:plugin/net.[method]connection.send": async | trappable,
        "ruled:plugin/net.[method]connection.receive": async | trappable,
        "ruled:plugin/net.[method]connection.start-tls": async | trappable,
        "ruled:plugin/net.[method]connection.reopen": async | trappable,
        "ruled:plugin/net.[method]connection.receive-within": async | trappable,
        "ruled:plugin/net.[method]connection.receive-exactly": async | trappable,
        "ruled:plugin/net.[method]connection.receive-until": async | trappable,
        "ruled:plugin/net.[method]connection.receive-all": async | trappable,
        "ruled:plugin/net.[method]connection.finish-sending": async | trappable,
        default: trappable,
    },
    exports: { default: async },
    with: {
        "ruled:plugin/net.connection": crate::plugin::connection::Connection,
        "ruled:plugin/digests.digest": crate::plugin::digests::Digest,
    },
});

/// What checks of one's own have and probes have not. The other interfaces are those of probes.
pub mod checks {
    wasmtime::component::bindgen!({
        path: "../plugins-sdk/wit/since-0.1",
        world: "check-with-everything",
        imports: {
            "ruled:plugin/dial.open": async | trappable,
            "ruled:plugin/files.inspect": async | trappable,
            "ruled:plugin/files.read": async | trappable,
            "ruled:plugin/files.entries": async | trappable,
            "ruled:plugin/files.count": async | trappable,
            "ruled:plugin/http.fetch": async | trappable,
            default: trappable,
        },
        exports: { default: async },
        with: {
            "ruled:plugin/types": crate::plugin::bindings::ruled::plugin::types,
            "ruled:plugin/log": crate::plugin::bindings::ruled::plugin::log,
            "ruled:plugin/ambient": crate::plugin::bindings::ruled::plugin::ambient,
            "ruled:plugin/patterns": crate::plugin::bindings::ruled::plugin::patterns,
            "ruled:plugin/digests": crate::plugin::bindings::ruled::plugin::digests,
            "ruled:plugin/net": crate::plugin::bindings::ruled::plugin::net,
        },
    });
}
