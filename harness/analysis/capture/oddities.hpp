#pragma once

#include <cstdint>
#include <string_view>

#include "harness/core/bytes.hpp"

namespace cambench::analysis {

struct Packet;

/// What parts of a frame carry that nothing else here reads, in words for people; "" where they are what they
/// should be. Each byte that a camera can put on the wire is either judged, or is named by one of these, so
/// that a frame with it never counts as understood.
///
/// All are pure, and take parts that were recorded only in part for what they show.

/// `options`: what follows the first 20 bytes. Source routes lead to hosts that no address of the datagram
/// names.
[[nodiscard]] std::string_view odd_ipv4_options(ByteView options);
/// `content`: of a header of that kind, behind its length.
[[nodiscard]] std::string_view odd_ipv6_extension(std::uint8_t kind, ByteView content);
/// `header`: with its options. `length`: of what it carries.
[[nodiscard]] std::string_view odd_tcp_header(ByteView header, std::size_t length);
/// Everything behind `end` is there to make the frame long enough, or is its check sum.
[[nodiscard]] std::string_view odd_trailer(ByteView frame, std::size_t end);

/// Messages that keep a network in order (IGMP, neighbour discovery, MLD, DHCP, DNS, NTP, discovery): that
/// they are as long as they say, and of parts that have a meaning. `packet` is whole.
[[nodiscard]] std::string_view odd_content(const Packet& packet);
/// Frames of neither IP nor ARP: whether they keep a link in order and go no further than that.
[[nodiscard]] std::string_view odd_link_frame(const Packet& packet);

}  // namespace cambench::analysis
