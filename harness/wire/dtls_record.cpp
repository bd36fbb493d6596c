#include "harness/wire/dtls_record.hpp"

namespace cambench::internet {
namespace {

constexpr std::size_t record_head = 13, handshake_head = 12, random_size = 32;

}  // namespace

std::size_t dtls_record_size(ByteView bytes) {
    ByteReader reader(bytes);
    const auto type = reader.u8();
    const auto version = reader.u16();
    reader.skip(8);
    const std::size_t length = reader.u16();
    const bool known =
        type >= 20 && type <= 25 && (version == 0xfeff || version == 0xfefd || version == 0x0100);
    reader.skip(length);
    return known && !reader.failed() ? record_head + length : 0;
}

ByteView dtls_hello_random(ByteView datagram) {
    constexpr std::uint8_t handshake = 22, client_hello = 1;
    if (dtls_record_size(datagram) == 0) return {};
    ByteReader reader(datagram);
    const auto type = reader.u8();
    reader.skip(2);
    const auto epoch = reader.u16();
    reader.skip(8);
    const auto message = reader.u8();
    reader.skip(handshake_head - 1 + 2);
    const auto random = reader.take(random_size);
    return type == handshake && epoch == 0 && message == client_hello && !reader.failed() ? random
                                                                                          : ByteView();
}

bool is_dtls(ByteView datagram) {
    if (datagram.empty()) return false;
    while (!datagram.empty()) {
        const auto size = dtls_record_size(datagram);
        if (size == 0) return false;
        datagram = datagram.subspan(size);
    }
    return true;
}

std::vector<Bytes> dtls_datagrams(ByteView records, std::size_t longest) {
    std::vector<Bytes> datagrams;
    while (!records.empty()) {
        auto size = dtls_record_size(records);
        if (size == 0) size = records.size();
        if (datagrams.empty() || datagrams.back().size() + size > longest) datagrams.emplace_back();
        datagrams.back().insert(datagrams.back().end(), records.begin(),
                                records.begin() + static_cast<std::ptrdiff_t>(size));
        records = records.subspan(size);
    }
    return datagrams;
}

}  // namespace cambench::internet
