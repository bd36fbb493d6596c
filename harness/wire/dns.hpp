#pragma once

#include <string>
#include <vector>

#include "harness/core/bytes.hpp"
#include "harness/core/ip.hpp"
#include "harness/core/result.hpp"

namespace cambench::analysis {

struct DnsRecord {
    enum class Section { answer, authority, additional } section = Section::answer;
    std::string owner;
    std::uint16_t type = 0;
    std::uint32_t ttl = 0;
    std::vector<IpAddress> addresses;  ///< A, AAAA; address hints of SVCB and HTTPS
    std::string target;                ///< CNAME, DNAME, PTR, SRV, MX
    std::uint16_t port = 0;            ///< SRV
};

struct DnsMessage {
    std::uint16_t id = 0;
    bool response = false;
    std::uint8_t opcode = 0;
    int rcode = 0;
    bool truncated = false;
    struct Question {
        std::string name;
        std::uint16_t type = 0;
    };
    std::vector<Question> questions;
    std::vector<DnsRecord> records;
};

/// RFC 1035. Names come in lower case without the trailing dot; bytes that are no plain letters of a name,
/// and dots inside a label, as \DDD, so that two names are equal only if they are. Fails when the header, a
/// question or a record is torn.
[[nodiscard]] Result<DnsMessage> parse_dns(ByteView bytes);

/// As parse_dns, but what was read before the damage counts (truncated answers, snap length). Needs a whole
/// question.
[[nodiscard]] Result<DnsMessage> parse_dns_start(ByteView bytes);

/// Whether bytes on a port that is not DNS's own are DNS all the same: sane header, one plain question,
/// little else.
[[nodiscard]] bool looks_like_dns(ByteView bytes);

/// "A", "AAAA", "TYPE65400"
[[nodiscard]] std::string dns_type_name(std::uint16_t type);

/// A name as it is compared: lower case, no trailing dot.
[[nodiscard]] std::string plain_name(std::string_view name);

/// The addresses that an answer gives to its question's name: owner must be on the CNAME chain from it.
/// Targets of SRV records in the answer count with their addresses.
struct NamedAddresses {
    std::string name;  ///< the name asked for, or an SRV target
    std::vector<std::string> aliases;
    std::vector<IpAddress> addresses;
};
[[nodiscard]] std::vector<NamedAddresses> named_by(const DnsMessage& answer);

}  // namespace cambench::analysis
