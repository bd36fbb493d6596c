#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/core/bytes.hpp"
#include "harness/core/ip.hpp"
#include "harness/core/result.hpp"
#include "harness/wire/http_message.hpp"

/// SIP messages (RFC 3261), and what GB/T 28181 says in them.
namespace cambench::internet {

/// Whether these first bytes are SIP's: a request or an answer.
[[nodiscard]] Likeness sip_likeness(ByteView first_bytes);

struct SipHead {
    std::string method, uri;                                   ///< of a request
    unsigned status = 0;                                       ///< of an answer; 0: it is a request
    std::vector<std::pair<std::string, std::string>> headers;  ///< in order, compact names written out

    /// The first field of that name, compared without case; "" when there is none.
    [[nodiscard]] std::string_view header(std::string_view name) const;
    [[nodiscard]] std::vector<std::string_view> all(std::string_view name) const;
    [[nodiscard]] std::size_t body_size() const;  ///< as it states; 0 when it does not
};
[[nodiscard]] Result<SipHead> parse_sip_head(ByteView head);

/// "user", "host" and port of the first sip: or sips: address in a field or an URI; parts that are not there
/// are empty.
struct SipAddress {
    std::string user, host;
    std::uint16_t port = 0;
};
[[nodiscard]] SipAddress sip_address_in(std::string_view field);

/// A parameter `name=value` of a field, without quotes; "" without it.
[[nodiscard]] std::string parameter_in(std::string_view field, std::string_view name);

/// Where a session description wants each medium sent: its addresses and ports.
struct SdpTarget {
    std::string kind, profile, formats;  ///< "video", "RTP/AVP", "96 97"
    std::string address;                 ///< as stated: an address or a name
    std::uint16_t port = 0;
};
[[nodiscard]] std::vector<SdpTarget> sdp_targets(ByteView body);

/// The text of the first element of that name in a small XML document, such as MANSCDP's CmdType; "" without
/// one.
[[nodiscard]] std::string element_in(std::string_view document, std::string_view name);

/// Whether a name is one of a device by GB/T 28181: twenty digits.
[[nodiscard]] bool is_gb28181_id(std::string_view user);

}  // namespace cambench::internet
