#include "harness/wire/tls.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/wire/dns.hpp"

namespace cambench::analysis {
namespace {

// RFC 8446: record types, handshake types, extensions
enum Record : std::uint8_t { change_cipher_spec = 20, alert = 21, handshake = 22, application = 23 };
enum Handshake : std::uint8_t { client_hello = 1, server_hello = 2, certificate = 11 };
constexpr std::size_t longest_record = 16384 + 2048;

bool is_grease(std::uint16_t value) { return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff); }

void read_server_name(ByteReader value, ClientHello& hello) {
    ByteReader list(value.take(value.u16()));
    while (list.remaining() >= 3 && hello.server_name.empty()) {
        const auto type = list.u8();
        const auto name = list.take(list.u16());
        if (type == 0 && !list.failed()) hello.server_name = plain_name(as_text(name));
    }
}

std::vector<std::uint16_t> read_list(ByteReader list) {
    std::vector<std::uint16_t> values;
    while (list.remaining() >= 2) {
        const auto value = list.u16();
        if (!is_grease(value)) values.push_back(value);
    }
    return values;
}

void read_point_formats(ByteReader value, ClientHello& hello) {
    ByteReader list(value.take(value.u8()));
    while (!list.empty()) hello.point_formats.push_back(list.u8());
}

void read_protocols(ByteReader value, ClientHello& hello) {
    ByteReader list(value.take(value.u16()));
    while (!list.empty() && !list.failed()) {
        const auto name = list.take(list.u8());
        if (!list.failed()) hello.protocols.emplace_back(as_text(name));
    }
}

void read_versions(ByteReader value, ClientHello& hello) {
    ByteReader list(value.take(value.u8()));
    std::vector<std::uint16_t> versions;
    while (list.remaining() >= 2) {
        const auto version = list.u16();
        if (!is_grease(version)) versions.push_back(version);
    }
    if (!versions.empty()) hello.versions = versions;
}

/// One DER element: its tag and content; `in` stands behind it.
struct Der {
    unsigned tag = 0;
    ByteView content;
};
std::optional<Der> read_der(ByteReader& in) {
    const unsigned tag = in.u8();
    std::size_t length = in.u8();
    if (length & 0x80) {
        const auto octets = length & 0x7f;
        if (octets == 0 || octets > 4) return std::nullopt;
        length = 0;
        for (std::size_t i = 0; i < octets; ++i) length = length << 8 | in.u8();
    }
    const auto content = in.take(length);
    if (in.failed()) return std::nullopt;
    return Der{tag, content};
}

/// Walks the nested DER and hands out every element; depth and number bounded.
template <typename Visit>
void walk_der(ByteView bytes, int depth, int& budget, Visit& visit) {
    ByteReader in(bytes);
    std::optional<Der> previous;
    while (!in.empty() && budget-- > 0) {
        const auto element = read_der(in);
        if (!element) return;
        visit(previous, *element);
        const bool constructed = element->tag & 0x20;
        if (constructed && depth > 0) walk_der(element->content, depth - 1, budget, visit);
        previous = element;
    }
}

constexpr std::array alternative_names_oid{std::byte{0x55}, std::byte{0x1d}, std::byte{0x11}};
constexpr std::array common_name_oid{std::byte{0x55}, std::byte{0x04}, std::byte{0x03}};

bool is_oid(const std::optional<Der>& element, ByteView oid) {
    return element && element->tag == 6 &&
           std::equal(element->content.begin(), element->content.end(), oid.begin(), oid.end());
}

std::optional<ServerHello> parse_server_hello(ByteView body) {
    constexpr std::uint16_t supported_versions = 43, shared_key = 41;
    ByteReader in(body);
    ServerHello hello;
    hello.version = in.u16();
    in.skip(32);
    const auto session = in.take(in.u8());
    hello.session_id.assign(session.begin(), session.end());
    hello.cipher = in.u16();
    in.skip(1);
    if (in.failed()) return std::nullopt;
    ByteReader extensions(in.empty() ? ByteView() : in.take(in.u16()));
    while (extensions.remaining() >= 4) {
        const auto type = extensions.u16();
        ByteReader value(extensions.take(extensions.u16()));
        if (type == supported_versions) hello.version = value.u16();
        if (type == shared_key) hello.by_shared_key = true;
    }
    return hello;
}

void read_handshake(std::uint8_t type, ByteView body, std::size_t stream_length, TlsClear& clear) {
    if (type == client_hello && !clear.hello) {
        if (auto hello = parse_client_hello(body)) {
            hello->stream_length = stream_length;
            clear.hello = std::move(hello).value();
        }
    }
    if (type == server_hello && !clear.server_hello) clear.server_hello = parse_server_hello(body);
    if (type == certificate && clear.certificates.empty()) {
        constexpr std::size_t most_certificates = 8;
        ByteReader in(body);
        ByteReader list(in.take(in.u24()));
        while (!list.empty() && clear.certificates.size() < most_certificates) {
            const auto der = list.take(list.u24());
            if (list.failed()) break;
            clear.certificates.emplace_back(der.begin(), der.end());
        }
        if (!clear.certificates.empty())
            clear.certificate_names = certificate_names(clear.certificates.front());
    }
}

/// Takes whole handshake messages from the front of `pending`.
void drain_handshake(Bytes& pending, std::size_t stream_length, TlsClear& clear) {
    while (pending.size() >= 4) {
        ByteReader in(pending);
        const auto type = in.u8();
        const std::size_t length = in.u24();
        if (in.remaining() < length) return;
        read_handshake(type, in.take(length), stream_length, clear);
        pending.erase(pending.begin(), pending.begin() + static_cast<std::ptrdiff_t>(4 + length));
    }
}

/// SSL 2.0's hello, still sent by old stacks that offer newer versions.
bool is_ssl2_hello(ByteView bytes) {
    ByteReader in(bytes);
    const auto length = in.u16();
    const auto type = in.u8();
    const auto version = in.u16();
    return !in.failed() && (length & 0x8000) && (length & 0x7fff) >= 9 && (length & 0x7fff) < 1024 &&
           type == 1 && (version >> 8 == 3 || version == 2);
}

}  // namespace

