#include "bench/internet/services/names/local_names.hpp"
#include "harness/wire/dns_message.hpp"
#include "harness/wire/protocols.hpp"

namespace cambench::internet {
namespace {

constexpr std::uint16_t mdns_port = 5353, llmnr_port = 5355;
constexpr std::size_t most_names = 32;

/// A name with its compression undone; the reader stands behind it.
std::string take_name(ByteReader& reader) {
    std::string name;
    std::optional<std::size_t> back;
    for (unsigned steps = 0; steps < 64 && !reader.failed() && name.size() < 256; ++steps) {
        const std::size_t size = reader.u8();
        if (size == 0) break;
        if ((size & 0xc0) == 0xc0) {
            const auto target = (size & 0x3f) << 8 | reader.u8();
            if (!back) back = reader.position();
            reader.seek(target);
            continue;
        }
        if (!name.empty()) name += '.';
        name += as_text(reader.take(size));
    }
    if (back) reader.seek(*back);
    return name;
}

}  // namespace

bool record_local_name(World& world, const Flow& flow, ByteView datagram) {
    const auto port = flow.destination.port;
    if (port != mdns_port && port != llmnr_port) return false;
    ByteReader reader(datagram);
    reader.skip(2);
    const auto flags = reader.u16(), questions = reader.u16(), answers = reader.u16();
    reader.skip(4);
    std::vector<std::string> asked, told;
    for (unsigned i = 0; i < questions && asked.size() < most_names && !reader.failed(); ++i) {
        const auto name = take_name(reader);
        asked.push_back(name + " " + dns::type_name(reader.u16()));
        reader.skip(2);
    }
    for (unsigned i = 0; i < answers && told.size() < most_names && !reader.failed(); ++i) {
        const auto name = take_name(reader);
        told.push_back(name + " " + dns::type_name(reader.u16()));
        reader.skip(6);
        reader.skip(reader.u16());
    }
    auto fields = flow_fields(world, flow, port == mdns_port ? protocol::mdns : protocol::llmnr);
    fields.flag("response", (flags & 0x8000) != 0).texts("questions", asked).texts("answers", told);
    if (reader.failed()) fields.text("malformed", "ends too early");
    world.record("local-name", fields, datagram);
    return true;
}

}  // namespace cambench::internet
