#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/bytes.hpp"
#include "harness/core/ip.hpp"
#include "harness/core/result.hpp"

/// DNS messages (RFC 1035, 6891) as far as a resolver needs them.
namespace cambench::internet::dns {

namespace type {
constexpr std::uint16_t a = 1, ns = 2, cname = 5, soa = 6, ptr = 12, mx = 15, txt = 16, aaaa = 28, srv = 33,
                        opt = 41, svcb = 64, https = 65, ixfr = 251, axfr = 252, any = 255;
}
enum class Code : std::uint8_t {
    noerror = 0,
    formerr = 1,
    servfail = 2,
    nxdomain = 3,
    notimp = 4,
    refused = 5,
    badvers = 16
};
[[nodiscard]] std::string_view to_string(Code code);        ///< "NOERROR"
[[nodiscard]] std::string type_name(std::uint16_t number);  ///< "A", "TYPE65" for unknown ones

struct Query {
    std::uint16_t id = 0;
    std::uint8_t opcode = 0;
    bool recursion_desired = false;
    std::string
        name;  ///< as asked, labels joined by '.', no trailing dot; "." for the root; odd bytes as \ddd
    Bytes wire_name;  ///< as asked, so that its case comes back
    std::uint16_t type = 0;
    std::uint16_t klass = 1;
    std::optional<std::uint16_t> edns_size;  ///< the asker takes EDNS and this many bytes
    std::uint8_t edns_version = 0;
};

/// A message that asks one question. An error when it is no DNS message, a response, or asks none or several.
[[nodiscard]] Result<Query> parse_query(ByteView message);

/// Wire form of a name written with dots; labels over 63 bytes are cut, the whole ends within 255 bytes.
[[nodiscard]] Bytes encode_name(std::string_view name);

/// Builds the answer to a query, record by record.
class Answer {
public:
    Answer(const Query& query, Code code);
    void set_code(Code code) { code_ = code; }
    void address(const IpAddress& address);
    void name(std::uint16_t record_type, std::string_view target);
    void text(std::string_view content);
    /// A record of any type with these bytes as its data.
    void raw(std::uint16_t record_type, ByteView data) { record(record_type, data); }
    void mail_exchange(std::uint16_t preference, std::string_view target);
    void service(std::uint16_t port, std::string_view target);
    /// SVCB or HTTPS (RFC 9460): this very name offers these protocols ("h2") at `port`, with its addresses
    /// as hints. 0: the usual port.
    void binding(std::uint16_t record_type, std::string_view target,
                 const std::vector<std::string>& protocols, std::uint16_t port,
                 const std::vector<IpAddress>& hints);
    /// In the authority section; call after the answers.
    void authority(std::string_view zone);

    /// At most `limit` bytes: otherwise only the question, marked truncated.
    [[nodiscard]] Bytes finish(std::size_t limit);

private:
    void record(std::uint16_t record_type, ByteView data);

    const Query& query_;
    Code code_;
    ByteWriter body_;
    std::uint16_t answers_ = 0, authorities_ = 0;
};

/// A message that cannot be understood, sent back as FORMERR or NOTIMP; empty when not even that is due
/// (responses, scraps).
[[nodiscard]] Bytes complaint(ByteView message, Code code);

}  // namespace cambench::internet::dns