Result<ClientHello> parse_client_hello(ByteView body) {
    ByteReader in(body);
    ClientHello hello;
    hello.legacy_version = in.u16();
    hello.versions = {hello.legacy_version};
    in.skip(32);
    const auto session = in.take(in.u8());
    hello.session_id.assign(session.begin(), session.end());
    hello.ciphers = read_list(ByteReader(in.take(in.u16())));
    in.skip(in.u8());
    if (in.failed()) return dut_error("torn ClientHello");
    if (in.empty()) return hello;
    ByteReader extensions(in.take(in.u16()));
    if (in.failed()) return dut_error("torn ClientHello");
    while (extensions.remaining() >= 4) {
        const auto type = extensions.u16();
        const ByteReader value(extensions.take(extensions.u16()));
        if (extensions.failed()) return dut_error("torn ClientHello extension");
        if (!is_grease(type)) hello.extensions.push_back(type);
        if (type == 10 || type == 13) {
            ByteReader list(value);
            (type == 10 ? hello.groups : hello.signature_algorithms) =
                read_list(ByteReader(list.take(list.u16())));
        }
        if (type == 11) read_point_formats(value, hello);
        if (type == 0) read_server_name(value, hello);
        if (type == 16) read_protocols(value, hello);
        if (type == 43) read_versions(value, hello);
        if (type == 0xfe0d) hello.encrypted = true;
    }
    return hello;
}

