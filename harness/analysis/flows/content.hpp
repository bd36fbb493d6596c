#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/analysis/observations/observations.hpp"
#include "harness/core/bytes.hpp"

namespace cambench::analysis {

/// A mark that tells what bytes are: "JPEG picture", "H.264 video", "ELF program".
struct Mark {
    ContentKind kind = ContentKind::media;
    std::string_view what;
    std::size_t at = 0;
};

/// Where the bytes stand in their stream: some marks count only at the start of a file.
enum class Position { start, middle };

/// Marks of media and of code, each `what` once. Only marks of 40 bits and more, so that ciphertext shows
/// none by chance.
[[nodiscard]] std::vector<Mark> find_marks(ByteView bytes, Position position);

/// Commands for a shell in what a peer says to the camera; "" when there are none.
[[nodiscard]] std::string_view find_shell_commands(ByteView bytes);

/// A shell that the camera gives away, by what it `sent`. Certain: something that only a shell says in answer
/// to what it `received`, or its greeting or prompt beside lines of text with a command among them. Its
/// greeting or prompt alone is not certain. "": none.
struct GivenShell {
    std::string_view what;
    bool certain = true;
};
[[nodiscard]] GivenShell find_given_shell(ByteView sent, ByteView received);

/// A password or its like in clear, in what the camera says in `protocol`; "" when there is none.
[[nodiscard]] std::string_view find_credential(ByteView bytes, std::string_view protocol);

/// Payload of an echo request that no ping program makes: neither short, nor constant, nor counting, nor
/// repeated.
[[nodiscard]] bool is_odd_echo(ByteView payload);

/// Ping programs begin what they send with a time stamp: so long it is at most.
constexpr std::size_t echo_stamp = 16;

/// NTP's control messages as ntpq (mode 6) and ntpdc (mode 7) have them.
[[nodiscard]] bool is_ntp_control(ByteView datagram);

/// What follows the 48 bytes of an NTP packet and is neither a known extension field nor a message digest.
[[nodiscard]] std::size_t odd_ntp_bytes(ByteView datagram);

/// TUTK (Kalay), behind its scrambling: header 04 02, and a length that fits.
[[nodiscard]] bool is_tutk(ByteView datagram);

/// Recognises RTP by a run of datagrams: one source, numbers that count up.
class RtpSense {
public:
    void add(ByteView datagram);
    [[nodiscard]] bool is_rtp() const { return longest_run_ >= needed_run; }

private:
    static constexpr unsigned needed_run = 8;
    std::uint32_t source_ = 0;
    std::uint16_t number_ = 0;
    unsigned run_ = 0, longest_run_ = 0;
};

/// Texts that tell this camera from every other, and the ways in which they are written.
class Identifiers {
public:
    /// Texts shorter than six letters tell nothing.
    void add(std::string_view kind, std::string_view text);
    void add(const MacAddress& mac);

    struct Found {
        std::string what;  ///< "serial number (base64)"
        std::size_t at;
    };
    /// Each identifier at most once.
    [[nodiscard]] std::vector<Found> find(ByteView bytes) const;

private:
    struct Needle {
        std::string kind, writing, text;
    };
    void add_writings(std::string_view kind, std::string_view writing, std::string_view text);
    void keep(Needle needle);
    /// Where each needle first stands in `text`, or npos: all are looked for at once.
    [[nodiscard]] std::vector<std::size_t> places_in(std::string_view text) const;

    static constexpr std::size_t shortest = 6;  ///< of a needle
    std::vector<Needle> needles_;
    /// By two bytes: how far the end of a needle's first six bytes is from them at least; zero: they may be
    /// that end.
    std::vector<std::uint8_t> shifts_;
};

}  // namespace cambench::analysis
