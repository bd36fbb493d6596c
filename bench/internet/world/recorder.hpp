#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "bench/internet/world/json_text.hpp"
#include "harness/core/bytes.hpp"
#include "harness/core/time.hpp"

namespace cambench::internet {

using PayloadId = std::uint64_t;

/// Takes what the services saw. Nothing handed over is lost or reordered; a call may wait for a slow reader.
class Recorder {
public:
    virtual ~Recorder() = default;

    /// A stretch of foreign bytes that is kept whole. Between begin and end it grows by append; after the end
    /// it is named in exactly one event, which carries the content's hash and size.
    [[nodiscard]] virtual PayloadId begin_payload() = 0;
    virtual void append(PayloadId payload, ByteView bytes) = 0;
    virtual void end_payload(PayloadId payload) = 0;

    /// One event of lane "network" at `time` on the run's clock.
    virtual void event(Nanoseconds time, std::string_view kind, const JsonText& fields,
                       std::optional<PayloadId> payload = {}) = 0;
    /// One line of an NSS key log: opens a TLS session in Wireshark.
    virtual void tls_secret(std::string_view line) = 0;

    /// Returns when all of the above is out of this process. Before each answer: what a camera was told is on
    /// record, even if this process dies the moment after.
    virtual void hand_over() {}

    /// How many contents were ended so far: they are numbered by that, from 1.
    [[nodiscard]] virtual std::uint64_t contents() const { return 0; }
    enum class Kept { stored, pending, lost };
    /// What became of the contents after `first` up to `last`: a camera is told that its upload arrived when
    /// this says stored.
    [[nodiscard]] virtual Kept kept(std::uint64_t first, std::uint64_t last) const {
        (void)first, (void)last;
        return Kept::stored;
    }
};

/// A payload that ends with its owner at the latest; begins with its first byte.
class Payload {
public:
    explicit Payload(Recorder& recorder) : recorder_(&recorder) {}
    Payload(const Payload&) = delete;
    Payload& operator=(const Payload&) = delete;
    ~Payload() {
        if (id_) recorder_->end_payload(*id_);
    }

    void append(ByteView bytes) {
        if (bytes.empty()) return;
        if (!id_) id_ = recorder_->begin_payload();
        recorder_->append(*id_, bytes);
        size_ += bytes.size();
    }
    /// Ends it; nullopt when no byte came. Ready to begin anew.
    [[nodiscard]] std::optional<PayloadId> finish() {
        if (id_) recorder_->end_payload(*id_);
        size_ = 0;
        return std::exchange(id_, std::nullopt);
    }
    [[nodiscard]] std::uint64_t size() const { return size_; }

private:
    Recorder* recorder_;
    std::optional<PayloadId> id_;
    std::uint64_t size_ = 0;
};

}  // namespace cambench::internet
