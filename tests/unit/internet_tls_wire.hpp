#pragma once

#include <openssl/ssl.h>

#include <string>

#include "bench/internet/world/dialogue.hpp"

namespace cambench::internet {

/// Carries bytes between a client's TLS over memory and a dialogue, to and fro until the client has none, and
/// goes on with its handshake. True when the dialogue closed.
inline bool carry(SSL* client, BIO* from_server, BIO* to_server, StreamDialogue& dialogue) {
    bool closed = false;
    for (int i = 0; i < 20; ++i) {
        char* data = nullptr;
        const auto size = BIO_get_mem_data(to_server, &data);
        if (size <= 0) break;
        const std::string bytes(data, static_cast<std::size_t>(size));
        (void)BIO_reset(to_server);
        Output output;
        dialogue.received(as_bytes(bytes), output);
        closed = closed || output.close;
        if (!output.bytes.empty())
            BIO_write(from_server, output.bytes.data(), static_cast<int>(output.bytes.size()));
        if (SSL_is_init_finished(client) == 0) (void)SSL_do_handshake(client);
    }
    return closed;
}

}  // namespace cambench::internet
