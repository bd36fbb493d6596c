#pragma once

#include <string>
#include <string_view>

namespace cambench {

/// What a word for a protocol, as people write it in declarations, means on the wire.
struct ProtocolWord {
    std::string wire;    ///< what its first bytes are: "tls" of "https"; of a word nobody knows, the word
    std::string inner;   ///< what stands inside that: "http" of "https"; "": left open
    bool known = false;  ///< a protocol of that name is known
    bool recognised = false;  ///< its first bytes are recognised whenever it is spoken
};

[[nodiscard]] ProtocolWord protocol_word(std::string_view declared);

/// Whether two protocols, by their names on the wire, belong to one session: RTSP and the RTP it asked for.
[[nodiscard]] bool are_kin(std::string_view one, std::string_view other);

/// The known word that a mistyped one is nearest to; "" when there is none.
[[nodiscard]] std::string nearest_protocol_word(std::string_view word);

/// Protocols by which others are carried, or by which somebody is let in: none of them is what a server of
/// reports, updates or the time needs, whatever it is wrapped in. By names on the wire.
[[nodiscard]] bool carries_or_lets_in(std::string_view wire);

}  // namespace cambench
