#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/bytes.hpp"
#include "harness/core/result.hpp"

/// Messages of CoAP: datagrams (RFC 7252) with blocks (RFC 7959) and observation (RFC 7641).
namespace cambench {

struct CoapOption {
    static constexpr std::uint16_t uri_host = 3, etag = 4, observe = 6, location_path = 8, uri_path = 11,
                                   content_format = 12, uri_query = 15, accept = 17, block2 = 23, block1 = 27,
                                   size2 = 28, proxy_uri = 35, proxy_scheme = 39;
    std::uint32_t number = 0;
    ByteView value;
};

/// A block of a body: its number, its size, and whether more follow.
struct CoapBlock {
    std::uint32_t number = 0;
    bool more = false;
    unsigned exponent = 6;  ///< of the size, less 4
    [[nodiscard]] std::size_t size() const { return std::size_t{16} << exponent; }
    [[nodiscard]] std::uint32_t packed() const { return number << 4 | (more ? 8U : 0U) | exponent; }
};

struct CoapMessage {
    enum class Type : std::uint8_t { confirmable, non_confirmable, acknowledgement, reset };
    Type type = Type::confirmable;
    unsigned code = 0;  ///< class * 32 + detail
    std::uint16_t id = 0;
    ByteView token;
    std::vector<CoapOption> options;  ///< in order of their numbers
    ByteView payload;

    [[nodiscard]] bool is_request() const { return code >= 1 && code < 32; }
    [[nodiscard]] const CoapOption* option(std::uint16_t number) const;
    [[nodiscard]] std::optional<std::uint32_t> number_of(std::uint16_t option) const;
    [[nodiscard]] std::optional<CoapBlock> block(std::uint16_t option) const;
    /// The values of all options of that number, joined: "/a/b" of Uri-Path's parts with '/' before each,
    /// "x=1&y=2" of Uri-Query's with '&' between.
    [[nodiscard]] std::string path() const;
    [[nodiscard]] std::string query() const;
};

/// An error when it is none: another version, options that overrun, an empty payload behind its marker.
[[nodiscard]] Result<CoapMessage> parse_coap(ByteView datagram);

/// A request that hardly is anything else, whatever its port: a known method, known options, a path, query,
/// host or proxy in plain letters.
[[nodiscard]] bool is_surely_coap(ByteView datagram);

/// "GET", "POST", ...; "2.05" of an answer; "empty".
[[nodiscard]] std::string coap_code_name(unsigned code);

/// Writes a message; options must be given in order of their numbers.
class CoapWriter {
public:
    CoapWriter(CoapMessage::Type type, unsigned code, std::uint16_t id, ByteView token);
    CoapWriter& option(std::uint16_t number, ByteView value);
    CoapWriter& option(std::uint16_t number, std::uint32_t value);
    [[nodiscard]] Bytes take(ByteView payload);

private:
    ByteWriter writer_;
    std::uint16_t last_ = 0;
};

}  // namespace cambench
