#include "harness/analysis/run/deliveries.hpp"
#include "harness/analysis/run/timeline_reader.hpp"
#include "tests/catch.hpp"

using namespace cambench;
using namespace cambench::analysis;

namespace {

Event event(std::string kind, Json fields, std::string destination = "198.18.0.4:443",
            std::string transport = "tcp") {
    fields["destination"] = std::move(destination);
    fields["transport"] = std::move(transport);
    return {Nanoseconds(3), "network", std::move(kind), std::move(fields)};
}

Destination server(const char* address, std::uint16_t port, Transport transport) {
    Destination destination;
    destination.addresses = {IpAddress::parse(address).value()};
    destination.port = port;
    destination.transport = transport;
    return destination;
}

}  // namespace

TEST_CASE("a destination holds what it was sent, alike things once, and how its certificate was taken",
          "[analysis]") {
    DeliveryReader reader;
    for (const auto* digest : {"aa", "bb"})
        reader.take(event("http-request",
                          {{"method", "PUT"}, {"target", "/a"}, {"payload", digest}, {"payload_bytes", 10}}));
    reader.take(event("http-request", {{"method", "GET"}, {"target", "/b"}}));
    reader.take(
        event("media", {{"codec", "H264"}, {"url", "rtsp://x/1"}, {"payload", "cc"}, {"payload_bytes", 7}}));
    const auto refused = tls_outcome(
        event("tls", {{"sni", "a.example"}, {"outcome", "refused by the camera"}, {"alert", "unknown_ca"}}));
    CHECK(refused.reason() == "unknown_ca");
    CHECK(refused.name == "a.example");
    const std::vector<TlsOutcome> handshakes{
        tls_outcome(event("tls", {{"outcome", "established"}, {"version", "TLSv1.3"}})), refused, refused};
    std::vector<Destination> destinations{server("198.18.0.4", 443, Transport::tcp),
                                          server("198.18.0.4", 443, Transport::udp)};
    ReachedBounds bounds;
    reader.finish(destinations, handshakes, bounds);
    CHECK(bounds.all().empty());
    const auto& found = destinations[0];
    REQUIRE(found.deliveries.size() == 3);
    CHECK(found.deliveries[0].what == "PUT /a");
    CHECK(found.deliveries[0].times == 2);
    CHECK(found.deliveries[0].bytes == 20);
    CHECK(found.deliveries[0].payload == "aa");
    CHECK(found.deliveries[1].what == "GET /b");
    CHECK(found.deliveries[1].payload.empty());
    CHECK(found.deliveries[2].what == "stream H264 rtsp://x/1");
    REQUIRE(found.certificates.size() == 2);
    CHECK(found.certificates[0].outcome == "established");
    CHECK(found.certificates[1].alert == "unknown_ca");
    CHECK(found.certificates[1].times == 2);
    CHECK(destinations[1].deliveries.empty());
    CHECK(destinations[1].certificates.empty());
}

TEST_CASE("what a camera sends in ever new words stays bounded, and what is left out is counted",
          "[analysis]") {
    DeliveryReader reader;
    for (int i = 0; i < 1000; ++i)
        reader.take(event("http-request",
                          {{"method", "GET"}, {"target", "/" + std::string(500, 'x') + std::to_string(i)}}));
    for (int i = 0; i < 1000; ++i)
        reader.take(event("http-request", {{"method", "GET"}, {"target", "/" + std::to_string(i)}}));
    reader.take(event("udp", {{"payload", "dd"}}, "not an endpoint", "udp"));
    std::vector<Destination> destinations{server("198.18.0.4", 443, Transport::tcp)};
    ReachedBounds bounds;
    reader.finish(destinations, {}, bounds);
    CHECK(destinations[0].deliveries.size() == 16);
    CHECK(destinations[0].deliveries[0].times == 1000);  // alike as far as they are told
    CHECK(destinations[0].unlisted_deliveries == 985);
}
