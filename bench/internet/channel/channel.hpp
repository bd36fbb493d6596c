#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "bench/internet/world/recorder.hpp"
#include "harness/core/event.hpp"
#include "harness/core/result.hpp"
#include "harness/core/time.hpp"

/// The channel between the fake internet's process and the engine: a unix stream socket with frames
/// `u32 length of the body, u8 type, body` in network order.
namespace cambench::internet {

enum class FrameType : std::uint8_t {
    event = 1,      ///< see event_frame.hpp
    payload_begin,  ///< u64 id
    payload_bytes,  ///< u64 id, content
    payload_end,    ///< u64 id
    tls_secret,     ///< one line of an NSS key log
    ready,          ///< everything is served from now on
    fault,          ///< text: the process cannot do its work; the run is an ERROR
    done,           ///< the last frame after "finish"
    pulse,          ///< u64: the number of a heartbeat that was heard as the camera's datagrams are
    command = 64,   ///< engine -> internet: a JSON object with "command"
    kept = 65,  ///< engine -> internet: u64 how many contents are settled, then the u64 number of each that
                ///< could not be stored
};

struct Frame {
    FrameType type;
    ByteView body;  ///< valid until the parser is asked for room
};

/// Cuts a stream into frames.
class FrameParser {
public:
    /// Where the next bytes of the stream go; filled() says how many came.
    [[nodiscard]] std::span<std::byte> room();
    void filled(std::size_t bytes) { end_ += bytes; }
    /// nullopt: more bytes are needed. An error when a frame is longer than any of ours: the stream is
    /// useless from there on.
    [[nodiscard]] Result<std::optional<Frame>> next();

private:
    Bytes buffer_;
    std::size_t start_ = 0, end_ = 0;  ///< what is not yet cut
};

/// The fake internet's end. Collects frames; the event loop writes them out with flush_some(). When the
/// engine is slow and much is collected, the call that adds more waits: memory is bounded and nothing is
/// lost.
class ChannelWriter final : public Recorder {
public:
    /// `socket` stays the caller's. `wake` is called when frames wait that flush_some() should write soon.
    ChannelWriter(int socket, std::function<void()> wake);

    PayloadId begin_payload() override;
    void append(PayloadId payload, ByteView bytes) override;
    void end_payload(PayloadId payload) override;
    void event(Nanoseconds time, std::string_view kind, const JsonText& fields,
               std::optional<PayloadId> payload = {}) override;
    void tls_secret(std::string_view line) override;
    void hand_over() override { flush_all(); }
    [[nodiscard]] std::uint64_t contents() const override { return contents_; }
    [[nodiscard]] Kept kept(std::uint64_t first, std::uint64_t last) const override;
    /// The body of a frame of type kept. An error when the engine cannot have said so.
    [[nodiscard]] Status take_kept(ByteView body);
    void ready();
    void fault(std::string_view text);
    void done();
    void pulse(std::uint64_t number);

    enum class Flushed { all, partly };
    Flushed flush_some();
    /// Waits until all is written or the engine is gone.
    void flush_all();
    /// The engine closed its end: whatever is recorded from now on is dropped.
    [[nodiscard]] bool broken() const { return broken_; }

private:
    void begin_frame(FrameType type, std::size_t body_size);
    void put_u64(std::uint64_t value);
    void put(std::string_view text) { buffer_.append(text); }
    void end_frame();
    void send_with(ByteView piece);
    void await_room() const;

    int socket_;
    std::function<void()> wake_;
    std::string buffer_;
    std::size_t written_ = 0;
    PayloadId last_payload_ = 0;
    std::uint64_t contents_ = 0, settled_ = 0;  ///< ended; answered for by the engine
    std::set<std::uint64_t> lost_;
    bool woken_ = false;
    bool broken_ = false;
};

/// Where the engine's end delivers. Called from the channel's own thread.
struct ChannelHandlers {
    EventSink* events =
        nullptr;  ///< events of lane "network", with "payload" (SHA-256) and "payload_bytes" filled in
    std::filesystem::path payload_directory;  ///< exists; receives one file per content, named by its SHA-256
    std::function<void(std::string_view line)> tls_secret;  ///< one key log line, without newline
    std::function<void(std::uint64_t number)> pulse = {};   ///< it heard that heartbeat
    std::function<void(Error)> fault;  ///< the process reported trouble, or content could not be stored
};

/// The engine's end: reads in a thread of its own until the other end closes.
class EngineChannel {
public:
    /// Takes ownership of `socket`.
    EngineChannel(int socket, ChannelHandlers handlers);
    ~EngineChannel();  ///< closes the channel, which ends the fake internet, and waits for the thread

    /// Until the fake internet serves.
    [[nodiscard]] Status await_ready(Deadline deadline);
    /// {"command": "set-clock", ...}; see bench/internet/README.md. Thread-safe.
    [[nodiscard]] Status send(const Json& command);
    /// Asks for the end and waits until the last event and the last byte arrived.
    [[nodiscard]] Status finish(Deadline deadline);
    /// Whether the other end has closed: without finish() before, the process died.
    [[nodiscard]] bool closed() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace cambench::internet