Result<TlsClear> parse_tls(ByteView bytes) {
    TlsClear clear;
    if (is_ssl2_hello(bytes)) {
        clear.is_tls = true;
        return clear;
    }
    ByteReader in(bytes);
    Bytes pending;
    bool ciphered = false;
    while (in.remaining() >= 5) {
        const auto type = in.u8();
        const auto version = in.u16();
        const std::size_t length = in.u16();
        if (type < change_cipher_spec || type > 24 || version >> 8 != 3 || (version & 0xff) > 4 ||
            length > longest_record || length == 0)
            break;
        clear.is_tls = true;
        const auto content = in.take(std::min(length, in.remaining()));
        const bool whole = content.size() == length;
        if (type == change_cipher_spec) clear.cipher_changed = ciphered = true;
        if (type == application) clear.application_data = ciphered = true;
        if (type == alert && !ciphered && whole && length == 2)
            clear.alerts.push_back(tls_alert_name(std::to_integer<std::uint8_t>(content[1])));
        constexpr std::size_t most_records = 32;
        if (ciphered && type != change_cipher_spec && clear.ciphered.size() < most_records)
            clear.ciphered.push_back({type, length});
        if (type == handshake && !ciphered) {
            pending.insert(pending.end(), content.begin(), content.end());
            drain_handshake(pending, in.position(), clear);
        }
    }
    if (!clear.is_tls) return dut_error("no TLS record");
    return clear;
}

std::optional<std::size_t> find_later_tls(ByteView bytes) {
    constexpr std::size_t least = 11;  // of record, message and version
    for (std::size_t i = 1; i + least < bytes.size(); ++i) {
        if (bytes[i] != std::byte{handshake} || bytes[i + 1] != std::byte{3} ||
            std::to_integer<unsigned>(bytes[i + 2]) > 4)
            continue;
        const auto message = std::to_integer<unsigned>(bytes[i + 5]);
        const bool behind_line = bytes[i - 1] == std::byte{'\n'} || bytes[i - 1] == std::byte{'>'};
        if (!behind_line || (message != client_hello && message != server_hello)) continue;
        const auto clear = parse_tls(bytes.subspan(i));
        if (clear && (clear->hello || clear->server_hello)) return i;
    }
    return std::nullopt;
}

std::vector<std::string> certificate_names(ByteView der) {
    std::vector<std::string> alternatives, common;
    int budget = 4000;
    const auto visit = [&](const std::optional<Der>& previous, const Der& element) {
        if (is_oid(previous, common_name_oid) && common.size() < 8)
            common.emplace_back(as_text(element.content));
        if (element.tag != 4 || !is_oid(previous, alternative_names_oid)) return;
        ByteReader in(element.content);
        const auto list = read_der(in);
        ByteReader names(list ? list->content : ByteView());
        while (!names.empty() && alternatives.size() < 100) {
            const auto name = read_der(names);
            if (!name) break;
            if (name->tag == 0x82) alternatives.push_back(plain_name(as_text(name->content)));
        }
    };
    walk_der(der, 12, budget, visit);
    if (!alternatives.empty()) return alternatives;
    return common.empty()
               ? common
               : std::vector{plain_name(common.back())};  // the issuer's name stands before the subject's
}

std::string tls_alert_name(std::uint8_t description) {
    switch (description) {
        case 0:
            return "close_notify";
        case 10:
            return "unexpected_message";
        case 20:
            return "bad_record_mac";
        case 40:
            return "handshake_failure";
        case 42:
            return "bad_certificate";
        case 43:
            return "unsupported_certificate";
        case 44:
            return "certificate_revoked";
        case 45:
            return "certificate_expired";
        case 46:
            return "certificate_unknown";
        case 47:
            return "illegal_parameter";
        case 48:
            return "unknown_ca";
        case 49:
            return "access_denied";
        case 50:
            return "decode_error";
        case 51:
            return "decrypt_error";
        case 70:
            return "protocol_version";
        case 71:
            return "insufficient_security";
        case 80:
            return "internal_error";
        case 86:
            return "inappropriate_fallback";
        case 90:
            return "user_canceled";
        case 109:
            return "missing_extension";
        case 112:
            return "unrecognized_name";
        case 116:
            return "certificate_required";
        case 120:
            return "no_application_protocol";
        default:
            return fmt::format("alert_{}", description);
    }
}

}  // namespace cambench::analysis
