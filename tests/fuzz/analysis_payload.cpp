// Every parser of what a camera says, on the same bytes.
#include <cstdint>
#include <cstdlib>

#include "harness/analysis/flows/content.hpp"
#include "harness/analysis/flows/protocol.hpp"
#include "harness/analysis/flows/tls_sessions.hpp"
#include "harness/wire/dhcp.hpp"
#include "harness/wire/dns.hpp"
#include "harness/wire/ethertypes.hpp"
#include "harness/wire/http.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cambench;
    using namespace cambench::analysis;
    const auto bytes = std::as_bytes(std::span(data, size));
    if (const auto dns = parse_dns(bytes)) {
        if (!parse_dns_start(bytes).ok()) std::abort();
        for (const auto& named : named_by(*dns)) (void)plain_name(named.name);
    }
    (void)looks_like_dns(bytes);
    if (const auto dhcp = parse_dhcp(bytes)) (void)dhcp->prefix_length();
    (void)parse_dhcpv6(bytes);
    (void)parse_router_advertisement(1, bytes);
    (void)parse_client_hello(bytes);
    (void)certificate_names(bytes);
    if (const auto tls = parse_tls(bytes); tls && tls->hello && tls->hello->stream_length > size)
        std::abort();
    if (const auto at = find_later_tls(bytes); at && *at >= size) std::abort();
    if (const auto facts = read_certificate(bytes, {Bytes(bytes.begin(), bytes.end())}))
        (void)covers(*facts, "a.example");
    if (const auto tls = parse_tls(bytes)) (void)read_tls_session(*tls, &*tls, true);
    (void)is_ntp_control(bytes);
    for (const std::uint16_t type : {0x0010, 0x88cc, 0x1234}) (void)meaning_of_frame(type, bytes);
    for (const auto& request : parse_http_requests(bytes)) {
        if (request.head_length > size) std::abort();
        (void)is_dns_name(request.host);
    }
    for (const auto transport : {Transport::tcp, Transport::udp}) {
        for (const std::uint16_t port :
             {53, 67, 123, 137, 443, 514, 546, 3544, 4500, 5351, 5353, 5683, 32100, 51820})
            (void)detect_protocol({bytes, bytes, transport, port, 40000, false});
    }
    return 0;
}
