#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/bytes.hpp"
#include "harness/core/event.hpp"
#include "harness/core/result.hpp"
#include "harness/wire/http_message.hpp"

/// RTMP (Adobe's specification 1.0) as far as a server needs it that takes published streams.
namespace cambench::internet::rtmp {

constexpr std::size_t handshake_size = 1536;  ///< of C1, C2, S1 and S2

/// Whether these first bytes are C0 and C1.
[[nodiscard]] Likeness likeness(ByteView first_bytes, std::uint16_t port);

enum class Kind : std::uint8_t {
    set_chunk_size = 1,
    abort = 2,
    acknowledgement = 3,
    user_control = 4,
    window_size = 5,
    peer_bandwidth = 6,
    audio = 8,
    video = 9,
    data3 = 15,
    command3 = 17,
    data0 = 18,
    command0 = 20
};

struct Message {
    Kind kind = Kind::command0;
    std::uint32_t timestamp = 0;  ///< ms
    std::uint32_t stream = 0;
    Bytes content;
};

/// Puts a client's messages together from chunks; obeys its changes of the chunk size.
class ChunkReader {
public:
    using Take = std::function<void(Message message)>;
    /// An error when the stream cannot be followed any more.
    [[nodiscard]] Status feed(ByteView bytes, const Take& take);

private:
    struct Fields {
        std::uint32_t timestamp = 0, delta = 0, length = 0, stream = 0;
        std::uint8_t kind = 0;
        bool extended = false;
    };
    struct Channel {
        Fields fields;
        Bytes begun;  ///< of a message
    };
    struct Head {
        unsigned format = 0;
        std::uint32_t channel = 0;
        std::size_t size = 0;
    };
    /// nullopt: more bytes are needed.
    [[nodiscard]] Result<std::optional<std::size_t>> take_chunk(ByteView bytes, const Take& take);
    [[nodiscard]] static std::optional<Head> read_head(ByteReader& reader);
    static void read_fields(ByteReader& reader, unsigned format, bool begins, Fields& fields);

    Bytes pending_;
    std::map<std::uint32_t, Channel> channels_;
    std::size_t chunk_size_ = 128, held_ = 0;
};

/// One message as a server sends it, in chunks of 128 bytes.
[[nodiscard]] std::string chunks(Kind kind, std::uint32_t channel, std::uint32_t stream,
                                 std::string_view content);

/// The AMF0 values of a command or of metadata; what cannot be read ends the list. Numbers, texts, flags,
/// null, objects, arrays.
[[nodiscard]] std::vector<Json> parse_amf0(ByteView bytes);
[[nodiscard]] std::string amf0(const Json& value);

/// A tag of an FLV file with its trailing size.
[[nodiscard]] Bytes flv_tag(Kind kind, std::uint32_t timestamp, ByteView content);
[[nodiscard]] Bytes flv_header();
[[nodiscard]] std::string_view video_codec(ByteView video_message);  ///< "" when unknown
[[nodiscard]] std::string_view audio_codec(ByteView audio_message);

}  // namespace cambench::internet::rtmp
