#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "bench/sandbox/heartbeat.hpp"
#include "bench/sandbox/pcapng_writer.hpp"
#include "bench/sandbox/steady_stamps.hpp"
#include "bench/sandbox/wire.hpp"
#include "harness/core/file.hpp"

namespace cambench::sandbox {

/// Records every frame on the camera's wire, both ways, from the ring of an AF_PACKET socket into a pcapng
/// file.
class Capture {
public:
    struct Totals {
        std::uint64_t frames = 0;     ///< in the file
        std::uint64_t bytes = 0;      ///< size of the file
        std::uint64_t dropped = 0;    ///< by the kernel, the ring being full
        Nanoseconds clock_stepped{};  ///< how far the host's wall clock was set in the meantime; the frames'
                                      ///< stamps do not show it
        Status status;                ///< the first failure to write
    };

    /// `socket` comes from open_capture with a ring of `ring_bytes`. Frames are recorded when this returns,
    /// with stamps of the run's clock. `own`: the bench's own frames from the camera's side, which are told
    /// there instead of being written.
    [[nodiscard]] static Result<std::unique_ptr<Capture>> start(FileHandle socket, std::size_t ring_bytes,
                                                                const std::filesystem::path& file,
                                                                const std::string& interface,
                                                                const RunClock& clock,
                                                                std::shared_ptr<OwnFrames> own = nullptr);
    ~Capture();

    /// Thread-safe. A line of an NSS key log.
    void add_secret(std::string_view line);

    /// Thread-safe. Frames written so far.
    [[nodiscard]] std::uint64_t frames() const { return frames_; }

    /// Thread-safe. Who has sent frames from the camera's side so far.
    [[nodiscard]] std::vector<Sender> senders() const { return senders_.list(); }

    /// Thread-safe. The link of the interface that is recorded.
    [[nodiscard]] std::optional<Link> link() const { return read_link(socket_.get(), interface_); }

    /// Drains the ring, writes the counts and puts the secrets in front. Idempotent.
    [[nodiscard]] Totals stop();

private:
    explicit Capture(const RunClock& clock) : stamps_(clock) {}
    void record(const std::stop_token& stop);
    bool drain();
    void append_block(std::byte* block);
    void write_pending();

    FileHandle socket_;
    std::byte* ring_ = nullptr;
    std::size_t ring_bytes_ = 0;
    std::size_t block_count_ = 0;
    std::size_t next_block_ = 0;
    std::filesystem::path file_;
    std::string interface_;
    std::shared_ptr<OwnFrames> own_;
    Senders senders_;
    SteadyStamps stamps_;
    std::unique_ptr<PcapngWriter> writer_;
    std::mutex secrets_mutex_;
    std::string new_secrets_, all_secrets_;
    std::atomic<std::uint64_t> frames_ = 0;
    std::optional<Totals> totals_;
    Status status_;
    std::jthread thread_;
};

}  // namespace cambench::sandbox
