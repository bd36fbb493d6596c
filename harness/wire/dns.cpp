#include "harness/wire/dns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "harness/core/text.hpp"

namespace cambench::analysis {
namespace {

// https://www.iana.org/assignments/dns-parameters
enum Type : std::uint16_t {
    a = 1,
    ns = 2,
    cname = 5,
    soa = 6,
    ptr = 12,
    mx = 15,
    txt = 16,
    aaaa = 28,
    srv = 33,
    naptr = 35,
    dname = 39,
    svcb = 64,
    https = 65,
    any = 255
};
constexpr int most_pointers = 64;
constexpr std::size_t longest_name = 255;

void append_label(std::string& name, ByteView label) {
    if (!name.empty()) name += '.';
    for (const auto byte : label) {
        const auto c = std::to_integer<unsigned char>(byte);
        const bool plain =
            (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '*';
        if (c >= 'A' && c <= 'Z')
            name += static_cast<char>(c + ('a' - 'A'));
        else if (plain)
            name += static_cast<char>(c);
        else
            name += fmt::format("\\{:03}", c);
    }
}

/// Reads a name with compression; `in` stands behind it afterwards.
std::optional<std::string> read_name(ByteReader& in) {
    std::string name;
    std::optional<std::size_t> resume;
    std::size_t octets = 0;
    for (int pointers = 0; !in.failed();) {
        const auto length = in.u8();
        if (in.failed()) return std::nullopt;
        if (length == 0) break;
        if ((length & 0xc0) == 0xc0) {
            const std::size_t target = (length & 0x3fU) << 8 | in.u8();
            if (!resume) resume = in.position();
            if (++pointers > most_pointers) return std::nullopt;
            in.seek(target);
            continue;
        }
        if ((length & 0xc0) != 0 || (octets += length + 1U) > longest_name) return std::nullopt;
        append_label(name, in.take(length));
    }
    if (in.failed()) return std::nullopt;
    if (resume) in.seek(*resume);
    return name;
}

/// ipv4hint (4) and ipv6hint (6) of RFC 9460.
void read_service_hints(ByteReader& in, std::size_t end, DnsRecord& record) {
    while (in.position() + 4 <= end && !in.failed()) {
        const auto key = in.u16();
        ByteReader value(in.take(in.u16()));
        while (key == 4 && value.remaining() >= 4) record.addresses.push_back(IpAddress::v4(value.take(4)));
        while (key == 6 && value.remaining() >= 16) record.addresses.push_back(IpAddress::v6(value.take(16)));
    }
}

bool read_data(ByteReader& in, DnsRecord& record, std::size_t length) {
    const auto end = in.position() + length;
    std::optional<std::string> target = "";
    switch (record.type) {
        case a:
            if (length != 4) return false;
            record.addresses.push_back(IpAddress::v4(in.take(4)));
            break;
        case aaaa:
            if (length != 16) return false;
            record.addresses.push_back(IpAddress::v6(in.take(16)));
            break;
        case cname:
        case dname:
        case ns:
        case ptr:
            target = read_name(in);
            break;
        case mx:
            in.skip(2);
            target = read_name(in);
            break;
        case srv:
            in.skip(4);
            record.port = in.u16();
            target = read_name(in);
            break;
        case svcb:
        case https:
            in.skip(2);
            target = read_name(in);
            if (target) read_service_hints(in, end, record);
            break;
        default:
            break;
    }
    if (!target) return false;
    record.target = *target;
    in.seek(end);
    return !in.failed();
}

bool read_record(ByteReader& in, DnsRecord& record) {
    const auto owner = read_name(in);
    if (!owner) return false;
    record.owner = *owner;
    record.type = in.u16();
    in.skip(2);
    record.ttl = in.u32();
    const auto length = in.u16();
    return !in.failed() && length <= in.remaining() && read_data(in, record, length);
}

struct Parsed {
    DnsMessage message;
    bool questions_whole = false;
    bool whole = false;
};

Parsed parse(ByteView bytes) {
    Parsed parsed;
    auto& message = parsed.message;
    ByteReader in(bytes);
    message.id = in.u16();
    const auto flags = in.u16();
    message.response = flags & 0x8000;
    message.opcode = flags >> 11 & 0xf;
    message.truncated = flags & 0x0200;
    message.rcode = flags & 0xf;
    const auto questions = in.u16();
    const std::array<std::uint16_t, 3> counts{in.u16(), in.u16(), in.u16()};
    if (in.failed()) return parsed;
    for (unsigned i = 0; i < questions; ++i) {
        const auto name = read_name(in);
        if (!name) return parsed;
        message.questions.push_back({*name, in.u16()});
        in.skip(2);
        if (in.failed()) return parsed;
    }
    parsed.questions_whole = true;
    for (unsigned section = 0; section < counts.size(); ++section) {
        for (unsigned i = 0; i < counts[section]; ++i) {
            DnsRecord record;
            record.section = static_cast<DnsRecord::Section>(section);
            if (!read_record(in, record)) return parsed;
            message.records.push_back(std::move(record));
        }
    }
    parsed.whole = true;
    return parsed;
}

}  // namespace

Result<DnsMessage> parse_dns(ByteView bytes) {
    auto parsed = parse(bytes);
    if (!parsed.whole) return dut_error("torn DNS message");
    return std::move(parsed.message);
}

Result<DnsMessage> parse_dns_start(ByteView bytes) {
    auto parsed = parse(bytes);
    if (!parsed.questions_whole) return dut_error("torn DNS message");
    return std::move(parsed.message);
}

bool looks_like_dns(ByteView bytes) {
    if (bytes.size() < 17) return false;
    ByteReader in(bytes);
    in.skip(2);
    const auto flags = in.u16();
    const auto questions = in.u16();
    if (questions != 1 || (flags >> 11 & 0xf) != 0 || (flags & 0x0040) != 0)
        return false;  // a standard query; the reserved bit is zero
    const auto message = parse_dns(bytes);
    if (!message) return false;
    const auto& question = message->questions.front();
    if (!message->response && message->rcode != 0) return false;
    return !question.name.empty() && question.name.find('\\') == std::string::npos &&
           (question.type <= 65 || question.type == any);
}

std::string dns_type_name(std::uint16_t type) {
    switch (type) {
        case a:
            return "A";
        case ns:
            return "NS";
        case cname:
            return "CNAME";
        case soa:
            return "SOA";
        case ptr:
            return "PTR";
        case mx:
            return "MX";
        case txt:
            return "TXT";
        case aaaa:
            return "AAAA";
        case srv:
            return "SRV";
        case naptr:
            return "NAPTR";
        case dname:
            return "DNAME";
        case svcb:
            return "SVCB";
        case https:
            return "HTTPS";
        case any:
            return "ANY";
        default:
            return fmt::format("TYPE{}", type);
    }
}

std::string plain_name(std::string_view name) {
    if (name.ends_with('.')) name.remove_suffix(1);
    return lower(name);
}

namespace {

NamedAddresses follow(const DnsMessage& answer, const std::string& start) {
    NamedAddresses named{start, {}, {}};
    std::set<std::string> owners{start};
    // Records may stand in any order: repeat until the chain grows no more.
    for (bool grew = true; grew && owners.size() < 32;) {
        grew = false;
        for (const auto& record : answer.records) {
            const bool alias = record.type == cname || record.type == svcb || record.type == https;
            if (!alias || record.target.empty() || !owners.contains(record.owner) ||
                owners.contains(record.target))
                continue;
            owners.insert(record.target);
            named.aliases.push_back(record.target);
            grew = true;
        }
    }
    for (const auto& record : answer.records) {
        if (!owners.contains(record.owner)) continue;
        for (const auto& address : record.addresses) {
            if (std::find(named.addresses.begin(), named.addresses.end(), address) == named.addresses.end())
                named.addresses.push_back(address);
        }
    }
    return named;
}

}  // namespace

std::vector<NamedAddresses> named_by(const DnsMessage& answer) {
    std::vector<NamedAddresses> all;
    if (answer.questions.empty()) return all;
    const auto& question = answer.questions.front();
    all.push_back(follow(answer, question.name));
    for (const auto& record : answer.records) {
        if (record.type == srv && record.section == DnsRecord::Section::answer && !record.target.empty())
            all.push_back(follow(answer, record.target));
    }
    return all;
}

}  // namespace cambench::analysis
